import type { DocumentVersion, ListQuery } from "../../../core/config-store.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursor.ts";
import { isDocumentRef } from "../../../core/document-rules.ts";
import type { Page, PageQuery } from "../../../core/page.ts";

/** Documents by tenant and name. */
export function pageOfDocuments(heads: ReadonlyMap<string, DocumentVersion>, query: ListQuery): Page<DocumentVersion> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, isNamePosition);
  const search = query.search?.toLowerCase();
  const found = [...heads.values()].filter(
    ({ tenant, name, change }) =>
      (change === "delete") === (query.state === "deleted") &&
      (query.tenants === undefined || query.tenants.includes(tenant)) &&
      (search === undefined || name.includes(search)) &&
      (after === undefined || compare([tenant, name], after) > 0),
  );
  found.sort((a, b) => compare([a.tenant, a.name], [b.tenant, b.name]));
  return pageOf(found, query.limit, ({ tenant, name }) => [tenant, name]);
}

/** Versions of a document, newest first. */
export function pageOfVersions(versions: readonly DocumentVersion[], query: PageQuery): Page<DocumentVersion> {
  const [before] = query.cursor === undefined ? [undefined] : decodeCursor(query.cursor, isVersionPosition);
  const found = versions.filter(({ version }) => before === undefined || version < before).toReversed();
  return pageOf(found, query.limit, ({ version }) => [version]);
}

function pageOf<T>(
  found: readonly T[],
  limit: number,
  positionOf: (item: T) => NamePosition | VersionPosition,
): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined || items.length === found.length) return { items };
  return { items, nextCursor: encodeCursor(positionOf(last)) };
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

function compare([tenant, name]: NamePosition, [otherTenant, otherName]: NamePosition): number {
  if (tenant !== otherTenant) return tenant < otherTenant ? -1 : 1;
  if (name === otherName) return 0;
  return name < otherName ? -1 : 1;
}
