import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlSettingStore } from "../../src/adapters/sql/sql-setting-store.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";

const author = { id: "user:1", name: "Ada" };

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`settings in ${kind.name}`, () => {
    let place: TestDatabase;
    let database: SqlDatabase;

    beforeAll(async () => {
      place = await kind.create();
      database = new SqlDatabase(place.address);
      await migrate(database);
    });

    afterAll(async () => {
      await database.close();
      await place.drop();
    });

    test("are absent until they are made, and keep who changed them", async () => {
      const store = new SqlSettingStore(database, () => 5);
      expect(await store.get("retention")).toBeUndefined();
      const made = { value: { keep: [1, "ü"] }, version: 1, updatedBy: author, updatedAt: 5 };
      expect(await store.put({ name: "retention", value: { keep: [1, "ü"] }, author, basedOn: 0 })).toStrictEqual(made);
      expect(await store.get("retention")).toStrictEqual(made);
    });

    test("are changed by one of many who know the same version", async () => {
      const store = new SqlSettingStore(database, () => 5);
      for (let basedOn = 0; basedOn < 4; basedOn++) {
        const tries = await Promise.allSettled(
          Array.from({ length: 10 }, (_unused, value) => store.put({ name: "raced", value, author, basedOn })),
        );
        expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        const losers = tries.filter((tried) => tried.status === "rejected");
        for (const { reason } of losers) expect(reason).toMatchObject({ code: "conflict" });
        expect(await store.get("raced")).toMatchObject({ version: basedOn + 1 });
      }
    });
  });
}
