import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { signInLimits } from "../../src/core/sign-in-store.ts";
import type { ThrottleRule } from "../../src/core/throttle-store.ts";
import { databaseKinds } from "../fixtures/databases.ts";
import { makeAdministrator, openPeopleStores, type PeopleStores } from "../fixtures/people-stores.ts";

const now = 1_800_000_000_000;

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`signing in over ${kind.name}`, () => {
    let stores: PeopleStores;

    beforeAll(async () => {
      stores = await openPeopleStores(kind);
    });
    beforeEach(() => stores.empty());
    afterAll(() => stores.drop());

    async function open(userId: string, id: string, more: { passwordHash?: string; at?: number } = {}) {
      return stores.signIns.open({
        id,
        tokenHash: `token-${id}`,
        userId,
        method: "password",
        createdAt: more.at ?? now,
        ip: "2001:db8::1",
        userAgent: "Browser 😀",
        passwordHash: more.passwordHash,
      });
    }

    test("a sign-in is found by its token until it idles or is too old", async () => {
      const user = await makeAdministrator(stores, "a@x.org");
      expect(await open(user.id, "s")).toBe(true);
      expect(await stores.signIns.find("token-s", now + 1)).toMatchObject({
        signIn: { id: "s", userId: user.id, createdAt: now, usedAt: now, ip: "2001:db8::1", userAgent: "Browser 😀" },
        user: { email: "a@x.org", signedInAt: now },
      });
      expect(await stores.signIns.find("token-x", now)).toBeUndefined();
      expect(await stores.signIns.find("token-s", now + signInLimits.idleMs)).toBeUndefined();
      const late = now + signInLimits.absoluteMs;
      await stores.signIns.touch("s", late - 1);
      expect(await stores.signIns.find("token-s", late - 1)).toBeDefined();
      expect(await stores.signIns.find("token-s", late)).toBeUndefined();
      expect(await stores.signIns.prune(late - 1)).toBe(0);
      expect(await stores.signIns.prune(late)).toBe(1);
    });

    test("nobody is signed in who is disabled, or whose password changed meanwhile", async () => {
      await makeAdministrator(stores, "root@x.org");
      const user = await makeAdministrator(stores, "a@x.org");
      expect(await open(user.id, "old", { passwordHash: "another" })).toBe(false);
      expect(await open(user.id, "s", { passwordHash: "hash" })).toBe(true);
      await stores.users.update(user.id, { status: "disabled" });
      expect(await stores.signIns.find("token-s", now)).toBeUndefined();
      expect(await open(user.id, "t")).toBe(false);
      await stores.users.update(user.id, { status: "active" });
      expect(await stores.signIns.find("token-s", now)).toBeUndefined();
      expect(await open("nobody", "u")).toBe(false);
    });

    test("roles of disabled tenants do not count", async () => {
      await stores.tenants.create({ id: "sales", title: "", isDisabled: false, createdAt: 1 });
      const roles = new Map([
        ["default", "viewer" as const],
        ["sales", "editor" as const],
      ]);
      const user = await stores.users.create({ email: "a@x.org", name: "", roles, createdAt: 1 });
      await open(user.id, "s");
      expect((await stores.signIns.find("token-s", now))?.user.roles.size).toBe(2);
      await stores.tenants.update("sales", { isDisabled: true });
      expect([...((await stores.signIns.find("token-s", now))?.user.roles ?? [])]).toStrictEqual([
        ["default", "viewer"],
      ]);
    });

    test("a token that is replaced opens nothing any more", async () => {
      const user = await makeAdministrator(stores, "a@x.org");
      await open(user.id, "s");
      await stores.signIns.replaceToken("s", "new");
      expect(await stores.signIns.find("token-s", now)).toBeUndefined();
      expect((await stores.signIns.find("new", now))?.signIn.id).toBe("s");
    });

    test("sign-ins are listed and ended one by one or together, each user's own", async () => {
      const [one, other] = [await makeAdministrator(stores, "a@x.org"), await makeAdministrator(stores, "b@x.org")];
      for (const [n, id] of ["p", "q", "r"].entries()) await open(one.id, id, { at: now + n });
      await open(other.id, "z");
      expect((await stores.signIns.list(one.id, now)).map(({ id }) => id)).toStrictEqual(["r", "q", "p"]);
      expect(await stores.signIns.end(one.id, "z")).toBe(false);
      expect(await stores.signIns.end(one.id, "p")).toBe(true);
      expect(await stores.signIns.endAll(one.id, "q")).toBe(1);
      expect((await stores.signIns.list(one.id, now)).map(({ id }) => id)).toStrictEqual(["q"]);
      expect(await stores.signIns.list(other.id, now)).toHaveLength(1);
    });

    test("a new password ends the other sign-ins and voids links", async () => {
      const user = await makeAdministrator(stores, "a@x.org");
      await open(user.id, "mine");
      await open(user.id, "theirs");
      await stores.links.create("h", { purpose: "reset", userId: user.id, createdBy: "x", createdAt: 1, expiresAt: 9 });
      await stores.users.update(user.id, { mustChangePassword: true });
      await stores.credentials.setPassword(user.id, "newer", "mine");
      expect(await stores.signIns.list(user.id, now)).toMatchObject([{ id: "mine" }]);
      expect(await stores.links.find("h", 2)).toBeUndefined();
      expect(await stores.credentials.findByEmail("A@X.org")).toMatchObject({
        passwordHash: "newer",
        user: { mustChangePassword: false },
      });
      await expect(stores.credentials.setPassword("nobody", "x")).rejects.toMatchObject({ code: "not_found" });
    });

    test("a link is used once, however many try at once, and not when it is expired", async () => {
      const link = { purpose: "setup" as const, createdBy: "program", createdAt: 1, expiresAt: now + 10 };
      await stores.links.create("h", link);
      expect(await stores.links.find("h", now)).toStrictEqual(link);
      const uses = await Promise.all(Array.from({ length: 8 }, () => stores.links.use("h", now)));
      expect(uses.filter((used) => used !== undefined)).toStrictEqual([link]);
      await stores.links.create("late", link);
      expect(await stores.links.use("late", now + 10)).toBeUndefined();
      expect(await stores.links.prune(now + 10)).toBe(1);
    });

    test("a user's newer link voids the ones before", async () => {
      const user = await makeAdministrator(stores, "a@x.org");
      const link = { purpose: "reset" as const, userId: user.id, createdBy: "x", createdAt: 1, expiresAt: now };
      await stores.links.create("one", link);
      await stores.links.create("two", link);
      expect(await stores.links.find("one", 2)).toBeUndefined();
      expect(await stores.links.find("two", 2)).toStrictEqual(link);
    });

    test("one-time passwords: confirmed once, each step used once, never an earlier one", async () => {
      const user = await makeAdministrator(stores, "a@x.org");
      const sealed = { keyId: "k", ciphertext: "c" };
      await stores.credentials.setPendingTotp(user.id, { keyId: "k", ciphertext: "older" });
      await stores.credentials.setPendingTotp(user.id, sealed);
      const confirmed = { sealed, step: 100, recoveryHashes: ["r1", "r2"] };
      const older = { ...confirmed, sealed: { keyId: "k", ciphertext: "older" } };
      expect(await stores.credentials.confirmTotp(user.id, older)).toBe(false);
      expect(await stores.credentials.confirmTotp(user.id, confirmed)).toBe(true);
      expect(await stores.credentials.confirmTotp(user.id, confirmed)).toBe(false);
      expect(await stores.credentials.get(user.id)).toMatchObject({ totp: sealed, user: { hasTotp: true } });
      expect(await stores.credentials.useTotpStep(user.id, 100)).toBe(false);
      const uses = await Promise.all(Array.from({ length: 6 }, () => stores.credentials.useTotpStep(user.id, 101)));
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect(await stores.credentials.useTotpStep(user.id, 99)).toBe(false);
      const codes = await Promise.all(
        Array.from({ length: 6 }, () => stores.credentials.useRecoveryCode(user.id, "r1")),
      );
      expect(codes.filter(Boolean)).toHaveLength(1);
      expect(await stores.credentials.countRecoveryCodes(user.id)).toBe(1);
      await stores.credentials.replaceRecoveryCodes(user.id, ["n1", "n2", "n3"]);
      expect(await stores.credentials.useRecoveryCode(user.id, "r2")).toBe(false);
      expect(await stores.credentials.removeTotp(user.id)).toBe(true);
      expect(await stores.credentials.removeTotp(user.id)).toBe(false);
      expect(await stores.credentials.countRecoveryCodes(user.id)).toBe(0);
    });

    test("an identity of a provider is one user's", async () => {
      const [one, other] = [await makeAdministrator(stores, "a@x.org"), await makeAdministrator(stores, "b@x.org")];
      const identity = { provider: "oidc", issuer: "https://id.example", subject: "s".repeat(255) };
      await stores.credentials.linkIdentity(one.id, identity, now);
      await stores.credentials.linkIdentity(one.id, identity, now);
      await expect(stores.credentials.linkIdentity(other.id, identity, now)).rejects.toMatchObject({
        code: "conflict",
      });
      expect((await stores.credentials.findByIdentity(identity))?.id).toBe(one.id);
      const elsewhere = { ...identity, issuer: "https://other.example" };
      expect(await stores.credentials.findByIdentity(elsewhere)).toBeUndefined();
      expect(await stores.credentials.listProviders(one.id)).toStrictEqual(["oidc"]);
    });

    const rule: ThrottleRule = { freeFailures: 2, firstWaitMs: 1_000, longestWaitMs: 3_000, forgetMs: 60_000 };

    test("failures wait twice as long each time, up to the longest wait, and are forgotten", async () => {
      const begin = (at: number) => stores.throttles.begin("n", rule, at);
      expect([await begin(now), await begin(now), await begin(now), await begin(now)]).toStrictEqual([0, 0, 0, 1_000]);
      expect(await begin(now + 999)).toBe(1);
      expect([await begin(now + 1_000), await begin(now + 1_000)]).toStrictEqual([0, 2_000]);
      expect([await begin(now + 3_000), await begin(now + 3_000)]).toStrictEqual([0, 3_000]);
      expect(await stores.throttles.begin("other", rule, now)).toBe(0);
      const later = now + 3_000 + rule.forgetMs + 1;
      expect([await begin(later), await begin(later), await begin(later)]).toStrictEqual([0, 0, 0]);
      await stores.throttles.forgive("n");
      expect(await begin(later)).toBe(0);
      await stores.throttles.clear("n");
      expect([await begin(later), await begin(later), await begin(later)]).toStrictEqual([0, 0, 0]);
      expect(await stores.throttles.prune(later)).toBe(1);
    });

    test("many attempts at once are no way around", async () => {
      const waits = await Promise.all(Array.from({ length: 12 }, () => stores.throttles.begin("n", rule, now)));
      expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(3);
    });
  });
}
