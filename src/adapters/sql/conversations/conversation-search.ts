import { setImmediate as nextTurn } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import type { SqlDatabase } from "../sql-database.ts";
import type { Tables } from "../tables.ts";
import { patternOf } from "./search-text.ts";

/** What is needed to find conversations; the rest is read of those alone that are shown. */
export interface Head {
  readonly id: string;
  readonly updated_at: number;
  readonly messages: number;
  readonly search_title: string;
}

/** `updatedAt` and id of the last one of a page. */
export type Position = readonly [number, string];

export interface Part {
  readonly after: Position | undefined;
  readonly limit: number;
}

export interface Search extends Part {
  /** As they are compared. */
  readonly terms: readonly string[];
  /** The conversations that are looked through, the newest first. */
  readonly read: (db: Kysely<Tables>, part: Part) => Promise<readonly Head[]>;
}

/** What one statement looks through: with SQLite nothing else happens meanwhile. */
const searchedAtOnce = { conversations: 50, messages: 500 };

/** Those with all terms, the newest first, up to `limit`; it looks no further than it has to. */
export async function findHeads(
  database: SqlDatabase,
  { after, limit, terms, read }: Search,
): Promise<readonly Head[]> {
  const found: Head[] = [];
  let position = after;
  for (;;) {
    const heads = await database.read((db) => read(db, { after: position, limit: searchedAtOnce.conversations }));
    const batch = firstOf(heads);
    const last = batch.at(-1);
    if (last === undefined) return found;
    found.push(...(await matching(database, batch, terms)));
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

async function matching(
  database: SqlDatabase,
  batch: readonly Head[],
  terms: readonly string[],
): Promise<readonly Head[]> {
  let left = batch;
  for (const term of terms) {
    const untitled = left.filter(({ search_title: title }) => !title.includes(term));
    const saying = await database.read((db) => idsSaying(db, untitled, term));
    left = left.filter(({ id, search_title: title }) => title.includes(term) || saying.has(id));
    // SQLite answers in the same turn of the event loop: others have theirs now.
    await nextTurn();
  }
  return left;
}

/** Asked about ids alone: joined with other tables, a database may choose to look through everybody's messages. */
async function idsSaying(db: Kysely<Tables>, heads: readonly Head[], term: string): Promise<ReadonlySet<string>> {
  if (heads.length === 0) return new Set();
  const rows = await db
    .selectFrom("conversation_messages")
    .select("conversation_id")
    .distinct()
    .where(
      "conversation_id",
      "in",
      heads.map(({ id }) => id),
    )
    .where(sql<boolean>`search_text like ${patternOf(term)} escape '!'`)
    .execute();
  return new Set(rows.map(({ conversation_id: id }) => id));
}
