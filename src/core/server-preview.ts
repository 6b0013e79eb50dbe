import type { DocumentRef } from "./config-store.ts";
import type { LocatedProblem } from "./problem.ts";

/** The protocol revisions that a server can be looked at in, oldest first. */
export const previewRevisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"] as const;
export type PreviewRevision = (typeof previewRevisions)[number];

/** How much something is: of the wire, and of a model's context. */
export interface TextSize {
  /** Bytes of UTF-8. */
  readonly bytes: number;
  /** Tokens of the encoding `o200k_base`; other models count a little differently. */
  readonly tokens: number;
}

/** One result as clients get it. */
export interface PreviewedResult extends TextSize {
  /** JSON text of the result, byte for byte. */
  readonly text: string;
}

export interface PreviewedEntry extends TextSize {
  /** Name, URI or URI template. */
  readonly name: string;
}

/** A list as clients get it, page by page. The size is that of all pages. */
export interface PreviewedList extends TextSize {
  readonly pages: readonly PreviewedResult[];
  /** In the order of the list; the size of each is that of its definition. */
  readonly entries: readonly PreviewedEntry[];
}

/** An upstream whose offers are not in the preview. */
export interface NotAsked {
  /** Key of the upstream in the document. */
  readonly upstream: string;
  readonly reason: string;
}

export interface ServerPreview {
  readonly revision: PreviewRevision;
  /** Of `initialize`; of `server/discover` in 2026-07-28. */
  readonly introduction: PreviewedResult;
  readonly tools: PreviewedList;
  readonly prompts: PreviewedList;
  readonly resources: PreviewedList;
  readonly resourceTemplates: PreviewedList;
  /** Of everything above. */
  readonly total: TextSize;
  /** MCP upstreams that nobody has listed here: a preview never connects or starts anything. */
  readonly notAsked: readonly NotAsked[];
  /** Warnings; a document with errors has no preview. */
  readonly problems: readonly LocatedProblem[];
}

export interface PreviewRequest extends DocumentRef {
  /** YAML of the document, saved or not. Its tenant and name must be those of the request. */
  readonly text: string;
  readonly revision: PreviewRevision;
}

/** Shows what clients see of a document, made by the code that answers them. Nothing is connected or started. */
export interface ServerPreviewer {
  /**
   * As an anonymous client sees it. Calls may overlap. Fails with `unprocessable` (`data.problems`) for a document
   * with errors, `payload_too_large` when there is more to see than can be shown, `overloaded`.
   */
  preview(request: PreviewRequest): Promise<ServerPreview>;
}
