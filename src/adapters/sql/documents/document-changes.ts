import { setImmediate } from "node:timers/promises";
import type { Kysely } from "kysely";
import type { DocumentChanges, StoredVersion } from "../../../core/config-store.ts";
import { currentRevision } from "../revisions.ts";
import type { SqlDatabase } from "../sql-database.ts";
import type { Tables } from "../tables.ts";
import { type StoredRow, toStored, versionColumns } from "./document-rows.ts";

/** Most documents that are read at once: neither the database nor the event loop is held for long. */
const batchSize = 100;

/**
 * As `ConfigStore.changesSince`. Reads in the order of revisions, without a transaction: a document that changes
 * meanwhile moves ahead of the reading and is read again, so the answer is what was true at the last batch.
 */
export async function readChanges(database: SqlDatabase, since: number): Promise<DocumentChanges> {
  const current = await database.read((db) => currentRevision(db, "documents"));
  // A revision that is still to come is one of another store: this one was set back, by a backup perhaps.
  const isComplete = since === 0 || since > current;
  if (since === current && !isComplete) return { revision: current, changed: [], isComplete };
  const found = new Map<string, StoredVersion>();
  let position = isComplete ? 0 : since;
  for (;;) {
    const rows = await database.read((db) => readBatch(db, position));
    for (const row of rows) {
      const key = `${row.tenant}/${row.name}`;
      found.delete(key); // so that it comes last
      found.set(key, toStored(row));
    }
    position = rows.at(-1)?.revision ?? position;
    if (rows.length < batchSize) break;
    await setImmediate();
  }
  const versions = [...found.values()];
  return {
    revision: Math.max(current, position),
    changed: isComplete ? versions.filter(({ change }) => change !== "delete") : versions,
    isComplete,
  };
}

function readBatch(db: Kysely<Tables>, position: number): Promise<StoredRow[]> {
  return db
    .selectFrom("documents as d")
    .innerJoin("document_versions as v", (join) =>
      join.onRef("v.tenant", "=", "d.tenant").onRef("v.name", "=", "d.name").onRef("v.version", "=", "d.version"),
    )
    .select([...versionColumns, "v.text"])
    .where("d.revision", ">", position)
    .orderBy("d.revision")
    .limit(batchSize)
    .execute();
}
