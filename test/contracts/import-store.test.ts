import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlImportStore } from "../../src/adapters/sql/sql-import-store.ts";
import { SqlTenantStore } from "../../src/adapters/sql/sql-tenant-store.ts";
import type { ImportStore, StoredImport } from "../../src/core/import-store.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";

const imported: StoredImport = {
  kind: "openapi",
  source: "https://api.example/openapi.json",
  address: "https://api.example/openapi.json",
  choices: { prefix: "/crm", operations: { all: true } },
  names: { "GET /pets/{id}": "get_pet" },
  // Ids of tools are exact, whatever their size.
  document: { name: "crm", tools: [{ name: "get_pet", input: { maximum: 9007199254740993n, title: "ü ✓" } }] },
  descriptionHash: "a".repeat(64),
  importedAt: 1_700_000_000_000,
  importedBy: { id: "user:1", name: "Ada" },
};

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`imports in ${kind.name}`, () => {
    let place: TestDatabase;
    let database: SqlDatabase;
    let store: ImportStore;

    beforeAll(async () => {
      place = await kind.create();
      database = new SqlDatabase(place.address);
      await migrate(database);
      store = new SqlImportStore(database);
    });

    afterAll(async () => {
      await database.close();
      await place.drop();
    });

    test("are absent until one is made, and are kept as they were", async () => {
      const ref = { tenant: "default", name: "crm" };
      expect(await store.get(ref)).toBeUndefined();
      await store.put(ref, imported);
      expect(await store.get(ref)).toStrictEqual(imported);
      expect(await store.get({ tenant: "default", name: "CRM" })).toBeUndefined();
      expect(await store.get({ tenant: "sales", name: "crm" })).toBeUndefined();
    });

    test("take the place of the one before, and may be large", async () => {
      const ref = { tenant: "default", name: "large" };
      await store.put(ref, imported);
      const { address: _address, ...text } = imported;
      const large = { ...text, document: { name: "large", description: "x".repeat(4_000_000) } };
      await store.put(ref, large);
      expect(await store.get(ref)).toStrictEqual(large);
    });

    test("are gone when they are deleted, once or twice", async () => {
      const ref = { tenant: "default", name: "short" };
      await store.put(ref, imported);
      await store.delete(ref);
      await store.delete(ref);
      expect(await store.get(ref)).toBeUndefined();
    });

    test("go with their tenant", async () => {
      const tenants = new SqlTenantStore(database);
      await tenants.create({ id: "sales", title: "Sales", isDisabled: false, createdAt: 1 });
      await store.put({ tenant: "sales", name: "crm" }, imported);
      await tenants.delete("sales");
      expect(await store.get({ tenant: "sales", name: "crm" })).toBeUndefined();
      expect(await store.get({ tenant: "default", name: "crm" })).toBeDefined();
    });
  });
}
