import * as z from "zod";
import type { DocumentVersion, ListQuery } from "../../../core/config-store.ts";
import { AppError } from "../../../core/errors.ts";
import type { Page, PageQuery } from "../../../core/page.ts";

const documentCursor = z.tuple([z.string(), z.string()]);
const versionCursor = z.tuple([z.int().min(1)]);

/** Documents by tenant and name. */
export function pageOfDocuments(heads: ReadonlyMap<string, DocumentVersion>, query: ListQuery): Page<DocumentVersion> {
  const after = query.cursor === undefined ? undefined : readCursor(documentCursor, query.cursor);
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
  const [before] = query.cursor === undefined ? [undefined] : readCursor(versionCursor, query.cursor);
  const found = versions.filter(({ version }) => before === undefined || version < before).reverse();
  return pageOf(found, query.limit, ({ version }) => [version]);
}

function pageOf<T>(found: readonly T[], limit: number, placeOf: (item: T) => unknown): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined || items.length === found.length) return { items };
  return { items, nextCursor: Buffer.from(JSON.stringify(placeOf(last))).toString("base64url") };
}

function readCursor<T>(schema: z.ZodType<T>, cursor: string): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (cause) {
    throw new AppError("bad_request", "The cursor is not one of this list.", { cause });
  }
}

function compare(
  [tenant, name]: readonly [string, string],
  [otherTenant, otherName]: readonly [string, string],
): number {
  if (tenant !== otherTenant) return tenant < otherTenant ? -1 : 1;
  if (name === otherName) return 0;
  return name < otherName ? -1 : 1;
}
