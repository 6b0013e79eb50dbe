import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { countRows, type TableRow, writeTables } from "../adapters/sql/copy-tables.ts";
import type { ConfigStore, StoredVersion } from "../core/config-store.ts";
import { AppError } from "../core/errors.ts";
import {
  type ArchiveHeader,
  type ArchiveLine,
  archiveVersion,
  fromVersionLine,
  parseArchiveLine,
} from "./archive/archive-lines.ts";
import { openStores, type OpenStores, type StoreAddresses } from "./archive/open-stores.ts";
import { problemLine } from "./archive/problem-line.ts";
import { progressOf } from "./archive/progress.ts";
import { readLines } from "./archive/read-lines.ts";
import { tellFailures } from "./archive/tell-failures.ts";
import { CommandFailure, exitCodes } from "./exit-codes.ts";
import { plural } from "./print-problems.ts";
import type { Terminal } from "./terminal.ts";

export interface ImportOptions extends StoreAddresses {
  /** Path of the archive, or `-` for `input`. */
  readonly file: string;
  /** Standard input when absent. */
  readonly input?: Readable;
  /** Also into a store that holds something: what is there is left alone. */
  readonly merge?: boolean | undefined;
}

/**
 * `passerelle import`: reads what `export` has written into a store and a database that are empty. A document comes with
 * its whole history or not at all, rows of the database all or none. Answers the exit code. Fails with `CommandFailure`.
 */
export function runImport(options: ImportOptions, terminal: Terminal): Promise<number> {
  return tellFailures(async () => {
    const stores = await openStores(options);
    try {
      return await importInto(stores, options, terminal);
    } finally {
      await stores.close();
    }
  });
}

interface Outcome {
  documents: number;
  leftAlone: number;
  refused: number;
  rows: number;
  leftRows: number;
}

async function importInto(stores: OpenStores, options: ImportOptions, terminal: Terminal): Promise<number> {
  const rowsThere = stores.database === undefined ? new Map<string, number>() : await countRows(stores.database);
  if (options.merge !== true) await requireEmpty(stores.documents, rowsThere);
  const { file, input = process.stdin } = options;
  const archive = readArchive(file === "-" ? input : createReadStream(file), stores);
  const outcome: Outcome = { documents: 0, leftAlone: 0, refused: 0, rows: 0, leftRows: 0 };
  const progress = progressOf(terminal);
  try {
    for (let next = await archive.next(); next.done !== true; next = await archive.next()) {
      if (next.value.kind === "document") {
        await loadDocument(stores.documents, next.value, outcome, terminal);
        progress("documents", outcome.documents);
        continue;
      }
      const rows = rowsFrom(next.value.row, archive, (count) => progress("rows", count));
      if (stores.database !== undefined && rowsThere.size === 0) {
        outcome.rows = await writeTables(stores.database, rows);
      } else for await (const _row of rows) outcome.leftRows++;
    }
  } finally {
    await archive.return();
  }
  tellOutcome(outcome, rowsThere, stores, terminal);
  return outcome.refused === 0 ? exitCodes.ok : exitCodes.problems;
}

async function requireEmpty(store: ConfigStore, rows: ReadonlyMap<string, number>): Promise<void> {
  const current = await store.list({ limit: 3 });
  const deleted = await store.list({ limit: 3, state: "deleted" });
  const documents = [...current.items, ...deleted.items].map(({ tenant, name }) => `${tenant}/${name}`);
  const tables = [...rows].map(([table, count]) => `${plural(count, "row")} in ${table}`);
  if (documents.length === 0 && tables.length === 0) return;
  const more = current.nextCursor !== undefined || deleted.nextCursor !== undefined ? ["and more documents"] : [];
  throw new CommandFailure(
    exitCodes.problems,
    `The target is not empty: it has ${[...documents, ...more, ...tables].join(", ")}. With --merge what is there is left alone.`,
  );
}

interface ArchivedDocument {
  readonly kind: "document";
  /** Line of its first version. */
  readonly number: number;
  readonly versions: readonly StoredVersion[];
}

type ArchiveItem = ArchivedDocument | { readonly kind: "row"; readonly row: TableRow };

