import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlGatewayRegistry } from "../../src/adapters/sql/sql-gateway-registry.ts";
import type { GatewayReport } from "../../src/core/gateway-registry.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";

const reportOf = (id: string, more: Partial<GatewayReport> = {}): GatewayReport => ({
  id,
  name: `gateway ${id}`,
  version: "1.0.0",
  url: "http://127.0.0.1:5235",
  startedAt: 1,
  revision: 7,
  servedAt: 2,
  servers: 3,
  sessions: 4,
  refused: [],
  ...more,
});

const dayMs = 86_400_000;

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`reports of gateways in ${kind.name}`, () => {
    let place: TestDatabase;
    let now = 1_000;
    const opened: SqlDatabase[] = [];

    /** A registry as another process would open it. */
    function open(): SqlGatewayRegistry {
      const database = new SqlDatabase(place.address);
      opened.push(database);
      return new SqlGatewayRegistry(database, () => now);
    }

    beforeEach(async () => {
      now = 1_000;
      place = await kind.create();
      open();
      for (const database of opened) await migrate(database);
    });

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((database) => database.close()));
      await place.drop();
    });

    test("are listed by name, as they were told last and when", async () => {
      const problem = {
        severity: "error",
        path: ["a", 1],
        message: "wrong 🦊",
        file: "f",
        line: 1,
        column: 2,
      } as const;
      const refused = [{ tenant: "t", name: "n", state: "kept", problems: [problem] }] as const;
      await open().report(reportOf("b"));
      await open().report(reportOf("a"));
      now = 2_000;
      await open().report(reportOf("b", { revision: 8, refused }));
      expect(await open().list(0)).toStrictEqual([
        { ...reportOf("a"), reportedAt: 1_000 },
        { ...reportOf("b", { revision: 8, refused }), reportedAt: 2_000 },
      ]);
      expect(await open().list(1_000)).toMatchObject([{ id: "b" }]);
    });

    test("end when the gateway leaves, and nobody else's with them", async () => {
      const registry = open();
      await registry.report(reportOf("a"));
      await registry.report(reportOf("b"));
      await registry.leave("a");
      await registry.leave("a");
      expect(await registry.list(0)).toMatchObject([{ id: "b" }]);
      await registry.close();
      await registry.close();
    });

    test("of one gateway that overlap, from everywhere, leave one", async () => {
      const registries = [open(), open(), open()];
      const reports = registries.flatMap((registry) =>
        Array.from({ length: 6 }, (_, sessions) => registry.report(reportOf("a", { sessions }))),
      );
      await Promise.all(reports);
      expect(await open().list(0)).toHaveLength(1);
    });

    test("of gateways that ended without a word are forgotten after a day", async () => {
      const registry = open();
      await registry.report(reportOf("dead"));
      now += dayMs - 1;
      await registry.report(reportOf("alive"));
      expect(await registry.list(0)).toHaveLength(2);
      now += dayMs / 2;
      await registry.report(reportOf("alive"));
      expect(await registry.list(0)).toMatchObject([{ id: "alive" }]);
    });
  });
}
