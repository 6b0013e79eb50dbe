import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AuditEntry, AuditQuery } from "../../src/core/audit-log.ts";
import { databaseKinds } from "../fixtures/databases.ts";
import { openPeopleStores, type PeopleStores } from "../fixtures/people-stores.ts";

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`the audit log in ${kind.name}`, () => {
    let stores: PeopleStores;

    beforeAll(async () => {
      stores = await openPeopleStores(kind);
    });
    beforeEach(() => stores.empty());
    afterAll(() => stores.drop());

    function append(at: number, more: Partial<AuditEntry> = {}): Promise<void> {
      return stores.audit.append({
        at,
        actor: { kind: "user", id: "user:1", name: "Ann" },
        action: "server.save",
        target: { kind: "server", id: "crm" },
        ...more,
      });
    }

    async function times(query: Partial<AuditQuery>): Promise<number[]> {
      return (await stores.audit.list({ limit: 50, ...query })).items.map(({ at }) => at);
    }

    test("gives back what it was given", async () => {
      const entry = {
        tenant: "sales",
        actor: { kind: "key" as const, id: "key:7", name: "Robot 🤖" },
        action: "secret.put",
        target: { kind: "secret", id: "sales/TOKEN" },
        before: { version: 1, list: [null, true] },
        after: "text",
        ip: "2001:db8::1",
        requestId: "r-1",
      };
      await append(5, entry);
      await append(4);
      const { items } = await stores.audit.list({ limit: 5 });
      expect(items[0]).toStrictEqual({ id: items[0]?.id, at: 5, ...entry });
      expect(Object.keys(items[1] ?? {}).sort()).toStrictEqual(["action", "actor", "at", "id", "target"]);
    });

    test("is newest first, in pages without gaps or repeats, while it grows", async () => {
      for (const at of [30, 10, 20, 20, 40]) await append(at);
      const first = await stores.audit.list({ limit: 2 });
      await append(50);
      const second = await stores.audit.list({ limit: 2, cursor: first.nextCursor });
      const third = await stores.audit.list({ limit: 2, cursor: second.nextCursor });
      expect([first, second, third].map(({ items }) => items.map(({ at }) => at))).toStrictEqual([
        [40, 30],
        [20, 20],
        [10],
      ]);
      expect(third.nextCursor).toBeUndefined();
      await expect(stores.audit.list({ limit: 2, cursor: "x' or 1=1" })).rejects.toMatchObject({ code: "bad_request" });
    });

    test("is filtered by tenant, actor, action, target and time", async () => {
      await append(1, { tenant: "a" });
      await append(2, { tenant: "b", action: "server.delete" });
      await append(3, { actor: { kind: "program", id: "program", name: "" } });
      await append(4, { tenant: "a", target: { kind: "key", id: "k" } });
      expect(await times({})).toStrictEqual([4, 3, 2, 1]);
      expect(await times({ tenants: ["a"] })).toStrictEqual([4, 1]);
      expect(await times({ tenants: ["a", "b"] })).toStrictEqual([4, 2, 1]);
      expect(await times({ tenants: [] })).toStrictEqual([]);
      expect(await times({ actorId: "program" })).toStrictEqual([3]);
      expect(await times({ action: "server.delete" })).toStrictEqual([2]);
      expect(await times({ targetKind: "key" })).toStrictEqual([4]);
      expect(await times({ targetId: "crm", from: 2, to: 3 })).toStrictEqual([2]);
    });

    test("forgets what is older by prune alone", async () => {
      for (const at of [1, 2, 3]) await append(at);
      expect(await stores.audit.prune(3)).toBe(2);
      expect(await times({})).toStrictEqual([3]);
    });
  });
}
