import { type Kysely, sql, type Transaction } from "kysely";
import { AppError } from "../../core/errors.ts";
import { nextRevision } from "./revisions.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { translateError } from "./sql-errors.ts";
import { tableRoles } from "./table-roles.ts";
import type { Tables } from "./tables.ts";

export type CellValue = string | number | null;

/** A row of a table by its columns. Secrets in it stay sealed. */
export interface TableRow {
  readonly table: string;
  readonly row: Readonly<Record<string, CellValue>>;
}

/** How many rows are read or written at once, unless they are large. */
const defaultRowsAtOnce = 100;
/** Most characters of the rows of one statement, unless one alone has more: databases take 16 MB, and quoting doubles. */
const maxStatementLength = 1_000_000;

/** Tables by name, since which one it is comes from the outside: `copiedTables` has looked that there is such a one. */
type AnyTables = Record<string, Record<string, CellValue>>;

interface CopiedTable {
  readonly name: string;
  readonly key: readonly string[];
  readonly seedColumn?: string;
  readonly rowsAtOnce?: number;
}

const copiedTables: readonly CopiedTable[] = Object.entries(tableRoles).flatMap(([name, role]) =>
  role.kind === "copied" ? [{ name, ...role }] : [],
);

/** Reads every row that moves along, table by table, a bounded number at a time. What is written meanwhile may be missing. */
export async function* readTables(database: SqlDatabase): AsyncGenerator<TableRow> {
  for (const { name, key, rowsAtOnce = defaultRowsAtOnce } of copiedTables) {
    let after: Record<string, CellValue> | undefined;
    for (;;) {
      const rows = await database.read((db) => readRows(anyTables(db), { name, key, rowsAtOnce }, after));
      for (const row of rows) yield { table: name, row };
      after = rows.at(-1);
      if (rows.length < rowsAtOnce) break;
    }
  }
}

/** How many rows each table has that moves along, without those that migrations have made; tables without rows are left out. */
export async function countRows(database: SqlDatabase): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { name, seedColumn } of copiedTables) {
    const count = await database.read(async (db) => {
      const select = anyTables(db)
        .selectFrom(name)
        .select(({ fn }) => fn.countAll<number | string>().as("count"));
      const { count } = await (seedColumn === undefined
        ? select
        : select.where(seedColumn, "<>", 0)
      ).executeTakeFirstOrThrow();
      return Number(count);
    });
    if (count > 0) counts.set(name, count);
  }
  return counts;
}

/**
 * Writes rows into tables that have none, all of them or, when `rows` or the database fails, none. Answers how many.
 *
 * @throws AppError `unprocessable` for a table or column that this schema does not have
 */
export async function writeTables(database: SqlDatabase, rows: AsyncIterable<TableRow>): Promise<number> {
  const columns = await columnsOf(database);
  try {
    // Not `database.transaction`: it lasts as long as the rows take to come, and they cannot come twice.
    return await database.kysely.transaction().execute(async (db) => {
      for (const topic of ["secrets", "keys"] as const) await nextRevision(db, topic);
      for (const { name, seedColumn } of copiedTables) {
        if (seedColumn !== undefined) await anyTables(db).deleteFrom(name).where(seedColumn, "=", 0).execute();
      }
      return writeAll(db, rows, columns);
    });
  } catch (error) {
    throw translateError(error);
  }
}

async function writeAll(
  db: Transaction<Tables>,
  rows: AsyncIterable<TableRow>,
  columns: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<number> {
  let count = 0;
  let table = "";
  let batch: Record<string, CellValue>[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await insertRows(anyTables(db), table, batch);
    count += batch.length;
    batch = [];
    length = 0;
  };
  for await (const { table: next, row } of rows) {
    requireColumns(next, row, columns);
    const added = lengthOf(row);
    const isFull = batch.length === defaultRowsAtOnce || length + added > maxStatementLength;
    if (next !== table || isFull) await flush();
    table = next;
    batch.push({ ...row });
    length += added;
  }
  await flush();
  return count;
}

function lengthOf(row: TableRow["row"]): number {
  return Object.values(row).reduce<number>((sum, cell) => sum + (typeof cell === "string" ? cell.length : 0), 0);
}

async function insertRows(db: Kysely<AnyTables>, table: string, rows: Record<string, CellValue>[]): Promise<void> {
  try {
    await db.insertInto(table).values(rows).execute();
  } catch (cause) {
    const error = translateError(cause);
    if (error instanceof AppError) throw error;
    throw new AppError("unprocessable", `The database refuses rows of table ${table}.`, { cause });
  }
}

function requireColumns(table: string, row: TableRow["row"], columns: ReadonlyMap<string, ReadonlySet<string>>): void {
  const known = columns.get(table);
  if (known === undefined) throw new AppError("unprocessable", `There is no table ${JSON.stringify(table)} to fill.`);
  const given = Object.keys(row);
  const unknown = given.find((column) => !known.has(column));
  if (unknown !== undefined) {
    throw new AppError("unprocessable", `Table ${table} has no column ${JSON.stringify(unknown)}.`);
  }
  if (given.length < known.size) throw new AppError("unprocessable", `A row of table ${table} lacks columns.`);
}

async function columnsOf(database: SqlDatabase): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const tables = await database.read((db) => db.introspection.getTables());
  const names = new Set(copiedTables.map(({ name }) => name));
  return new Map(
    tables
      .filter(({ name }) => names.has(name))
      .map(({ name, columns }) => [name, new Set(columns.map((column) => column.name))]),
  );
}

function readRows(
  db: Kysely<AnyTables>,
  { name, key, rowsAtOnce }: CopiedTable & { readonly rowsAtOnce: number },
  after: Record<string, CellValue> | undefined,
): Promise<Record<string, CellValue>[]> {
  let select = db.selectFrom(name).selectAll().limit(rowsAtOnce);
  for (const column of key) select = select.orderBy(column);
  if (after !== undefined) {
    // (a, b) > (1, 2) is a > 1, or a = 1 and b > 2.
    const steps = key.map((column, index) =>
      sql.join(
        [
          ...key.slice(0, index).map((before) => sql`${sql.ref(before)} = ${after[before]}`),
          sql`${sql.ref(column)} > ${after[column]}`,
        ],
        sql` and `,
      ),
    );
    select = select.where(sql<boolean>`(${sql.join(steps, sql` or `)})`);
  }
  return select.execute();
}

function anyTables(db: Kysely<Tables>): Kysely<AnyTables> {
  return db as unknown as Kysely<AnyTables>; // the same tables, by names that were looked up
}
