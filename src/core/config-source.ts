import type { ServerDocument } from "./config/document.ts";
import type { DocumentPath, LocatedProblem, Location } from "./problem.ts";

/**
 * One document as it was found, whether it can be served or not. `document` and `problems` may be read from the text
 * when they are asked for, which takes milliseconds; whoever needs the document more than once holds it.
 */
export interface SourceDocument {
  /** Stable identity of the place it came from, such as `servers/crm.yaml#0`. */
  readonly key: string;
  /** Hash of the text; equal hashes mean an equal document. */
  readonly hash: string;
  /** The checked document; absent when it has an error. */
  readonly document: ServerDocument | undefined;
  /** Problems that reading and the schema found; errors exactly when `document` is absent. */
  readonly problems: readonly LocatedProblem[];
  /** Absolute path of the folder that relative paths of the document start from; absent when it has none. */
  readonly baseDirectory?: string;
  /** Where a path of the document stands in its source; the closest parent when it is absent. */
  locate(path: DocumentPath, atKey?: boolean): Location;
}

export interface ConfigRead {
  readonly documents: readonly SourceDocument[];
  /** Hash over all documents; equal revisions mean equal configuration. */
  readonly revision: string;
  /** Revision of the store that documents come from, for reports; absent when none do. */
  readonly storeRevision?: number;
}

/**
 * Reads all configuration. Calls never overlap. Reading must not block the event loop for long: it
 * yields between documents and reuses unchanged ones of the read before.
 * Fails with `AppError("invalid_configuration")` only when nothing can be read at all (missing path).
 */
export interface ConfigReader {
  /**
   * @param onDocument called with each document of the answer, in its order, as soon as it is read.
   *   The time it takes counts as reading: the reader yields to the event loop after it when due.
   */
  read(onDocument?: (document: SourceDocument) => void): Promise<ConfigRead>;
}

/** Tells that configuration may have changed. A hint only: the reader's answer is the truth. */
export interface ConfigNotifier {
  /** Calls `listener` after each hint until `close`. One subscriber. */
  start(listener: () => void): void;
  close(): Promise<void>;
}

/** Resolves `secrets.NAME`. Absent is `undefined`. Values never leave it through a log or an error. */
export interface SecretSource {
  get(name: string): string | undefined;
}

/** The secrets of each tenant. A document sees those of its own tenant and no others. */
export interface TenantSecrets {
  /** The same object for the same tenant, so that it can be kept; its values may change at `refresh`. */
  forTenant(tenant: string): SecretSource;
  /** Reads secrets that are kept elsewhere; before each reload. Fails with `unavailable`; the known values stay. */
  refresh(): Promise<void>;
}

/** For configuration of one owner, such as files: every tenant sees the same secrets, and none are kept elsewhere. */
export function sameForAll(secrets: SecretSource): TenantSecrets {
  return { forTenant: () => secrets, refresh: async () => undefined };
}
