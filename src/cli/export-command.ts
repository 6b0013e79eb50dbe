import { createWriteStream } from "node:fs";
import { rename, unlink } from "node:fs/promises";
import { type Writable } from "node:stream";
import { once } from "node:events";
import { readTables } from "../adapters/sql/copy-tables.ts";
import type { ConfigStore, DocumentRef, DocumentVersion, StoredVersion } from "../core/config-store.ts";
import type { Page } from "../core/page.ts";
import { programVersion } from "../version.ts";
import { archiveVersion, toVersionLine, writeArchiveLine } from "./archive/archive-lines.ts";
import { openStores, type OpenStores, type StoreAddresses } from "./archive/open-stores.ts";
import { progressOf } from "./archive/progress.ts";
import { requireThere } from "./archive/require-there.ts";
import { tellFailures } from "./archive/tell-failures.ts";
import { exitCodes } from "./exit-codes.ts";
import { plural } from "./print-problems.ts";
import type { Terminal } from "./terminal.ts";

export interface ExportOptions extends StoreAddresses {
  /** Path of the archive, or `-` for `output`. */
  readonly file: string;
  /** Standard output when absent. */
  readonly output?: Writable;
}

const pageSize = 200;

/**
 * `passerelle export`: writes all documents with their versions, and users, keys, secrets (sealed) and the audit log
 * when there is a database. Answers the exit code. Fails with `CommandFailure`.
 */
export function runExport(options: ExportOptions, terminal: Terminal): Promise<number> {
  return tellFailures(async () => {
    await requireThere(options.store);
    if (options.database !== undefined) await requireThere(options.database);
    const stores = await openStores(options);
    try {
      const { documents, rows } = await toFile(options, (write) => writeArchive(stores, write, terminal));
      const ofDatabase = stores.database === undefined ? "" : ` and ${plural(rows, "row")} of the database`;
      terminal.writeError(`Exported ${plural(documents, "document")}${ofDatabase}.\n`);
      return exitCodes.ok;
    } finally {
      await stores.close();
    }
  });
}

type WriteLine = (line: string) => Promise<void>;

interface Counts {
  readonly documents: number;
  readonly rows: number;
}

async function writeArchive(stores: OpenStores, write: WriteLine, terminal: Terminal): Promise<Counts> {
  const progress = progressOf(terminal);
  const kind = "passerelle-archive";
  const head = { version: archiveVersion, program: programVersion(), exportedAt: Date.now(), schema: stores.schema };
  await write(writeArchiveLine({ kind, ...head }));
  let documents = 0;
  for await (const ref of everyDocument(stores.documents)) {
    let isAny = false;
    for await (const version of everyVersion(stores.documents, ref)) {
      await write(writeArchiveLine(toVersionLine(version)));
      isAny = true;
    }
    if (isAny) progress("documents", ++documents);
  }
  let rows = 0;
  if (stores.database !== undefined) {
    for await (const row of readTables(stores.database)) {
      await write(writeArchiveLine({ kind: "row", table: row.table, row: { ...row.row } }));
      progress("rows", ++rows);
    }
  }
  await write(writeArchiveLine({ kind: "end", documents, rows }));
  return { documents, rows };
}

async function* everyDocument(store: ConfigStore): AsyncGenerator<DocumentRef> {
  for (const state of ["current", "deleted"] as const) {
    yield* everyItem((cursor) => store.list({ limit: pageSize, state, cursor }));
  }
}

/** Oldest first. A version that is forgotten meanwhile is left out. */
async function* everyVersion(store: ConfigStore, ref: DocumentRef): AsyncGenerator<StoredVersion> {
  const versions: number[] = [];
  for await (const { version } of everyItem((cursor) => store.history(ref, { limit: pageSize, cursor }))) {
    versions.push(version);
  }
  for (const version of versions.toReversed()) {
    const stored = await store.get(ref, version);
    if (stored !== undefined) yield stored;
  }
}

async function* everyItem(
  read: (cursor: string | undefined) => Promise<Page<DocumentVersion>>,
): AsyncGenerator<DocumentVersion> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

/** Writes to the output, or to a file that is there when it is whole. */
async function toFile<T>(
  { file, output = process.stdout }: ExportOptions,
  work: (write: WriteLine) => Promise<T>,
): Promise<T> {
  if (file === "-") return work((line) => writeTo(output, line));
  const partial = `${file}.partial`;
  // It holds hashes of passwords and keys.
  const stream = createWriteStream(partial, { mode: 0o600, flush: true });
  try {
    await once(stream, "open");
    const result = await work((line) => writeTo(stream, line));
    stream.end();
    await once(stream, "close");
    await rename(partial, file);
    return result;
  } catch (error) {
    stream.destroy();
    await unlink(partial).catch(() => undefined); // the reason is told already
    throw error;
  }
}

async function writeTo(stream: Writable, line: string): Promise<void> {
  if (stream.errored !== null) throw stream.errored;
  if (!stream.write(line)) await once(stream, "drain");
}
