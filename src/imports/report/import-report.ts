/** What was changed or could not be kept, in one sentence, and what to do. */
export interface ImportNote {
  /** Stable, kebab-case: `style-not-supported`. */
  readonly code: string;
  /** Sentences: what, why, how to mend. */
  readonly message: string;
  /** JSON pointer into the description, or the line of a text format. */
  readonly pointer?: string;
}

/** One operation, upstream or tool of what was imported. */
export interface ReportedEntry {
  /** `left-out`: it was not chosen. */
  readonly outcome: "taken" | "changed" | "refused" | "left-out";
  /** As the description names it: `GET /pets/{id}`, `mcpServers.github`. */
  readonly source: string;
  /** Name in the document. */
  readonly tool?: string;
  /** What its definition takes of a model's context. */
  readonly tokens?: number;
  readonly notes: readonly ImportNote[];
}

/** What an import made of each entry; the same for every importer. */
export interface ImportReport {
  readonly entries: readonly ReportedEntry[];
  /** About the whole. */
  readonly notes: readonly ImportNote[];
}
