import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databaseKinds } from "../fixtures/databases.ts";
import { makeAdministrator, openPeopleStores, type PeopleStores } from "../fixtures/people-stores.ts";

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`people in ${kind.name}`, () => {
    let stores: PeopleStores;

    beforeAll(async () => {
      stores = await openPeopleStores(kind);
    });
    beforeEach(() => stores.empty());
    afterAll(() => stores.drop());

    function invite(email: string, ...roles: [string, "administrator" | "editor" | "operator" | "viewer"][]) {
      return stores.users.create({ email, name: `N ${email}`, roles: new Map(roles), createdAt: 5 });
    }

    test("are found by id and by address, whatever its case", async () => {
      const user = await invite("Ann@Example.com", ["default", "editor"]);
      expect(user).toMatchObject({
        email: "ann@example.com",
        status: "active",
        hasPassword: false,
        hasTotp: false,
        mustChangePassword: false,
        createdAt: 5,
      });
      expect([...user.roles]).toStrictEqual([["default", "editor"]]);
      expect(await stores.users.findByEmail("ANN@example.COM")).toStrictEqual(user);
      expect(await stores.users.get(user.id)).toStrictEqual(user);
      expect(await stores.users.get("nobody")).toBeUndefined();
    });

    test("have one account per address, also when many make it at once", async () => {
      const tries = await Promise.allSettled(
        Array.from({ length: 8 }, (_, n) => invite(n % 2 ? "B@x.org" : "b@X.org")),
      );
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const tried of tries)
        if (tried.status === "rejected") expect(tried.reason).toMatchObject({ code: "conflict" });
      const other = await invite("c@x.org");
      await expect(stores.users.update(other.id, { email: "B@X.ORG" })).rejects.toMatchObject({ code: "conflict" });
    });

    test("begin with exactly one, however many come first at once", async () => {
      expect(await stores.users.isEmpty()).toBe(true);
      const first = (n: number) =>
        stores.users.createFirst({
          email: `a${n}@x.org`,
          name: "",
          roles: new Map([["*", "administrator"]]),
          passwordHash: "h",
          createdAt: 1,
        });
      const tries = await Promise.allSettled(Array.from({ length: 6 }, (_, n) => first(n)));
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await stores.users.list({ limit: 10 })).items).toHaveLength(1);
      expect(await stores.users.isEmpty()).toBe(false);
    });

    test("are listed by address in pages, and found by parts of it that mean themselves", async () => {
      for (const name of ["a_a", "aba", "c%c", "ccc", "d"]) await invite(`${name}@x.org`);
      const first = await stores.users.list({ limit: 2 });
      expect(first.items.map(({ email }) => email)).toStrictEqual(["a_a@x.org", "aba@x.org"]);
      const rest = await stores.users.list({ limit: 3, cursor: first.nextCursor });
      expect(rest.items.map(({ email }) => email)).toStrictEqual(["c%c@x.org", "ccc@x.org", "d@x.org"]);
      expect(rest.nextCursor).toBeUndefined();
      const found = async (search: string) =>
        (await stores.users.list({ limit: 9, search })).items.map(({ email }) => email);
      expect(await found("A_A")).toStrictEqual(["a_a@x.org"]);
      expect(await found("%")).toStrictEqual(["c%c@x.org"]);
      expect(await found("!")).toStrictEqual([]);
      expect(await found("n d")).toStrictEqual(["d@x.org"]);
      await expect(stores.users.list({ limit: 2, cursor: "***" })).rejects.toMatchObject({ code: "bad_request" });
    });

    test("are listed by tenant and status", async () => {
      await stores.tenants.create({ id: "sales", title: "Sales", isDisabled: false, createdAt: 1 });
      const one = await invite("one@x.org", ["sales", "viewer"]);
      await invite("two@x.org", ["default", "viewer"]);
      await makeAdministrator(stores, "root@x.org");
      await stores.users.update(one.id, { status: "disabled" });
      const listed = async (query: { tenant?: string; status?: "active" | "disabled" }) =>
        (await stores.users.list({ limit: 9, ...query })).items.map(({ email }) => email);
      expect(await listed({ tenant: "sales" })).toStrictEqual(["one@x.org"]);
      expect(await listed({ tenant: "*" })).toStrictEqual(["root@x.org"]);
      expect(await listed({ status: "disabled" })).toStrictEqual(["one@x.org"]);
      expect(await listed({ tenant: "default", status: "disabled" })).toStrictEqual([]);
    });

    test("get one role per tenant, in tenants that exist", async () => {
      await makeAdministrator(stores, "root@x.org");
      const user = await invite("a@x.org");
      await stores.users.setRole(user.id, "default", "viewer");
      expect([...(await stores.users.setRole(user.id, "default", "editor")).roles]).toStrictEqual([
        ["default", "editor"],
      ]);
      expect((await stores.users.setRole(user.id, "default", undefined)).roles.size).toBe(0);
      await expect(stores.users.setRole(user.id, "nowhere", "viewer")).rejects.toMatchObject({ code: "not_found" });
      await expect(stores.users.setRole("nobody", "default", "viewer")).rejects.toMatchObject({ code: "not_found" });
      await expect(invite("b@x.org", ["nowhere", "viewer"])).rejects.toMatchObject({ code: "not_found" });
      expect(await stores.users.findByEmail("b@x.org")).toBeUndefined();
    });

    test("keep an administrator of * who can sign in", async () => {
      const last = await makeAdministrator(stores, "root@x.org");
      // Somebody who was invited and never set a password can administer nothing yet.
      await invite("invited@x.org", ["*", "administrator"]);
      await invite("editor@x.org", ["*", "editor"]);
      const conflict = { code: "conflict", message: expect.stringContaining("nobody to administer") };
      await expect(stores.users.delete(last.id)).rejects.toMatchObject(conflict);
      await expect(stores.users.update(last.id, { status: "disabled" })).rejects.toMatchObject(conflict);
      await expect(stores.users.setRole(last.id, "*", "editor")).rejects.toMatchObject(conflict);
      await expect(stores.users.setRole(last.id, "*", undefined)).rejects.toMatchObject(conflict);
      expect(await stores.users.get(last.id)).toStrictEqual(last);
    });

    test("keep one of several administrators who are taken away at once", async () => {
      const all = await Promise.all(["a", "b", "c", "d"].map((name) => makeAdministrator(stores, `${name}@x.org`)));
      const [a, b, c, d] = all;
      const results = await Promise.allSettled([
        stores.users.delete(a?.id ?? ""),
        stores.users.update(b?.id ?? "", { status: "disabled" }),
        stores.users.setRole(c?.id ?? "", "*", undefined),
        stores.users.setRole(d?.id ?? "", "*", "viewer"),
      ]);
      expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
      const left = (await stores.users.list({ limit: 9, tenant: "*", status: "active" })).items;
      expect(left.filter(({ roles }) => roles.get("*") === "administrator")).toHaveLength(1);
    });

    test("lose everything with their account", async () => {
      await makeAdministrator(stores, "root@x.org");
      const user = await makeAdministrator(stores, "gone@x.org");
      await stores.signIns.open({
        id: "s",
        tokenHash: "t",
        userId: user.id,
        method: "password",
        createdAt: 10,
        ip: "::1",
        userAgent: "",
      });
      await stores.links.create("l", {
        purpose: "reset",
        userId: user.id,
        createdBy: "x",
        createdAt: 1,
        expiresAt: 99,
      });
      await stores.keys.create(
        { id: "k", hint: "h", name: "n", ownerId: user.id, tenant: "default", use: { kind: "mcp" }, createdAt: 1 },
        "sha",
      );
      await stores.credentials.linkIdentity(user.id, { provider: "oidc", issuer: "i", subject: "s" }, 1);
      await stores.users.delete(user.id);
      expect(await stores.users.get(user.id)).toBeUndefined();
      expect(await stores.signIns.find("t", 11)).toBeUndefined();
      expect(await stores.links.find("l", 2)).toBeUndefined();
      expect(await stores.keys.find("sha", 2)).toBeUndefined();
      expect(await stores.credentials.findByIdentity({ provider: "oidc", issuer: "i", subject: "s" })).toBeUndefined();
      await expect(stores.users.delete(user.id)).rejects.toMatchObject({ code: "not_found" });
    });

    test("tenants: default stays, prefixes never meet, members and keys go with them", async () => {
      const tenant = { id: "sales", title: "Sales", prefix: "/sales", isDisabled: false, createdAt: 3 };
      expect(await stores.tenants.create(tenant)).toStrictEqual(tenant);
      await expect(stores.tenants.create(tenant)).rejects.toMatchObject({ code: "conflict" });
      for (const prefix of ["/sales", "/sales/north"])
        await expect(stores.tenants.create({ ...tenant, id: "other", prefix })).rejects.toMatchObject({
          code: "conflict",
        });
      expect(await stores.tenants.create({ ...tenant, id: "salesforce", prefix: "/salesforce" })).toBeDefined();
      await expect(stores.tenants.update("default", { prefix: "/sales" })).rejects.toMatchObject({ code: "conflict" });
      expect(await stores.tenants.update("sales", { title: "S", prefix: null, isDisabled: true })).toStrictEqual({
        id: "sales",
        title: "S",
        isDisabled: true,
        createdAt: 3,
      });
      expect((await stores.tenants.list({ limit: 2 })).items.map(({ id }) => id)).toStrictEqual(["default", "sales"]);
      expect((await stores.tenants.list({ limit: 5, search: "FORCE" })).items).toHaveLength(1);
      const user = await invite("a@x.org", ["sales", "viewer"]);
      await stores.tenants.delete("sales");
      expect((await stores.users.get(user.id))?.roles.size).toBe(0);
      await expect(stores.tenants.delete("sales")).rejects.toMatchObject({ code: "not_found" });
      await expect(stores.tenants.delete("default")).rejects.toMatchObject({ code: "conflict" });
    });
  });
}
