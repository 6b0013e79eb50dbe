import type { ThrottleRule, ThrottleStore } from "../../core/throttle-store.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { isDuplicateKey } from "./sql-errors.ts";

/** Failures by name in one of the three databases, shared by all replicas. */
export class SqlThrottleStore implements ThrottleStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async begin(name: string, rule: ThrottleRule, now: number): Promise<number> {
    for (;;) {
      const waitMs = await this.#count(name, rule, now);
      if (waitMs !== undefined) return waitMs;
      try {
        await this.#database.read((db) =>
          db.insertInto("throttles").values({ name, failures: 0, failed_at: now, blocked_until: 0 }).execute(),
        );
      } catch (error) {
        // Somebody else was first; the next round finds the row.
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }

  /** Undefined when the name has no row yet. */
  #count(name: string, rule: ThrottleRule, now: number): Promise<number | undefined> {
    return this.#database.transaction(async (db) => {
      // Takes the lock of the row, on all three databases, before it is read.
      await db
        .updateTable("throttles")
        .set(({ ref }) => ({ failures: ref("failures") }))
        .where("name", "=", name)
        .execute();
      const row = await db.selectFrom("throttles").selectAll().where("name", "=", name).executeTakeFirst();
      if (row === undefined) return undefined;
      if (row.blocked_until > now) return row.blocked_until - now;
      const failures = (row.failed_at < now - rule.forgetMs ? 0 : row.failures) + 1;
      await db
        .updateTable("throttles")
        .set({ failures, failed_at: now, blocked_until: now + waitAfter(failures, rule) })
        .where("name", "=", name)
        .execute();
      return 0;
    });
  }

  async forgive(name: string): Promise<void> {
    await this.#database.read((db) =>
      db
        .updateTable("throttles")
        .set(({ eb }) => ({ failures: eb("failures", "-", 1), blocked_until: 0 }))
        .where("name", "=", name)
        .where("failures", ">", 0)
        .execute(),
    );
  }

  async clear(name: string): Promise<void> {
    await this.#database.read((db) => db.deleteFrom("throttles").where("name", "=", name).execute());
  }

  async prune(before: number): Promise<number> {
    const { numDeletedRows } = await this.#database.read((db) =>
      db.deleteFrom("throttles").where("failed_at", "<", before).executeTakeFirst(),
    );
    return Number(numDeletedRows);
  }
}

function waitAfter(failures: number, { freeFailures, firstWaitMs, longestWaitMs }: ThrottleRule): number {
  const over = failures - freeFailures;
  // Beyond 2^30 the wait is the longest anyway.
  return over <= 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(over - 1, 30));
}
