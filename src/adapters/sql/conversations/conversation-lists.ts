import type { Kysely } from "kysely";
import type { Conversation, ConversationQuery } from "../../../core/conversation-store.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursor.ts";
import type { Page } from "../../../core/page.ts";
import type { SqlDatabase } from "../sql-database.ts";
import type { Tables } from "../tables.ts";
import { selectConversations, toConversation } from "./conversation-rows.ts";
import { findHeads, type Head, type Part, type Position } from "./conversation-search.ts";
import { searchTermsOf } from "./search-text.ts";

/** As `ConversationStore.list`. */
export async function listConversations(database: SqlDatabase, query: ConversationQuery): Promise<Page<Conversation>> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, isPosition);
  const terms = searchTermsOf(query.search ?? "");
  const wanted = query.limit + 1;
  const heads =
    terms.length === 0
      ? await database.read((db) => readHeads(db, query, { after, limit: wanted }))
      : await findHeads(database, { after, limit: wanted, terms, read: (db, part) => readHeads(db, query, part) });
  const page = heads.slice(0, query.limit);
  const items = await database.read((db) => readWhole(db, page));
  const last = page.at(-1);
  if (heads.length <= query.limit || last === undefined) return { items };
  return { items, nextCursor: encodeCursor([last.updated_at, last.id]) };
}

function isPosition(value: unknown): value is Position {
  return (
    Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && /^[0-9a-f-]{36}$/.test(value[1])
  );
}

function readHeads(db: Kysely<Tables>, query: ConversationQuery, { after, limit }: Part): Promise<Head[]> {
  let select = db
    .selectFrom("conversations")
    .select(["id", "updated_at", "messages", "search_title"])
    .where("tenant", "=", query.tenant)
    .where("deleted_at", "is", null)
    .orderBy("updated_at", "desc")
    .orderBy("id", "desc")
    .limit(limit);
  if (query.of.kind === "shared") select = select.where("shared", "=", 1);
  else select = select.where("owner_id", "=", query.of.ownerId);
  if (query.of.kind === "own" && query.of.keyId !== undefined) select = select.where("key_id", "=", query.of.keyId);
  if (query.isArchived !== undefined) select = select.where("archived", "=", query.isArchived ? 1 : 0);
  if (after !== undefined) {
    const [at, id] = after;
    select = select.where((eb) =>
      eb.or([eb("updated_at", "<", at), eb.and([eb("updated_at", "=", at), eb("id", "<", id)])]),
    );
  }
  return select.execute();
}

async function readWhole(db: Kysely<Tables>, heads: readonly Head[]): Promise<Conversation[]> {
  if (heads.length === 0) return [];
  const ids = heads.map(({ id }) => id);
  const rows = await selectConversations(db).where("c.id", "in", ids).execute();
  const byId = new Map(rows.map((row) => [row.id, toConversation(row)]));
  // One that was deleted in between is left out.
  return ids.flatMap((id) => byId.get(id) ?? []);
}
