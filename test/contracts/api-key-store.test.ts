import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ApiKeyInfo } from "../../src/core/api-key-store.ts";
import type { User } from "../../src/core/user-store.ts";
import { databaseKinds } from "../fixtures/databases.ts";
import { makeAdministrator, openPeopleStores, type PeopleStores } from "../fixtures/people-stores.ts";

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`API keys in ${kind.name}`, () => {
    let stores: PeopleStores;
    let owner: User;

    beforeAll(async () => {
      stores = await openPeopleStores(kind);
    });
    beforeEach(async () => {
      await stores.empty();
      await makeAdministrator(stores, "root@x.org");
      const roles = new Map([["default", "administrator" as const]]);
      owner = await stores.users.create({ email: "o@x.org", name: "", roles, createdAt: 1 });
    });
    afterAll(() => stores.drop());

    function make(id: string, more: Partial<ApiKeyInfo> = {}): Promise<ApiKeyInfo> {
      const key: ApiKeyInfo = {
        id,
        hint: `pas_${id}`,
        name: `key ${id}`,
        ownerId: owner.id,
        tenant: "default",
        use: { kind: "mcp" },
        createdAt: 1,
        ...more,
      };
      return stores.keys.create(key, `sha-${id}`);
    }

    async function served(): Promise<string[]> {
      return (await stores.keys.readAll()).keys.map(({ id }) => id);
    }

    test("are kept with their scopes and told to gateways when they are for clients", async () => {
      const made = await make("a", { servers: ["crm"], tools: ["read_*"], expiresAt: 50 });
      await make("b", { use: { kind: "api", role: "editor" } });
      expect(await stores.keys.get("default", "a")).toStrictEqual(made);
      expect(await stores.keys.get("other", "a")).toBeUndefined();
      expect((await stores.keys.readAll()).keys).toStrictEqual([
        {
          id: "a",
          sha256: "sha-a",
          name: "key a",
          tenant: "default",
          servers: ["crm"],
          tools: ["read_*"],
          expiresAt: 50,
        },
      ]);
    });

    test("are found with their owner until they expire", async () => {
      await make("a", { use: { kind: "api", role: "editor" }, expiresAt: 50 });
      expect(await stores.keys.find("sha-a", 49)).toMatchObject({
        key: { id: "a", use: { kind: "api", role: "editor" } },
        owner: { id: owner.id },
      });
      expect(await stores.keys.find("sha-a", 50)).toBeUndefined();
      expect(await stores.keys.find("sha-b", 1)).toBeUndefined();
    });

    test("need an owner who is active and a tenant that is there", async () => {
      await expect(make("a", { ownerId: "nobody" })).rejects.toMatchObject({ code: "not_found" });
      await expect(make("a", { tenant: "nowhere" })).rejects.toMatchObject({ code: "not_found" });
      await stores.users.update(owner.id, { status: "disabled" });
      await expect(make("a")).rejects.toMatchObject({ code: "not_found" });
    });

    const ends: readonly [string, () => Promise<unknown>][] = [
      ["it is deleted", () => stores.keys.delete("default", "a")],
      ["its owner is disabled", () => stores.users.update(owner.id, { status: "disabled" })],
      ["its owner is deleted", () => stores.users.delete(owner.id)],
      ["its owner is no member any more", () => stores.users.setRole(owner.id, "default", undefined)],
      ["its tenant is disabled", () => stores.tenants.update("default", { isDisabled: true })],
    ];
    test.each(ends)("a key is not served any more when %s, and the revision tells", async (_name, end) => {
      await make("a");
      expect(await served()).toStrictEqual(["a"]);
      const before = await stores.keys.revision();
      try {
        await end();
        expect(await served()).toStrictEqual([]);
        expect(await stores.keys.revision()).toBeGreaterThan(before);
      } finally {
        await stores.tenants.update("default", { isDisabled: false });
      }
    });

    test("come with the tenants that are disabled", async () => {
      expect((await stores.keys.readAll()).disabledTenants).toStrictEqual([]);
      await stores.tenants.update("default", { isDisabled: true });
      try {
        expect((await stores.keys.readAll()).disabledTenants).toStrictEqual(["default"]);
      } finally {
        await stores.tenants.update("default", { isDisabled: false });
      }
    });

    test("rest while their owner is disabled and come back", async () => {
      await make("a", { use: { kind: "api", role: "viewer" } });
      await make("m");
      await stores.users.update(owner.id, { status: "disabled" });
      expect(await stores.keys.find("sha-a", 1)).toBeUndefined();
      await stores.users.update(owner.id, { status: "active" });
      expect(await stores.keys.find("sha-a", 1)).toBeDefined();
      expect(await served()).toStrictEqual(["m"]);
    });

    test("that are rotated keep their scopes and lose the key before", async () => {
      await make("a", { servers: ["crm"] });
      await stores.keys.recordUse(new Map([["a", 7]]));
      const rotated = await stores.keys.rotate("default", "a", { sha256: "sha-new", hint: "pas_a2" });
      expect(rotated).toMatchObject({ id: "a", hint: "pas_a2", servers: ["crm"] });
      expect(rotated.usedAt).toBeUndefined();
      expect(await stores.keys.find("sha-a", 1)).toBeUndefined();
      expect(await stores.keys.find("sha-new", 1)).toBeDefined();
      await expect(stores.keys.rotate("other", "a", { sha256: "x", hint: "x" })).rejects.toMatchObject({
        code: "not_found",
      });
    });

    test("remember their last use, never an earlier one, and unknown ids do no harm", async () => {
      await make("a");
      await stores.keys.recordUse(new Map([["a", 20]]));
      await stores.keys.recordUse(
        new Map([
          ["a", 10],
          ["gone", 30],
        ]),
      );
      expect((await stores.keys.get("default", "a"))?.usedAt).toBe(20);
    });

    test("are listed by name in pages, each once, also with equal names", async () => {
      for (const id of ["a", "b", "c", "d", "e"]) await make(id, { name: id < "d" ? "same" : `x ${id}` });
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await stores.keys.list("default", { limit: 2, cursor });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toStrictEqual(["a", "b", "c", "d", "e"]);
      expect((await stores.keys.list("other", { limit: 5 })).items).toStrictEqual([]);
      await expect(stores.keys.list("default", { limit: 2, cursor: "\u0000" })).rejects.toMatchObject({
        code: "bad_request",
      });
    });
  });
}
