import type { Kysely } from "kysely";
import type { DocumentRef, PrunePolicy } from "../../../core/config-store.ts";
import type { SqlDatabase } from "../sql-database.ts";
import type { Tables } from "../tables.ts";
import { noTags } from "./document-rows.ts";

/** Most documents that are looked through at once. */
const batchSize = 100;

/** As `ConfigStore.prune`. Document by document: readers and writers are not held up. */
export async function pruneVersions(database: SqlDatabase, policy: PrunePolicy): Promise<number> {
  let forgotten = 0;
  let after: DocumentRef | undefined;
  for (;;) {
    const heads = await database.read((db) => readHeads(db, after));
    for (const head of heads) forgotten += await pruneDocument(database, head, policy);
    after = heads.at(-1);
    if (heads.length < batchSize) return forgotten;
  }
}

interface Head extends DocumentRef {
  readonly version: number;
}

function readHeads(db: Kysely<Tables>, after: DocumentRef | undefined): Promise<Head[]> {
  let select = db.selectFrom("documents").select(["tenant", "name", "version"]);
  if (after !== undefined) {
    const { tenant, name } = after;
    select = select
      .where("tenant", ">=", tenant)
      .where((eb) => eb.or([eb("tenant", ">", tenant), eb.and([eb("tenant", "=", tenant), eb("name", ">", name)])]));
  }
  return select.orderBy("tenant").orderBy("name").limit(batchSize).execute();
}

async function pruneDocument(database: SqlDatabase, head: Head, policy: PrunePolicy): Promise<number> {
  const newestToForget = head.version - Math.max(1, policy.keepVersions);
  if (newestToForget < 1) return 0;
  const result = await database.transaction((db) =>
    db
      .deleteFrom("document_versions")
      .where("tenant", "=", head.tenant)
      .where("name", "=", head.name)
      .where("version", "<=", newestToForget)
      .where("saved_at", "<=", policy.keepSince)
      .where("tags", "=", noTags)
      .executeTakeFirstOrThrow(),
  );
  return Number(result.numDeletedRows);
}
