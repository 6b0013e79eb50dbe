import { createHash } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
import type { DocumentRef, DocumentSummary, DocumentVersion, StoredVersion } from "../../../core/config-store.ts";
import type { Tables } from "../tables.ts";
import type { DocumentTables } from "./document-tables.ts";

export type StoredRow = Selectable<DocumentTables["document_versions"]>;
export type VersionRow = Omit<StoredRow, "text">;

export const noTags = "[]";

/** All but the text, of `document_versions as v`. */
export const versionColumns = [
  "v.tenant",
  "v.name",
  "v.version",
  "v.revision",
  "v.change",
  "v.hash",
  "v.author_id",
  "v.author_name",
  "v.message",
  "v.saved_at",
  "v.tags",
  "v.summary",
] as const;

/** The newest version, as far as the transaction sees; undefined when the document never was. */
export async function newestVersion(db: Kysely<Tables>, ref: DocumentRef): Promise<DocumentVersion | undefined> {
  const row = await db
    .selectFrom("document_versions as v")
    .select(versionColumns)
    .where("v.tenant", "=", ref.tenant)
    .where("v.name", "=", ref.name)
    .orderBy("v.version", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : toVersion(row);
}

export function toVersion(row: VersionRow): DocumentVersion {
  return {
    tenant: row.tenant,
    name: row.name,
    version: row.version,
    revision: row.revision,
    change: row.change,
    hash: row.hash,
    author: { id: row.author_id, name: row.author_name },
    message: row.message,
    savedAt: row.saved_at,
    tags: readTags(row),
    // `toRow` wrote it.
    ...(row.summary === null ? {} : { summary: JSON.parse(row.summary) as DocumentSummary }),
  };
}

export function toStored(row: StoredRow): StoredVersion {
  return { ...toVersion(row), text: row.text ?? undefined };
}

export function toRow(stored: StoredVersion): StoredRow {
  const { author, savedAt, summary, tags, text, ...same } = stored;
  return {
    tenant: same.tenant,
    name: same.name,
    version: same.version,
    revision: same.revision,
    change: same.change,
    hash: hashOf(text),
    author_id: author.id,
    author_name: author.name,
    message: same.message,
    saved_at: savedAt,
    tags: JSON.stringify(tags),
    summary: summary === undefined ? null : JSON.stringify(summary),
    text: text ?? null,
  };
}

export function readTags({ tags }: { readonly tags: string }): readonly string[] {
  return JSON.parse(tags) as readonly string[]; // written by this program alone
}

/** As `DocumentVersion.hash`. */
export function hashOf(text: string | undefined): string {
  return text === undefined ? "" : createHash("sha256").update(text).digest("hex");
}
