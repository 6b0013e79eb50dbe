import { migrate } from "../../src/adapters/sql/migrate.ts";
import { toRow } from "../../src/adapters/sql/documents/document-rows.ts";
import { nextRevision } from "../../src/adapters/sql/revisions.ts";
import { SqlConfigStore } from "../../src/adapters/sql/sql-config-store.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import type { ConfigStore, DocumentVersion, StoredVersion } from "../../src/core/config-store.ts";
import type { DatabaseKind } from "../../test/fixtures/databases.ts";
import { documentText, serverName } from "../documents.ts";

export const toolsPerServer = 20;
const batchSize = 100;
const author = { id: "bench", name: "Bench" };
const summary = {
  title: undefined,
  description: undefined,
  prefixes: ["/x"],
  tools: toolsPerServer,
  upstreams: ["http"],
};

/** A store with documents in it, in a database of its own. */
export interface FilledStore {
  readonly store: ConfigStore;
  /** Saves the next version of one of the documents. */
  save(index: number, edition: string): Promise<DocumentVersion>;
  drop(): Promise<void>;
}

/** The text of one of the documents. */
export function storedText(index: number, edition = "first"): string {
  return documentText({ name: serverName(index), backendPort: 8_080, tools: toolsPerServer, edition });
}

export async function openFilledStore(kind: DatabaseKind, documents: number): Promise<FilledStore> {
  const place = await kind.create();
  const database = new SqlDatabase(place.address);
  await migrate(database);
  for (let first = 0; first < documents; first += batchSize) {
    await fill(database, first, Math.min(batchSize, documents - first));
  }
  const store = new SqlConfigStore(database, Date.now);
  return {
    store,
    save: async (index, edition) => {
      const ref = { tenant: "default", name: serverName(index) };
      const basedOn = (await store.get(ref))?.version ?? 0;
      return store.save({ ...ref, basedOn, author, message: edition, text: storedText(index, edition), summary });
    },
    drop: async () => {
      await database.close();
      await place.drop();
    },
  };
}

/** Many documents in one transaction, as no user of a store could: only to have them. */
async function fill(database: SqlDatabase, first: number, count: number): Promise<void> {
  await database.transaction(async (db) => {
    const revision = await nextRevision(db, "documents", count);
    const rows = Array.from({ length: count }, (_, index) => {
      const names = { tenant: "default", name: serverName(first + index) };
      const text = storedText(first + index);
      const facts = { ...names, version: 1, revision: revision - count + 1 + index, change: "save", hash: "" } as const;
      const stored: StoredVersion = { ...facts, author, message: "", savedAt: 0, tags: [], summary, text };
      return toRow(stored);
    });
    await db.insertInto("document_versions").values(rows).execute();
    const heads = rows.map(({ tenant, name, version, revision }) => ({
      tenant,
      name,
      version,
      revision,
      is_deleted: 0,
    }));
    await db.insertInto("documents").values(heads).execute();
  });
}
