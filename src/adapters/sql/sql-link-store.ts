import type { LinkPurpose, LinkStore, OneTimeLink } from "../../core/link-store.ts";
import type { OneTimeLinkRow } from "./people-tables.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** One-time links in one of the three databases. */
export class SqlLinkStore implements LinkStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  create(hash: string, link: OneTimeLink): Promise<void> {
    const { purpose, userId, createdBy, createdAt, expiresAt } = link;
    return this.#database.transaction(async (db) => {
      if (userId !== undefined) await db.deleteFrom("one_time_links").where("user_id", "=", userId).execute();
      await db
        .insertInto("one_time_links")
        .values({
          hash,
          purpose,
          user_id: userId ?? null,
          created_by: createdBy,
          created_at: createdAt,
          expires_at: expiresAt,
        })
        .execute();
    });
  }

  async find(hash: string, now: number): Promise<OneTimeLink | undefined> {
    const row = await this.#database.read((db) =>
      db
        .selectFrom("one_time_links")
        .selectAll()
        .where("hash", "=", hash)
        .where("expires_at", ">", now)
        .executeTakeFirst(),
    );
    return row === undefined ? undefined : toLink(row);
  }

  async use(hash: string, now: number): Promise<OneTimeLink | undefined> {
    const link = await this.find(hash, now);
    if (link === undefined) return undefined;
    // Of several deletions of one row, one finds it.
    const { numDeletedRows } = await this.#database.read((db) =>
      db.deleteFrom("one_time_links").where("hash", "=", hash).executeTakeFirst(),
    );
    return numDeletedRows > 0n ? link : undefined;
  }

  async prune(now: number): Promise<number> {
    const { numDeletedRows } = await this.#database.read((db) =>
      db.deleteFrom("one_time_links").where("expires_at", "<=", now).executeTakeFirst(),
    );
    return Number(numDeletedRows);
  }
}

function toLink(row: OneTimeLinkRow): OneTimeLink {
  return {
    purpose: purposeOf(row.purpose),
    ...(row.user_id === null ? {} : { userId: row.user_id }),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

function purposeOf(text: string): LinkPurpose {
  return text === "setup" || text === "invite" ? text : "reset";
}
