import { type Kysely, sql } from "kysely";
import type { DocumentRef, DocumentVersion, ListQuery } from "../../../core/config-store.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursor.ts";
import { isDocumentRef } from "../../../core/document-rules.ts";
import type { Page, PageQuery } from "../../../core/page.ts";
import type { Tables } from "../tables.ts";
import { toVersion, type VersionRow, versionColumns } from "./document-rows.ts";

/** As `ConfigStore.list`. */
export async function listDocuments(db: Kysely<Tables>, query: ListQuery): Promise<Page<DocumentVersion>> {
  const { limit, cursor, tenants, state = "current" } = query;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, isNamePosition);
  // Names have no capitals.
  const search = query.search?.toLowerCase() ?? "";
  if (tenants?.length === 0 || !/^[a-z0-9._-]*$/.test(search)) return { items: [] };
  let select = db
    .selectFrom("documents as d")
    .innerJoin("document_versions as v", (join) =>
      join.onRef("v.tenant", "=", "d.tenant").onRef("v.name", "=", "d.name").onRef("v.version", "=", "d.version"),
    )
    .select(versionColumns)
    .where("d.is_deleted", "=", state === "deleted" ? 1 : 0);
  if (tenants !== undefined) select = select.where("d.tenant", "in", tenants.filter(isTenant));
  if (search !== "") select = select.where(sql<boolean>`d.name like ${likePattern(search)} escape '!'`);
  if (after !== undefined) {
    const [tenant, name] = after;
    select = select
      // Says no more than the next line does, but finds its beginning in the key.
      .where("d.tenant", ">=", tenant)
      .where((eb) =>
        eb.or([eb("d.tenant", ">", tenant), eb.and([eb("d.tenant", "=", tenant), eb("d.name", ">", name)])]),
      );
  }
  const rows = await select
    .orderBy("d.tenant")
    .orderBy("d.name")
    .limit(limit + 1)
    .execute();
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
