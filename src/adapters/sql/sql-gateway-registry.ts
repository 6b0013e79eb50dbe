import type { Transaction } from "kysely";
import type { GatewayRegistry, GatewayReport, GatewayStatus } from "../../core/gateway-registry.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { isDuplicateKey } from "./sql-errors.ts";
import type { Tables } from "./tables.ts";

/** Rows of gateways that ended without a word are forgotten after this time. */
const forgetMs = 86_400_000;
/** How often they are looked for, at most. */
const sweepMs = 3_600_000;
const maxNameLength = 191;

/** Reports of gateways in a database that gateways and apiservers share. The database is closed by who opened it. */
export class SqlGatewayRegistry implements GatewayRegistry {
  readonly #database: SqlDatabase;
  readonly #now: () => number;
  #sweptAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds since 1970 */
  constructor(database: SqlDatabase, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  async report(report: GatewayReport): Promise<void> {
    const now = this.#now();
    const row = {
      id: report.id,
      name: report.name.slice(0, maxNameLength),
      reported_at: now,
      report: JSON.stringify(report),
    };
    try {
      await this.#database.transaction((db) => put(db, row));
    } catch (error) {
      // The same gateway has reported twice at once: the row is there now.
      if (!isDuplicateKey(error)) throw error;
      await this.#database.transaction((db) => put(db, row));
    }
    if (now - this.#sweptAt < sweepMs) return;
    this.#sweptAt = now;
    await this.#database.read((db) =>
      db
        .deleteFrom("gateways")
        .where("reported_at", "<", now - forgetMs)
        .execute(),
    );
  }

  async leave(id: string): Promise<void> {
    await this.#database.read((db) => db.deleteFrom("gateways").where("id", "=", id).execute());
  }

  async list(since: number): Promise<readonly GatewayStatus[]> {
    const rows = await this.#database.read((db) =>
      db
        .selectFrom("gateways")
        .select(["report", "reported_at"])
        .where("reported_at", ">", since)
        .orderBy("name")
        .orderBy("id")
        .execute(),
    );
    return rows.map(({ report, reported_at: reportedAt }) => {
      const said = JSON.parse(report) as GatewayReport; // `report` wrote it
      return { ...said, reportedAt };
    });
  }

  async close(): Promise<void> {
    // Nothing is held: the database belongs to who opened it.
  }
}

async function put(db: Transaction<Tables>, row: Tables["gateways"]): Promise<void> {
  const found = await db.selectFrom("gateways").select("id").where("id", "=", row.id).executeTakeFirst();
  if (found === undefined) await db.insertInto("gateways").values(row).execute();
  else await db.updateTable("gateways").set(row).where("id", "=", row.id).execute();
}