/** What an archive holds, in its order: documents, then rows. Throws `unprocessable` with the line that is wrong. */
async function* readArchive(input: Readable, stores: OpenStores): AsyncGenerator<ArchiveItem, void> {
  let versions: StoredVersion[] = [];
  let firstNumber = 0;
  let isHeaderRead = false;
  let last = 0;
  for await (const { number, text } of readLines(input)) {
    const line = parseArchiveLine(text, number);
    last = number;
    if (!isHeaderRead) {
      requireHeader(line, number, stores);
      isHeaderRead = true;
      continue;
    }
    const isNext = line.kind !== "version" || line.tenant !== versions[0]?.tenant || line.name !== versions[0].name;
    if (isNext && versions.length > 0) {
      yield { kind: "document", number: firstNumber, versions };
      versions = [];
    }
    switch (line.kind) {
      case "passerelle-archive":
        throw problemLine(number, "a second archive begins here; import them one after the other");
      case "version":
        if (line.text !== undefined && hashOf(line.text) !== line.hash) {
          throw problemLine(number, "its text is not the one that its hash is of");
        }
        if (versions.length === 0) firstNumber = number;
        versions.push(fromVersionLine(line));
        break;
      case "row":
        yield { kind: "row", row: line };
        break;
      case "end":
        return;
    }
  }
  throw problemLine(last + 1, "the archive ends before its last line; it was cut off");
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function requireHeader(
  line: ArchiveLine,
  number: number,
  { database, schema }: OpenStores,
): asserts line is ArchiveHeader {
  if (line.kind !== "passerelle-archive") throw problemLine(number, "this is not an archive of `passerelle export`");
  if (line.version !== archiveVersion) {
    throw problemLine(number, `the archive has format ${line.version}, this program reads ${archiveVersion}`);
  }
  if (database === undefined || line.schema === null || line.schema === schema) return;
  throw problemLine(
    number,
    `its rows are of the schema ${line.schema}, this program has ${schema}; import with version ${line.program} and update afterwards`,
  );
}

async function loadDocument(
  store: ConfigStore,
  { number, versions }: ArchivedDocument,
  outcome: Outcome,
  terminal: Terminal,
): Promise<void> {
  const { tenant, name } = versions[0] ?? { tenant: "", name: "" };
  try {
    await store.load(versions);
    outcome.documents++;
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "unavailable") throw error;
    if (error.code === "conflict") {
      outcome.leftAlone++;
      terminal.writeError(`${tenant}/${name} is there already and was left alone.\n`);
      return;
    }
    outcome.refused++;
    terminal.writeError(`${problemLine(number, `${tenant}/${name} was not imported: ${error.message}`).message}\n`);
  }
}

/** The rows from this one on; anything else behind them is a mistake. */
async function* rowsFrom(
  first: TableRow,
  archive: AsyncGenerator<ArchiveItem, void>,
  onRow: (count: number) => void,
): AsyncGenerator<TableRow> {
  let count = 0;
  yield first;
  for (let next = await archive.next(); next.done !== true; next = await archive.next()) {
    if (next.value.kind === "document") throw problemLine(next.value.number, "a document stands behind rows of tables");
    onRow(++count);
    yield next.value.row;
  }
}

function tellOutcome(
  outcome: Outcome,
  rowsThere: ReadonlyMap<string, number>,
  stores: OpenStores,
  terminal: Terminal,
): void {
  const { documents, leftAlone, refused, rows, leftRows } = outcome;
  terminal.write(`Imported ${plural(documents, "document")} and ${plural(rows, "row")} of the database.\n`);
  if (leftAlone > 0) terminal.write(`Left alone: ${plural(leftAlone, "document")} that were there already.\n`);
  if (refused > 0) terminal.write(`Not imported: ${plural(refused, "document")}.\n`);
  if (leftRows === 0) return;
  const why =
    stores.database === undefined
      ? "no database was given (--database)"
      : `the database has ${[...rowsThere.keys()].join(", ")} already`;
  terminal.write(`Left out: ${plural(leftRows, "row")} of the database, because ${why}.\n`);
}
