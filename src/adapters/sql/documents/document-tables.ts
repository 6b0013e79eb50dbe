import type { VersionChange } from "../../../core/config-store.ts";

export interface DocumentTables {
  /** One row for each document that ever was: its newest version. */
  documents: { tenant: string; name: string; version: number; revision: number; is_deleted: number };
  document_versions: {
    tenant: string;
    name: string;
    version: number;
    revision: number;
    change: VersionChange;
    hash: string;
    author_id: string;
    author_name: string;
    message: string;
    saved_at: number;
    /** A JSON list; `[]` when there are none. */
    tags: string;
    summary: string | null;
    text: string | null;
  };
}
