import { type AliasableExpression, type Expression, type SqlBool, sql } from "kysely";
import { AppError } from "../../core/errors.ts";
import type { Page, PageQuery } from "../../core/page.ts";

/** A page of rows that are in the order of one text; ask the database for `limit + 1` of them. */
export function toPage<Row, T>(
  rows: readonly Row[],
  { limit }: PageQuery,
  convert: { readonly item: readonly T[]; readonly position: (row: Row) => string },
): Page<T> {
  const items = convert.item.slice(0, limit);
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return { items };
  return { items, nextCursor: Buffer.from(convert.position(last)).toString("base64url") };
}

/** The position that a cursor of `toPage` stands for; @throws AppError `bad_request` */
export function readCursor(cursor: string): string {
  const position = Buffer.from(cursor, "base64url").toString();
  const isOurs = position !== "" && Buffer.from(position).toString("base64url") === cursor;
  if (isOurs && !position.includes("\0")) return position;
  throw new AppError("bad_request", "The cursor is none of this list. Ask for the first page without one.");
}

/** Whether a column contains a text, whatever the case of ASCII letters; `%` and `_` are themselves. */
export function containsText(
  column: Expression<string> | AliasableExpression<string>,
  text: string,
): Expression<SqlBool> {
  const pattern = `%${text.toLowerCase().replace(/[!%_]/g, "!$&")}%`;
  return sql<SqlBool>`lower(${column}) like ${pattern} escape '!'`;
}
