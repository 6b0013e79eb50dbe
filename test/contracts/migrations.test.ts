import { afterEach, describe, expect, test } from "vitest";
import { migrate, pendingMigrations } from "../../src/adapters/sql/migrate.ts";
import { migrationSteps } from "../../src/adapters/sql/migrations/migration-steps.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";

const names = migrationSteps.map(({ name }) => name);

test("steps are numbered in their order, each number once", () => {
  const numbers = names.map((name) => /^(\d{4})-[a-z0-9-]+$/.exec(name)?.[1]);
  expect(numbers).toStrictEqual([...new Set(numbers)].sort());
});

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`the schema of ${kind.name}`, () => {
    let place: TestDatabase | undefined;
    const opened: SqlDatabase[] = [];

    async function open(): Promise<SqlDatabase> {
      place ??= await kind.create();
      const database = new SqlDatabase(place.address);
      opened.push(database);
      return database;
    }

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((database) => database.close()));
      await place?.drop();
      place = undefined;
    });

    test("is told of before it is made, made once, and left alone afterwards", async () => {
      const database = await open();
      expect(await pendingMigrations(database)).toStrictEqual({ applied: [], pending: names });
      expect(await pendingMigrations(database)).toStrictEqual({ applied: [], pending: names });
      expect(await migrate(database)).toStrictEqual({ applied: [], pending: names });
      expect(await migrate(database)).toStrictEqual({ applied: names, pending: [] });
    });

    test("is made once when many processes start together", async () => {
      const databases = await Promise.all(Array.from({ length: 6 }, open));
      await Promise.all(databases.map(migrate));
      for (const database of databases) expect(await pendingMigrations(database)).toMatchObject({ pending: [] });
    });

    test("of a newer program is not touched by this one", async () => {
      const database = await open();
      await migrate(database);
      await database.kysely
        .insertInto("schema_migrations")
        .values({ name: "9999-from-the-future", timestamp: new Date().toISOString() })
        .execute();
      await expect(migrate(database)).rejects.toMatchObject({
        code: "invalid_configuration",
        message: expect.stringMatching(/newer than this program.*9999-from-the-future/),
      });
    });
  });
}
