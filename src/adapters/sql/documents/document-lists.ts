import { type Kysely, sql } from "kysely";
import type { DocumentRef, DocumentVersion, ListQuery } from "../../../core/config-store.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursor.ts";
import { isDocumentRef } from "../../../core/document-rules.ts";
import type { Page, PageQuery } from "../../../core/page.ts";
import type { Tables } from "../tables.ts";
import { selectHeads, toVersion, type VersionRow, versionColumns } from "./document-rows.ts";

/** As `ConfigStore.list`. */
export async function listDocuments(db: Kysely<Tables>, query: ListQuery): Promise<Page<DocumentVersion>> {
  const { limit, cursor, tenants, state = "current" } = query;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, isNamePosition);
  // Names have no capitals.
  const search = query.search?.toLowerCase() ?? "";
  if (tenants?.length === 0 || !/^[a-z0-9._-]*$/.test(search)) return { items: [] };
  let heads = db
    .selectFrom("documents")
    .select(["tenant", "name", "version"])
    // Not `= 0`: PostgreSQL takes an equality for rare until it has statistics of the table, and sorts all documents
    // for a page instead of reading it from the key.
    .where("is_deleted", state === "deleted" ? "=" : "<>", 1);
  if (tenants !== undefined) heads = heads.where("tenant", "in", tenants.filter(isTenant));
  if (search !== "") heads = heads.where(sql<boolean>`name like ${likePattern(search)} escape '!'`);
  if (after !== undefined) {
    const [tenant, name] = after;
    heads = heads
      // Says no more than the next line does, but finds its beginning in the key.
      .where("tenant", ">=", tenant)
      .where((eb) => eb.or([eb("tenant", ">", tenant), eb.and([eb("tenant", "=", tenant), eb("name", ">", name)])]));
  }
  const page = heads
    .orderBy("tenant")
    .orderBy("name")
    .limit(limit + 1);
  // Joined after it was limited: a database that does not know its tables yet would join all of them.
  const rows = await selectHeads(db, page).select(versionColumns).orderBy("v.tenant").orderBy("v.name").execute();
  return toPage(rows, limit, ({ tenant, name }) => [tenant, name]);
}

/** As `ConfigStore.history`. */
export async function listVersions(
  db: Kysely<Tables>,
  ref: DocumentRef,
  { limit, cursor }: PageQuery,
): Promise<Page<DocumentVersion>> {
  const before = cursor === undefined ? undefined : decodeCursor(cursor, isVersionPosition);
  if (!isDocumentRef(ref)) return { items: [] };
  let select = db
    .selectFrom("document_versions as v")
    .select(versionColumns)
    .where("v.tenant", "=", ref.tenant)
    .where("v.name", "=", ref.name);
  if (before !== undefined) select = select.where("v.version", "<", before[0]);
  const rows = await select
    .orderBy("v.version", "desc")
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, ({ version }) => [version]);
}

function toPage(
  rows: readonly VersionRow[],
  limit: number,
  positionOf: (row: VersionRow) => NamePosition | VersionPosition,
): Page<DocumentVersion> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const isLastPage = rows.length <= limit || last === undefined;
  return { items: items.map(toVersion), ...(isLastPage ? {} : { nextCursor: encodeCursor(positionOf(last)) }) };
}

type NamePosition = readonly [tenant: string, name: string];
type VersionPosition = readonly [version: number];

function isNamePosition(value: unknown): value is NamePosition {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [tenant, name]: unknown[] = value;
  return typeof tenant === "string" && typeof name === "string" && isDocumentRef({ tenant, name });
}

function isVersionPosition(value: unknown): value is VersionPosition {
  return Array.isArray(value) && value.length === 1 && Number.isSafeInteger(value[0]);
}

function isTenant(tenant: string): boolean {
  return isDocumentRef({ tenant, name: tenant });
}

function likePattern(text: string): string {
  return `%${text.replaceAll(/[!%_]/g, "!$&")}%`;
}
