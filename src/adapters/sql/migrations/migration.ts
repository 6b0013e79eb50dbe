import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { SqlTraits } from "../sql-dialects.ts";

/** What a step may use; tables of the past are not those of `Tables`, so names are plain texts here. */
export interface MigrationContext {
  // Kysely types a database whose tables are not known as `any`-keyed; this is its documented form.
  readonly db: Kysely<unknown>;
  readonly traits: SqlTraits;
}

/** One change of the schema: a single statement where it defines tables, since MySQL commits each. */
export interface MigrationStep {
  /** `NNNN-words`: numbers order the steps, never change and are never used again. */
  readonly name: string;
  up(context: MigrationContext): Promise<void>;
}

/** Types of columns that mean the same in the three databases. */
export const columns = {
  /** A text that is compared or indexed, at most 191 characters. */
  key: sql`varchar(191)`,
  /** A name of a document, tenant or secret, at most 64 characters. */
  name: sql`varchar(64)`,
  /** A whole number: times in milliseconds since 1970, versions, 0 and 1. */
  integer: sql`bigint`,
} as const;

/** A name as in `columns.name` that is also sorted byte by byte, so that lists have one order everywhere. */
export function exactName({ byteOrder }: SqlTraits) {
  return byteOrder === "" ? columns.name : sql`varchar(64) ${sql.raw(byteOrder)}`;
}

/** A text of any length. */
export function longText({ longText: type }: SqlTraits) {
  return sql.raw(type);
}

/** A table whose texts compare byte by byte. */
export function createTable({ db, traits }: MigrationContext, name: string): CreateTableBuilder<string, never> {
  const table = db.schema.createTable(name);
  return traits.tableSuffix === "" ? table : table.modifyEnd(sql.raw(traits.tableSuffix));
}
