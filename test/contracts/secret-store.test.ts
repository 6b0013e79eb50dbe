import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SecretCipher } from "../../src/access/secret-cipher.ts";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlSecretStore } from "../../src/adapters/sql/sql-secret-store.ts";
import type { PutSecret, SecretStore } from "../../src/core/secret-store.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";

const author = { id: "user:1", name: "Ada 🦊" };
const put = (name: string, ciphertext: string, more: Partial<PutSecret> = {}): PutSecret => ({
  tenant: "shop",
  name,
  description: "",
  keyId: "k1",
  ciphertext,
  author,
  ...more,
});

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`secrets in ${kind.name}`, () => {
    let place: TestDatabase;
    let now = 1_000;
    const opened: SqlDatabase[] = [];

    /** A store as another process would open it. */
    function open(maxOfTenant?: number): SecretStore {
      const database = new SqlDatabase(place.address);
      opened.push(database);
      return new SqlSecretStore(database, () => now, maxOfTenant);
    }

    beforeEach(async () => {
      place = await kind.create();
      open();
      for (const database of opened) await migrate(database);
    });

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((database) => database.close()));
      await place.drop();
    });

    test("are listed by name with their version, time and author, and without their value", async () => {
      const store = open();
      await store.put(put("b", "v1.b"));
      await store.put(put("a", "v1.a", { description: "of the shop; 'quoted' 🦊" }));
      await store.put(put("B", "v1.B"));
      now = 2_000;
      const info = await store.put(put("b", "v1.b2", { author: { id: "user:2", name: "Bob" } }));
      expect(info).toStrictEqual({
        tenant: "shop",
        name: "b",
        description: "",
        version: 2,
        updatedBy: { id: "user:2", name: "Bob" },
        updatedAt: 2_000,
      });
      expect(await open().list("shop")).toStrictEqual([
        { tenant: "shop", name: "B", description: "", version: 1, updatedBy: author, updatedAt: 1_000 },
        {
          tenant: "shop",
          name: "a",
          description: "of the shop; 'quoted' 🦊",
          version: 1,
          updatedBy: author,
          updatedAt: 1_000,
        },
        info,
      ]);
      now = 1_000;
    });

    test("of one tenant are not those of another", async () => {
      const store = open();
      await store.put(put("a", "v1.shop"));
      await store.put(put("a", "v1.other", { tenant: "Shop" }));
      expect((await store.list("shop")).map(({ tenant }) => tenant)).toStrictEqual(["shop"]);
      expect(await store.list("sho")).toStrictEqual([]);
      expect(await store.delete("Shop", "a")).toBe(true);
      expect((await store.readAll()).secrets.map(({ ciphertext }) => ciphertext)).toStrictEqual(["v1.shop"]);
    });

    test("change the revision with every change, and reading does not", async () => {
      const store = open();
      const revisions = [await store.revision()];
      const changes = [
        () => store.put(put("a", "v1.a")),
        () => store.put(put("a", "v1.b")),
        () => store.reseal([{ tenant: "shop", name: "a", keyId: "k2", ciphertext: "v1.c", replaces: "v1.b" }]),
        () => store.delete("shop", "a"),
      ];
      for (const change of changes) {
        await change();
        await store.list("shop");
        revisions.push(await store.revision());
        expect((await open().readAll()).revision).toBe(revisions.at(-1));
      }
      expect(revisions).toStrictEqual([...new Set(revisions)].sort((one, other) => one - other));
      expect(revisions).toHaveLength(5);
    });

    test("deleted are gone once, and begin anew", async () => {
      const store = open();
      await store.put(put("a", "v1.a"));
      await store.put(put("a", "v1.b"));
      expect(await store.delete("shop", "a")).toBe(true);
      expect(await store.delete("shop", "a")).toBe(false);
      expect(await store.list("shop")).toStrictEqual([]);
      expect(await store.put(put("a", "v1.c"))).toMatchObject({ version: 1 });
    });

    test("written by many at once count every value", async () => {
      // Two handles of SQLite in one process wait for each other in vain: a process has one.
      const stores = kind.name === "SQLite" ? [open()] : [open(), open(), open()];
      const puts = Array.from({ length: 30 }, (_, i) => (stores[i % stores.length] ?? open()).put(put("a", `v1.${i}`)));
      const versions = (await Promise.all(puts)).map(({ version }) => version);
      expect(versions.sort((one, other) => one - other)).toStrictEqual(Array.from({ length: 30 }, (_, i) => i + 1));
      expect(await open().list("shop")).toMatchObject([{ version: 30 }]);
    });

    test("are not sealed anew over a value that came meanwhile, not even after a deletion", async () => {
      const store = open();
      for (const name of ["same", "changed", "renewed", "gone"]) await store.put(put(name, `v1.${name}`));
      const read = (await store.readAll()).secrets;
      await store.put(put("changed", "v1.new"));
      await store.delete("shop", "renewed");
      await store.put(put("renewed", "v1.new"));
      await store.delete("shop", "gone");
      const resealed = read.map(({ tenant, name, ciphertext }) => ({
        tenant,
        name,
        keyId: "k2",
        ciphertext: `${ciphertext}.again`,
        replaces: ciphertext,
      }));
      expect(await store.reseal(resealed)).toBe(1);
      const after = (await store.readAll()).secrets.map(({ name, keyId, ciphertext }) => [name, keyId, ciphertext]);
      expect(after.sort()).toStrictEqual([
        ["changed", "k1", "v1.new"],
        ["renewed", "k1", "v1.new"],
        ["same", "k2", "v1.same.again"],
      ]);
      expect(await store.list("shop")).toContainEqual(expect.objectContaining({ name: "same", version: 1 }));
    });

    test("of one tenant are bounded, and known ones still change then", async () => {
      const store = open(3);
      const names = ["a", "b", "c", "d", "e"];
      const outcomes = await Promise.allSettled(names.map((name) => store.put(put(name, "v1.a"))));
      const refused = outcomes.filter(({ status }) => status === "rejected");
      expect(refused).toMatchObject(Array.from({ length: 2 }, () => ({ reason: { code: "unprocessable" } })));
      const [first] = await store.list("shop");
      expect(await store.put(put(String(first?.name), "v1.b"))).toMatchObject({ version: 2 });
      expect(await store.put(put("a", "v1.a", { tenant: "other" }))).toMatchObject({ version: 1 });
      expect(await store.list("shop")).toHaveLength(3);
    });

    test("of the largest size open again", async () => {
      const cipher = new SecretCipher([randomBytes(32)]);
      const value = "🦊\r\n'\"\\\0".repeat(7_000);
      const at = { tenant: "shop", name: "a" };
      await open().put(put("a", "", cipher.seal(at, value)));
      const [sealed] = (await open().readAll()).secrets;
      expect(sealed && cipher.open(at, sealed)).toBe(value);
    });
  });
}
