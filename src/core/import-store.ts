import type { Author, DocumentRef } from "./config-store.ts";
import type { JsonObject } from "./json.ts";

/** What has to be known of an import to do it again. Holds no secrets. */
export interface StoredImport {
  /** Kind of the description. */
  readonly kind: "openapi";
  /** What it is called: the address without its query, or a name that was given with a text. */
  readonly source: string;
  /** Where it can be fetched again; absent when it came as a text, or its address holds what may be a key. */
  readonly address?: string;
  /** What was chosen, in the terms of the importer. */
  readonly choices: JsonObject;
  /** Names of the tools by `METHOD /path`. */
  readonly names: Readonly<Record<string, string>>;
  /** What was made, before anybody edited it. */
  readonly document: JsonObject;
  /** SHA-256 in hex. */
  readonly descriptionHash: string;
  /** Milliseconds since 1970. */
  readonly importedAt: number;
  readonly importedBy: Author;
}

/**
 * Keeps which servers were imported, and from what. Records go with their tenant. Calls may overlap. Errors:
 * `unavailable` when the store does not answer.
 */
export interface ImportStore {
  /** Undefined when the server was not imported. */
  get(server: DocumentRef): Promise<StoredImport | undefined>;
  /** In place of the one before. */
  put(server: DocumentRef, imported: StoredImport): Promise<void>;
  /** Of no consequence when there is none. */
  delete(server: DocumentRef): Promise<void>;
}
