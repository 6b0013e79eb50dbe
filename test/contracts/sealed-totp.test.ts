import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlSealedTotp } from "../../src/adapters/sql/sql-sealed-totp.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`secrets of one-time passwords in ${kind.name}`, () => {
    let place: TestDatabase;
    let database: SqlDatabase;

    beforeEach(async () => {
      place = await kind.create();
      database = new SqlDatabase(place.address);
      await migrate(database);
    });

    afterEach(async () => {
      await database.close();
      await place.drop();
    });

    async function addUser(id: string, secret: string | null, pending: string | null): Promise<void> {
      const row = {
        id,
        email: `${id}@example.com`,
        name: id,
        status: "active",
        must_change_password: 0,
        password_hash: null,
        totp_secret: secret,
        totp_pending: pending,
        totp_step: 0,
        created_at: 0,
        signed_in_at: null,
      };
      await database.kysely.insertInto("users").values(row).execute();
    }

    const sealed = (keyId: string, ciphertext: string) => JSON.stringify({ keyId, ciphertext });

    test("are read with their users and replaced, but not where another one was set up meanwhile", async () => {
      await addUser("u1", sealed("k1", "v1.a"), sealed("k1", "v1.b"));
      await addUser("u2", sealed("k1", "v1.c"), null);
      await addUser("u3", null, null);
      const totp = new SqlSealedTotp(database);
      const { secrets } = await totp.readAll();
      expect(secrets.toSorted((one, other) => (one.ciphertext < other.ciphertext ? -1 : 1))).toStrictEqual([
        { tenant: "*", name: "totp/u1", keyId: "k1", ciphertext: "v1.a" },
        { tenant: "*", name: "totp/u1", keyId: "k1", ciphertext: "v1.b" },
        { tenant: "*", name: "totp/u2", keyId: "k1", ciphertext: "v1.c" },
      ]);
      const changed = sealed("k1", "v1.new");
      await database.kysely.updateTable("users").set({ totp_secret: changed }).where("id", "=", "u2").execute();
      const again = secrets.map(({ tenant, name, ciphertext }) => ({
        tenant,
        name,
        keyId: "k2",
        ciphertext: `${ciphertext}.again`,
        replaces: ciphertext,
      }));
      expect(await totp.reseal(again)).toBe(2);
      const rows = await database.kysely
        .selectFrom("users")
        .select(["totp_secret", "totp_pending"])
        .orderBy("id")
        .execute();
      expect(rows).toEqual([
        { totp_secret: sealed("k2", "v1.a.again"), totp_pending: sealed("k2", "v1.b.again") },
        { totp_secret: changed, totp_pending: null },
        { totp_secret: null, totp_pending: null },
      ]);
    });
  });
}
