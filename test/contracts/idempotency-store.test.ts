import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlIdempotencyStore } from "../../src/adapters/sql/sql-idempotency-store.ts";
import type { RequestClaim } from "../../src/core/idempotency-store.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";

const hour = 3_600_000;

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`answers that ${kind.name} remembers`, () => {
    let place: TestDatabase;
    let database: SqlDatabase;
    let second: SqlDatabase;
    let now = 1_700_000_000_000;
    let keys = 0;
    const clock = (): number => now;
    const newClaim = (): RequestClaim => ({ caller: "user:a", keyHash: `k${++keys}`, requestHash: "r1" });

    beforeAll(async () => {
      place = await kind.create();
      database = new SqlDatabase(place.address);
      // One process has one connection to a file: two would wait for each other on one thread.
      second = database.traits.locksRows ? new SqlDatabase(place.address) : database;
      await migrate(database);
    });

    afterAll(async () => {
      await Promise.all([database.close(), second.close()]);
      await place.drop();
    });

    test("are given to the same request of the same caller, and to no other", async () => {
      const store = new SqlIdempotencyStore(database, clock);
      const claim = newClaim();
      expect(await store.claim(claim)).toStrictEqual({ kind: "first" });
      expect(await store.claim(claim)).toStrictEqual({ kind: "running" });
      await store.keep(claim, '{"a":"ü😀"}');
      expect(await store.claim(claim)).toStrictEqual({ kind: "answered", answer: '{"a":"ü😀"}' });
      expect(await store.claim({ ...claim, requestHash: "r2" })).toStrictEqual({ kind: "differs" });
      expect(await store.claim({ ...claim, caller: "user:b" })).toStrictEqual({ kind: "first" });
    });

    test("make one claim of many at once the first, over several connections", async () => {
      const stores = [new SqlIdempotencyStore(database, clock), new SqlIdempotencyStore(second, clock)];
      for (let round = 0; round < 5; round++) {
        const claim = newClaim();
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_unused, i) => stores[i % 2]?.claim(claim) ?? Promise.reject(new Error("none"))),
        );
        expect(outcomes.filter(({ kind }) => kind === "first")).toHaveLength(1);
        expect(outcomes.filter(({ kind }) => kind === "running")).toHaveLength(19);
      }
    });

    test("leave a released key free", async () => {
      const store = new SqlIdempotencyStore(database, clock);
      const claim = newClaim();
      await store.claim(claim);
      await store.release(claim);
      expect(await store.claim({ ...claim, requestHash: "r2" })).toStrictEqual({ kind: "first" });
    });

    test("give the claim of a process that is gone to one other", async () => {
      const store = new SqlIdempotencyStore(database, clock);
      const claim = newClaim();
      await store.claim(claim);
      now += 119_000;
      expect(await store.claim(claim)).toStrictEqual({ kind: "running" });
      now += 2_000;
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => store.claim(claim)));
      expect(outcomes.filter(({ kind }) => kind === "first")).toHaveLength(1);
    });

    test("are forgotten after a day", async () => {
      const store = new SqlIdempotencyStore(database, clock);
      const [old, young] = [newClaim(), newClaim()];
      await store.claim(old);
      await store.keep(old, "1");
      now += 23 * hour;
      await store.claim(young);
      await store.keep(young, "2");
      now += 2 * hour;
      expect(await store.prune()).toBeGreaterThanOrEqual(1);
      expect(await store.claim(young)).toStrictEqual({ kind: "answered", answer: "2" });
      expect(await store.claim(old)).toStrictEqual({ kind: "first" });
    });
  });
}
