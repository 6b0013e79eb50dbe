import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { permissionsIn } from "../../../src/access/permissions.ts";
import { ensureFirstAdministrator } from "../../../src/apiserver/sign-in/first-administrator.ts";
import { forgetExpired } from "../../../src/apiserver/sign-in/forget-expired.ts";
import { textOf } from "../../fixtures/browser.ts";
import { goodPassword, type PeopleSite, root, startPeopleSite } from "../../fixtures/people-site.ts";

const newPassword = "seven quiet herons wade";

describe("accounts", { timeout: 120_000 }, () => {
  let site: PeopleSite;

  beforeAll(async () => {
    site = await startPeopleSite();
  });
  beforeEach(() => site.stores.empty());
  afterAll(() => site.close());

  test("the first administrator is made by the link of the first start, once", async () => {
    expect((await site.browser().get("/sign-in")).body).toStrictEqual({ needsSetup: true, providers: [] });
    const made = await ensureFirstAdministrator(site.parts, {});
    const other = await ensureFirstAdministrator(site.parts, {});
    if (made.kind !== "link" || other.kind !== "link") throw new Error("there must be links");
    expect(made.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/setup#[A-Za-z0-9_-]{43}$/);
    const form = (url: string, email: string) => ({
      token: url.split("#")[1],
      email,
      name: "Ann",
      password: goodPassword,
    });
    const browser = site.browser();
    expect((await browser.post("/links/inspect", { token: made.url.split("#")[1] })).body).toStrictEqual({
      purpose: "setup",
    });
    expect(await browser.post("/setup", { ...form(made.url, "ann@x.org"), password: "password1234" })).toMatchObject({
      status: 422,
      body: { errors: [{ field: "body.password" }] },
    });
    const answer = await browser.post("/setup", form(made.url, "Ann@X.org"));
    expect(answer).toMatchObject({ status: 201, body: { email: "ann@x.org", roles: { "*": "administrator" } } });
    expect((await browser.get("/me")).status).toBe(200);
    expect((await site.browser().post("/setup", form(made.url, "eve@x.org"))).status).toBe(404);
    expect((await site.browser().post("/setup", form(other.url, "eve@x.org"))).status).toBe(409);
    expect((await site.stores.users.list({ limit: 9 })).items).toHaveLength(1);
    expect(await ensureFirstAdministrator(site.parts, {})).toStrictEqual({ kind: "present" });
    expect((await site.browser().get("/sign-in")).body["needsSetup"]).toBe(false);
  });

  test("the first administrator comes from the settings once, by replicas that start together", async () => {
    const settings = { adminEmail: "Boss@x.org", adminPassword: goodPassword };
    const starts = await Promise.all(Array.from({ length: 4 }, () => ensureFirstAdministrator(site.parts, settings)));
    expect(starts.filter(({ kind }) => kind === "made")).toStrictEqual([{ kind: "made", email: "boss@x.org" }]);
    expect((await site.signIn("boss@x.org")).csrfToken).toBeDefined();
    const other = { adminEmail: "other@x.org", adminPassword: goodPassword };
    expect(await ensureFirstAdministrator(site.parts, other)).toStrictEqual({ kind: "present" });
  });

  test.each([
    [{ adminEmail: "a@x.org" }, /needs both/],
    [{ adminPassword: goodPassword }, /needs both/],
    [{ adminEmail: "a@x.org", adminPassword: "admin" }, /at least 12 characters/],
  ])("settings of a first administrator that are half or weak stop the start: %o", async (settings, message) => {
    await expect(ensureFirstAdministrator(site.parts, settings)).rejects.toMatchObject({
      code: "invalid_configuration",
      message: expect.stringMatching(message),
    });
    expect(await site.stores.users.isEmpty()).toBe(true);
  });

  test("/me tells roles, permissions per tenant and how one signed in", async () => {
    await site.makeUser("root@x.org", root);
    await site.makeUser("ed@x.org", { default: "editor" });
    const ed = await site.signIn("ed@x.org");
    const { body } = await ed.get("/me");
    expect(body).toMatchObject({
      kind: "user",
      email: "ed@x.org",
      roles: { default: "editor" },
      tenants: [{ id: "default", title: "Default" }],
      signedInBy: "password",
      mustChangePassword: false,
      hasTotp: false,
    });
    expect(body["permissions"]).toStrictEqual({ default: permissionsIn(new Map([["default", "editor"]]), "default") });
    const admin = await site.signIn("root@x.org");
    expect((await admin.get("/me")).body["permissions"]).toStrictEqual({
      "*": permissionsIn(new Map([["*", "administrator"]]), "*"),
    });
  });

  test("signing out ends the sign-in at the server", async () => {
    await site.makeUser("root@x.org", root);
    const browser = await site.signIn("root@x.org");
    const kept = new Map(browser.cookies);
    expect((await browser.delete("/session")).status).toBe(204);
    expect(browser.cookies.size).toBe(0);
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect((await browser.get("/me")).status).toBe(401);
  });

  test("a sign-in idles out after twelve hours and ends after seven days of use", async () => {
    await site.makeUser("root@x.org", root);
    const hourMs = 3_600_000;
    const browser = await site.signIn("root@x.org");
    for (let hours = 0; hours < 7 * 24 - 11; hours += 11) {
      expect((await browser.get("/me")).status).toBe(200);
      site.advance(11 * hourMs);
    }
    site.advance(11 * hourMs);
    expect((await browser.get("/me")).status).toBe(401);
    const idle = await site.signIn("root@x.org");
    site.advance(12 * hourMs);
    expect((await idle.get("/me")).status).toBe(401);
    expect(await forgetExpired(site.parts)).toBeGreaterThan(0);
  });

  test("a new password needs the one before, ends other sign-ins and renews the cookie", async () => {
    await site.makeUser("root@x.org", root);
    const [mine, other] = [await site.signIn("root@x.org"), await site.signIn("root@x.org")];
    const cookie = mine.cookies.get("passerelle-sign-in");
    const wrong = await mine.put("/me/password", { currentPassword: "not my password", password: newPassword });
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ field: "body.currentPassword" }] } });
    expect((await other.get("/me")).status).toBe(200);
    const changed = await mine.put("/me/password", { currentPassword: goodPassword, password: newPassword });
    expect(changed.status).toBe(200);
    expect(mine.cookies.get("passerelle-sign-in")).not.toBe(cookie);
    expect((await mine.patch("/me", { name: "Root" })).status).toBe(200);
    expect((await other.get("/me")).status).toBe(401);
    const attempt = (password: string) => site.browser().post("/session", { email: "root@x.org", password });
    expect((await attempt(goodPassword)).status).toBe(401);
    expect((await attempt(newPassword)).status).toBe(201);
  });

  test("who must change the password may do nothing else before", async () => {
    await site.makeUser("root@x.org", root);
    const admin = await site.signIn("root@x.org");
    const user = await site.makeUser("u@x.org", root);
    await admin.patch(`/users/${user.id}`, { mustChangePassword: true });
    const browser = await site.signIn("u@x.org");
    expect((await browser.get("/me")).body).toMatchObject({ mustChangePassword: true, roles: {}, permissions: {} });
    expect((await browser.get("/users")).status).toBe(403);
    await browser.put("/me/password", { currentPassword: goodPassword, password: newPassword });
    expect((await browser.get("/users")).status).toBe(200);
  });

  test("people see where they are signed in and end it", async () => {
    await site.makeUser("root@x.org", root);
    const [mine, second, third] = [
      await site.signIn("root@x.org"),
      await site.signIn("root@x.org"),
      await site.signIn("root@x.org"),
    ];
    const listed = (await mine.get("/me/sign-ins")).body["items"] as { id: string; isCurrent: boolean }[]; // the answer's schema
    expect(listed).toHaveLength(3);
    expect(listed.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
    expect((await mine.delete(`/me/sign-ins/${listed.find(({ isCurrent }) => !isCurrent)?.id}`)).status).toBe(204);
    const alive = await Promise.all([second.get("/me"), third.get("/me")]);
    expect(alive.map(({ status }) => status).sort()).toStrictEqual([200, 401]);
    expect((await mine.delete("/me/sign-ins")).status).toBe(204);
    expect((await mine.get("/me")).status).toBe(200);
    expect([(await second.get("/me")).status, (await third.get("/me")).status]).toStrictEqual([401, 401]);
    expect((await mine.delete("/me/sign-ins/unknown")).status).toBe(404);
  });

  test("an invitation sets name and password, a reset another password", async () => {
    await site.makeUser("root@x.org", root);
    const admin = await site.signIn("root@x.org");
    const invited = await admin.post("/users", { email: "New@x.org", roles: { default: "operator" } });
    expect(invited).toMatchObject({
      status: 201,
      body: { user: { email: "new@x.org", hasPassword: false, roles: { default: "operator" } } },
    });
    const { link, user } = invited.body as { link: { url: string }; user: { id: string } }; // the answer's schema
    expect(link.url).toMatch(/\/invite#/);
    const browser = site.browser();
    const used = await browser.post("/links/use", {
      token: link.url.split("#")[1],
      name: "Newton",
      password: goodPassword,
    });
    expect(used).toMatchObject({ status: 201, body: { name: "Newton", roles: { default: "operator" } } });
    const reset = await admin.post(`/users/${user.id}/reset-link`);
    expect(textOf(reset.body, "url")).toMatch(/\/reset#/);
    const elsewhere = site.browser();
    await elsewhere.post("/links/use", { token: textOf(reset.body, "url").split("#")[1], password: newPassword });
    expect((await elsewhere.get("/me")).body["name"]).toBe("Newton");
    expect((await browser.get("/me")).status).toBe(401);
    expect((await admin.post("/users", { email: "new@x.org" })).status).toBe(409);
  });

  test("one-time passwords: a reset does not get around them, and they are turned off with a code", async () => {
    await site.makeUser("root@x.org", root);
    const user = await site.makeUser("u@x.org", { default: "viewer" });
    const browser = await site.signIn("u@x.org");
    expect((await browser.post("/me/totp", {})).status).toBe(422);
    const { body } = await browser.post("/me/totp", { currentPassword: goodPassword });
    expect(body["uri"]).toMatch(/^otpauth:\/\/totp\/Passerelle:u%40x\.org\?/);
    const totp = new TOTP({ secret: Secret.fromBase32(textOf(body, "secret")) });
    const code = () => totp.generate({ timestamp: site.now() });
    expect((await browser.post("/me/totp/confirm", { code: "123456" })).status).toBe(422);
    expect((await browser.get("/me")).body["hasTotp"]).toBe(false);
    expect((await browser.post("/me/totp/confirm", { code: code() })).status).toBe(200);
    expect((await browser.get("/me")).body["hasTotp"]).toBe(true);
    const admin = await site.signIn("root@x.org");
    const reset = await admin.post(`/users/${user.id}/reset-link`);
    const elsewhere = site.browser();
    const token = textOf(reset.body, "url").split("#")[1];
    expect((await elsewhere.post("/links/use", { token, password: newPassword })).status).toBe(204);
    expect(elsewhere.cookies.size).toBe(0);
    site.advance(30_000);
    const again = site.browser();
    await again.post("/session", { email: "u@x.org", password: newPassword, code: code() });
    expect((await again.post("/me/totp/remove", { currentPassword: newPassword })).status).toBe(422);
    site.advance(30_000);
    const renewed = await again.post("/me/recovery-codes", { currentPassword: newPassword, code: code() });
    expect(renewed.body["recoveryCodes"]).toHaveLength(10);
    site.advance(30_000);
    expect((await again.post("/me/totp/remove", { currentPassword: newPassword, code: code() })).status).toBe(200);
    expect((await again.get("/me")).body["hasTotp"]).toBe(false);
  });

  test("an administrator turns off the one-time passwords of somebody who lost the device", async () => {
    await site.makeUser("root@x.org", root);
    const user = await site.makeUser("u@x.org", {});
    const browser = await site.signIn("u@x.org");
    const { body } = await browser.post("/me/totp", { currentPassword: goodPassword });
    const code = new TOTP({ secret: Secret.fromBase32(textOf(body, "secret")) }).generate({ timestamp: site.now() });
    await browser.post("/me/totp/confirm", { code });
    const admin = await site.signIn("root@x.org");
    expect((await admin.delete(`/users/${user.id}/totp`)).status).toBe(204);
    expect((await browser.get("/me")).status).toBe(401);
    expect((await site.signIn("u@x.org")).cookies.size).toBe(1);
  });

  test("the last administrator cannot be taken away, and learns why", async () => {
    const user = await site.makeUser("root@x.org", root);
    const admin = await site.signIn("root@x.org");
    const answers = [
      await admin.patch(`/users/${user.id}`, { status: "disabled" }),
      await admin.delete(`/users/${user.id}`),
      await admin.put(`/tenants/*/members/${user.id}`, { role: "viewer" }),
      await admin.delete(`/tenants/*/members/${user.id}`),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect((await admin.get("/me")).body["roles"]).toStrictEqual({ "*": "administrator" });
  });

  test("keys are shown once, listed by what they begin with, rotated and revoked", async () => {
    await site.makeUser("root@x.org", root);
    const admin = await site.signIn("root@x.org");
    const scopes = { servers: ["crm"], tools: ["read_*"], expiresAt: site.now() + 1_000 };
    const made = await admin.post("/tenants/default/keys", { name: "client", use: { kind: "mcp" }, ...scopes });
    const { key, info } = made.body as { key: string; info: { id: string; hint: string } }; // the answer's schema
    expect(key).toMatch(/^pas_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    expect(key.startsWith(info.hint)).toBe(true);
    expect((await admin.get("/tenants/default/keys")).body["items"]).toMatchObject([{ name: "client", ...scopes }]);
    const { keys } = await site.stores.keys.readAll();
    const rotated = await admin.post(`/tenants/default/keys/${info.id}/rotate`);
    expect(rotated.body["key"]).not.toBe(key);
    const after = await site.stores.keys.readAll();
    expect(after.revision).toBeGreaterThan(0);
    expect(after.keys[0]?.sha256).not.toBe(keys[0]?.sha256);
    expect((await admin.delete(`/tenants/default/keys/${info.id}`)).status).toBe(204);
    expect((await site.stores.keys.readAll()).keys).toStrictEqual([]);
    expect((await admin.delete(`/tenants/default/keys/${info.id}`)).status).toBe(404);
    const past = { name: "k", use: { kind: "mcp" }, expiresAt: site.now() };
    expect((await admin.post("/tenants/default/keys", past)).status).toBe(422);
    const limited = { name: "k", use: { kind: "api", role: "viewer" }, servers: ["crm"] };
    expect((await admin.post("/tenants/default/keys", limited)).status).toBe(422);
  });

  test("tenants are made, changed and deleted when they are empty", async () => {
    await site.makeUser("root@x.org", root);
    const admin = await site.signIn("root@x.org");
    expect((await admin.post("/tenants", { id: "full", title: "Full", prefix: "/full" })).status).toBe(201);
    expect((await admin.post("/tenants", { id: "Bad Id", title: "x" })).body).toMatchObject({
      errors: [{ field: "body.id" }],
    });
    expect((await admin.patch("/tenants/full", { prefix: null, isDisabled: true })).body).toStrictEqual({
      id: "full",
      title: "Full",
      isDisabled: true,
      createdAt: site.now(),
    });
    expect(await admin.delete("/tenants/full")).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("3 servers") },
    });
    expect((await admin.post("/tenants", { id: "empty", title: "Empty" })).status).toBe(201);
    expect((await admin.delete("/tenants/empty")).status).toBe(204);
    expect((await admin.get("/tenants/empty")).status).toBe(404);
  });

  test("every change is in the audit log with before and after, and can be exported", async () => {
    const user = await site.makeUser("root@x.org", root);
    const admin = await site.signIn("root@x.org");
    const other = await site.makeUser("u@x.org", { default: "viewer" });
    await admin.put(`/tenants/default/members/${other.id}`, { role: "editor" });
    await admin.patch(`/users/${other.id}`, { name: "U" });
    await site.browser().post("/session", { email: "u@x.org", password: "not the password" });
    const items = (await admin.get("/audit")).body["items"];
    expect(items).toMatchObject([
      { action: "session.open_failed", actor: { kind: "anonymous" }, target: { id: "u@x.org" }, ip: "192.0.2.1" },
      { action: "user.update", before: { name: "" }, after: { name: "U" } },
      { action: "member.change", tenant: "default", before: { role: "viewer" }, after: { role: "editor" } },
      { action: "session.open", actor: { id: `user:${user.id}` }, after: { method: "password" } },
    ]);
    expect((await admin.get("/tenants/default/audit")).body["items"]).toMatchObject([{ action: "member.change" }]);
    const lines = (await admin.get("/audit/export")).text.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { action: string }).action)).toStrictEqual([
      "audit.export",
      "session.open_failed",
      "user.update",
      "member.change",
      "session.open",
    ]);
  });
});

test("over HTTPS cookies are bound to the host and secure", async () => {
  const site = await startPeopleSite({ publicUrl: "https://gateway.example" });
  try {
    await site.makeUser("root@x.org", root);
    const browser = site.browser();
    const answer = await browser.post("/session", { email: "root@x.org", password: goodPassword });
    expect(answer.headers.getSetCookie()).toStrictEqual([
      expect.stringMatching(
        /^__Host-passerelle-sign-in=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ]);
    expect((await browser.get("/me")).status).toBe(200);
  } finally {
    await site.close();
  }
});
