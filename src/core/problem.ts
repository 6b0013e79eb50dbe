/** Where in a document: keys and indexes from the root, as in a JSON Pointer. */
export type DocumentPath = readonly (string | number)[];

/** Something wrong with a configuration document: what, where, and how to mend it. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly path: DocumentPath;
  /** What is wrong, one sentence, without the place. */
  readonly message: string;
  /** How to mend it, one sentence. */
  readonly mend?: string;
  /** Point at the key instead of its value. */
  readonly atKey?: boolean;
}

/** A secret that a template names. */
export interface SecretUse {
  readonly name: string;
  /** Of the template. */
  readonly path: DocumentPath;
  /** The expression has a value without it too: `secrets.?NAME`, `has(secrets.NAME)`. */
  readonly copes: boolean;
}

/** Hears what is found while a document is compiled. Handed on as it is, so that its member is not lost. */
export interface Report {
  (problem: Problem): void;
  /** Hears of every secret that a template names; nobody does when absent. */
  readonly secret?: (use: SecretUse) => void;
}

export interface Location {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

export interface LocatedProblem extends Problem, Location {}

/** The document path as people write it: `tools[2].request.path`. */
export function formatPath(path: DocumentPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}
