import { type Kysely, sql } from "kysely";
import type { Conversation, ConversationQuery } from "../../../core/conversation-store.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursor.ts";
import type { Page } from "../../../core/page.ts";
import type { SqlDatabase } from "../sql-database.ts";
import type { Tables } from "../tables.ts";
import { selectConversations, toConversation } from "./conversation-rows.ts";
import { patternOf, searchTermsOf } from "./search-text.ts";

/** As `ConversationStore.list`. */
export async function listConversations(database: SqlDatabase, query: ConversationQuery): Promise<Page<Conversation>> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, isPosition);
  const terms = searchTermsOf(query.search ?? "");
  const wanted = query.limit + 1;
  const heads =
    terms.length === 0
      ? await database.read((db) => readHeads(db, query, { after, limit: wanted }))
      : await findHeads(database, query, { after, limit: wanted, terms });
  const page = heads.slice(0, query.limit);
  const items = await database.read((db) => readWhole(db, page));
  const last = page.at(-1);
  if (heads.length <= query.limit || last === undefined) return { items };
  return { items, nextCursor: encodeCursor([last.updated_at, last.id]) };
}

/** `updatedAt` and id of the last one of a page. */
type Position = readonly [number, string];

function isPosition(value: unknown): value is Position {
  return (
    Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && /^[0-9a-f-]{36}$/.test(value[1])
  );
}

/** What is needed to find conversations; the rest is read of those alone that are shown. */
interface Head {
  readonly id: string;
  readonly updated_at: number;
  readonly messages: number;
}

interface Part {
  readonly after: Position | undefined;
  readonly limit: number;
}

function readHeads(db: Kysely<Tables>, query: ConversationQuery, { after, limit }: Part): Promise<Head[]> {
  let select = db
    .selectFrom("conversations")
    .select(["id", "updated_at", "messages"])
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

/** What one statement looks through: with SQLite nothing else happens meanwhile. */
const searchedAtOnce = { conversations: 50, messages: 500 };

interface Search extends Part {
  readonly terms: readonly string[];
}

/** Those with all terms, the newest first; it looks no further than it has to. */
async function findHeads(
  database: SqlDatabase,
  query: ConversationQuery,
  { after, limit, terms }: Search,
): Promise<readonly Head[]> {
  const found: Head[] = [];
  let position = after;
  for (;;) {
    const heads = await database.read((db) =>
      readHeads(db, query, { after: position, limit: searchedAtOnce.conversations }),
    );
    const batch = firstOf(heads);
    const last = batch.at(-1);
    if (last === undefined) return found;
    const matching = await database.read((db) => matchingIds(db, batch, terms));
    found.push(...batch.filter(({ id }) => matching.has(id)));
    if (found.length >= limit) return found.slice(0, limit);
    position = [last.updated_at, last.id];
  }
}

function firstOf(heads: readonly Head[]): readonly Head[] {
  let messages = 0;
  const end = heads.findIndex((head, index) => {
    messages += head.messages;
    return index > 0 && messages > searchedAtOnce.messages;
  });
  return end === -1 ? heads : heads.slice(0, end);
}

async function matchingIds(
  db: Kysely<Tables>,
  heads: readonly Head[],
  terms: readonly string[],
): Promise<ReadonlySet<string>> {
  let select = db
    .selectFrom("conversations as c")
    .select("c.id")
    .where(
      "c.id",
      "in",
      heads.map(({ id }) => id),
    );
  for (const pattern of terms.map(patternOf)) {
    select = select.where((eb) =>
      eb.or([
        sql<boolean>`c.search_title like ${pattern} escape '!'`,
        eb.exists(
          eb
            .selectFrom("conversation_messages as m")
            .select(sql.lit(1).as("one"))
            .whereRef("m.conversation_id", "=", "c.id")
            .where(sql<boolean>`m.search_text like ${pattern} escape '!'`),
        ),
      ]),
    );
  }
  return new Set((await select.execute()).map(({ id }) => id));
}

async function readWhole(db: Kysely<Tables>, heads: readonly Head[]): Promise<Conversation[]> {
  if (heads.length === 0) return [];
  const ids = heads.map(({ id }) => id);
  const rows = await selectConversations(db).where("c.id", "in", ids).execute();
  const byId = new Map(rows.map((row) => [row.id, toConversation(row)]));
  // One that was deleted in between is left out.
  return ids.flatMap((id) => byId.get(id) ?? []);
}
