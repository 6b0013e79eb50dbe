import type { ClaimOutcome, IdempotencyStore, RequestClaim } from "../../core/idempotency-store.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { isDuplicateKey } from "./sql-errors.ts";

/** How long an answer is kept. */
const keptMs = 24 * 3_600_000;
/** A request that has no answer after this time has lost its process. */
const lostAfterMs = 120_000;

export class SqlIdempotencyStore implements IdempotencyStore {
  readonly #database: SqlDatabase;
  readonly #clock: () => number;

  /** @param clock milliseconds since 1970 */
  constructor(database: SqlDatabase, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
  }

  async claim(claim: RequestClaim): Promise<ClaimOutcome> {
    return (await this.#insert(claim)) ? { kind: "first" } : this.#compare(claim);
  }

  /** False when there is a claim already. */
  async #insert({ caller, keyHash, requestHash }: RequestClaim): Promise<boolean> {
    const row = { caller, key_hash: keyHash, request_hash: requestHash, started_at: this.#clock(), answer: null };
    try {
      await this.#database.transaction((db) => db.insertInto("idempotency_keys").values(row).execute());
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async #compare(claim: RequestClaim): Promise<ClaimOutcome> {
    const row = await this.#database.read((db) =>
      db
        .selectFrom("idempotency_keys")
        .select(["request_hash", "started_at", "answer"])
        .where("caller", "=", claim.caller)
        .where("key_hash", "=", claim.keyHash)
        .executeTakeFirst(),
    );
    // Released in between; whoever comes next is the first.
    if (row === undefined) return { kind: "running" };
    const age = this.#clock() - row.started_at;
    if (age > keptMs || (row.answer === null && age > lostAfterMs)) return this.#takeOver(claim, row.started_at);
    if (row.request_hash !== claim.requestHash) return { kind: "differs" };
    return row.answer === null ? { kind: "running" } : { kind: "answered", answer: row.answer };
  }

  /** Of all that find the same old claim, one changes its time. */
  async #takeOver({ caller, keyHash, requestHash }: RequestClaim, startedAt: number): Promise<ClaimOutcome> {
    const { numUpdatedRows } = await this.#database.transaction((db) =>
      db
        .updateTable("idempotency_keys")
        .set({ request_hash: requestHash, started_at: this.#clock(), answer: null })
        .where("caller", "=", caller)
        .where("key_hash", "=", keyHash)
        .where("started_at", "=", startedAt)
        .executeTakeFirstOrThrow(),
    );
    return { kind: numUpdatedRows === 1n ? "first" : "running" };
  }

  async keep({ caller, keyHash }: RequestClaim, answer: string): Promise<void> {
    await this.#database.transaction((db) =>
      db
        .updateTable("idempotency_keys")
        .set({ answer })
        .where("caller", "=", caller)
        .where("key_hash", "=", keyHash)
        .execute(),
    );
  }

  async release({ caller, keyHash }: RequestClaim): Promise<void> {
    await this.#database.transaction((db) =>
      db.deleteFrom("idempotency_keys").where("caller", "=", caller).where("key_hash", "=", keyHash).execute(),
    );
  }

  async prune(): Promise<number> {
    const { numDeletedRows } = await this.#database.transaction((db) =>
      db
        .deleteFrom("idempotency_keys")
        .where("started_at", "<", this.#clock() - keptMs)
        .executeTakeFirstOrThrow(),
    );
    return Number(numDeletedRows);
  }
}
