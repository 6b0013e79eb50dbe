import type { Kysely, Transaction } from "kysely";
import type { ChangeTopic } from "../../core/change-feed.ts";
import type { Tables } from "./tables.ts";

/**
 * Takes the next revision of a topic. Its row stays locked until the transaction ends, so revisions become visible in
 * their order: whoever has read up to one has seen all before it. Call it first in a transaction, so that all take
 * their locks in the same order.
 *
 * @param count how many are taken; the last one is answered
 */
export async function nextRevision(db: Transaction<Tables>, topic: ChangeTopic, count = 1): Promise<number> {
  await db
    .updateTable("revisions")
    .set(({ eb }) => ({ revision: eb("revision", "+", count) }))
    .where("topic", "=", topic)
    .execute();
  return currentRevision(db, topic);
}

export async function currentRevision(db: Kysely<Tables>, topic: ChangeTopic): Promise<number> {
  const row = await db.selectFrom("revisions").select("revision").where("topic", "=", topic).executeTakeFirstOrThrow();
  return row.revision;
}
