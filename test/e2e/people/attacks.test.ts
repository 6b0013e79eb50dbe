import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Browser, textOf } from "../../fixtures/browser.ts";
import { goodPassword, type PeopleSite, root, startPeopleSite } from "../../fixtures/people-site.ts";

describe("what attackers try", { timeout: 120_000 }, () => {
  let site: PeopleSite;

  beforeAll(async () => {
    site = await startPeopleSite();
  });
  beforeEach(async () => {
    await site.stores.empty();
    await site.makeUser("root@x.org", root);
  });
  afterAll(() => site.close());

  function codeOf(secret: string, at: number): string {
    return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at });
  }

  async function enrol(browser: Browser): Promise<{ secret: string; codes: readonly string[] }> {
    const begun = await browser.post("/me/totp", { currentPassword: goodPassword });
    const secret = textOf(begun.body, "secret");
    const confirmed = await browser.post("/me/totp/confirm", { code: codeOf(secret, site.now()) });
    expect(confirmed.status).toBe(200);
    return { secret, codes: (confirmed.body["recoveryCodes"] as readonly string[]) ?? [] }; // the answer's schema
  }

  test("fixation: a planted token is worth nothing, and each sign-in gets another", async () => {
    const browser = site.browser();
    browser.cookies.set("passerelle-sign-in", "planted-by-somebody");
    expect((await browser.get("/me")).status).toBe(401);
    expect((await browser.post("/session", { email: "root@x.org", password: goodPassword })).status).toBe(201);
    const first = browser.cookies.get("passerelle-sign-in");
    expect(first).not.toBe("planted-by-somebody");
    await browser.post("/session", { email: "root@x.org", password: goodPassword });
    expect(browser.cookies.get("passerelle-sign-in")).not.toBe(first);
  });

  test("two cookies of our name are taken for none", async () => {
    const browser = await site.signIn("root@x.org");
    const cookie = `passerelle-sign-in=${browser.cookies.get("passerelle-sign-in")}; passerelle-sign-in=other`;
    expect((await browser.send({ method: "GET", path: "/me", headers: { cookie } })).status).toBe(401);
  });

  const forged: readonly [string, Readonly<Record<string, string | undefined>>][] = [
    ["without the token", { "x-csrf-token": undefined }],
    ["with a wrong token", { "x-csrf-token": "A".repeat(43) }],
    ["from another origin", { origin: "https://evil.example" }],
    ["from a page without an origin", { origin: "null" }],
    ["from a neighbour's port", { origin: "http://127.0.0.1:1" }],
    ["cross-site by the browser's word", { "sec-fetch-site": "cross-site" }],
    ["from a sibling host", { "sec-fetch-site": "same-site" }],
    ["that does not say where it comes from", { origin: undefined }],
  ];
  test.each(forged)("CSRF: a change %s is refused and changes nothing", async (_name, headers) => {
    const browser = await site.signIn("root@x.org");
    const body = { email: "new@x.org" };
    const answer = await browser.send({ method: "POST", path: "/users", body, headers });
    expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect(await site.stores.users.findByEmail("new@x.org")).toBeUndefined();
    expect((await browser.post("/users", body)).status).toBe(201);
  });

  test("CSRF: signing somebody in from another site is refused", async () => {
    const body = { email: "root@x.org", password: goodPassword };
    const foreign = { origin: "https://evil.example" };
    const answer = await site.browser().send({ method: "POST", path: "/session", body, headers: foreign });
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toStrictEqual([]);
  });

  test("CSRF: a form cannot send JSON", async () => {
    const browser = await site.signIn("root@x.org");
    const answer = await browser.send({
      method: "POST",
      path: "/users",
      body: { email: "new@x.org" },
      headers: { "content-type": "text/plain" },
    });
    expect(answer.status).toBe(415);
  });

  test("who has no account hears the same as who has a wrong password, or is disabled", async () => {
    const gone = await site.makeUser("gone@x.org", { default: "viewer" });
    await site.stores.users.update(gone.id, { status: "disabled" });
    await site.stores.users.create({ email: "invited@x.org", name: "", roles: new Map(), createdAt: 1 });
    const tries = [
      { email: "root@x.org", password: "wrong wrong wrong" },
      { email: "nobody@x.org", password: "wrong wrong wrong" },
      { email: "gone@x.org", password: goodPassword },
      { email: "invited@x.org", password: goodPassword },
    ];
    const answers = await Promise.all(tries.map((body) => site.browser().post("/session", body)));
    for (const { status, body, headers } of answers) {
      expect({ status, detail: body["detail"], keys: Object.keys(body).sort() }).toStrictEqual({
        status: 401,
        detail: "The e-mail address or the password is wrong.",
        keys: ["code", "detail", "requestId", "status", "title", "type"],
      });
      expect(headers.getSetCookie()).toStrictEqual([]);
    }
  });

  test.each(["root@x.org", "nobody@x.org"])(
    "guessing at %s has to wait, longer each time, until it ends",
    async (email) => {
      const attempt = (password: string) => site.browser().post("/session", { email, password });
      for (let n = 0; n < 6; n++) expect((await attempt("wrong wrong wrong")).status).toBe(401);
      const locked = await attempt(goodPassword);
      expect(locked).toMatchObject({ status: 429, body: { code: "too_many_requests", retryAfterSeconds: 30 } });
      site.advance(29_999);
      expect((await attempt(goodPassword)).status).toBe(429);
      site.advance(1);
      expect((await attempt("wrong wrong wrong")).status).toBe(401);
      expect((await attempt("wrong wrong wrong")).body).toMatchObject({ retryAfterSeconds: 60 });
      site.advance(60_000);
      expect((await attempt(goodPassword)).status).toBe(email === "root@x.org" ? 201 : 401);
      // Success forgets failures: one more mistake is free again.
      if (email === "root@x.org") {
        expect((await attempt("wrong wrong wrong")).status).toBe(401);
        expect((await attempt(goodPassword)).status).toBe(201);
      }
    },
  );

  test("many guesses at once get no further than one by one", async () => {
    const tries = await Promise.all(
      Array.from({ length: 20 }, () =>
        site.browser().post("/session", { email: "root@x.org", password: "wrong guess 1" }),
      ),
    );
    expect(tries.filter(({ status }) => status === 401)).toHaveLength(6);
    expect(tries.filter(({ status }) => status === 429)).toHaveLength(14);
  });

  test("one address that guesses at many accounts has to wait, others do not", async () => {
    const attempt = (n: number, address: string) =>
      site.browser().send({
        method: "POST",
        path: "/session",
        body: { email: `u${n}@x.org`, password: "wrong wrong wrong" },
        headers: { "x-test-address": address },
      });
    // All of one /64.
    const first = await Promise.all(Array.from({ length: 31 }, (_, n) => attempt(n, `2001:db8:0:1::${n}`)));
    for (const { status } of first) expect(status).toBe(401);
    expect((await attempt(99, "2001:db8:0:1:ffff::1")).status).toBe(429);
    expect((await attempt(99, "2001:db8:0:2::1")).status).toBe(401);
  });

  test("a link works once", async () => {
    const admin = await site.signIn("root@x.org");
    const invited = await admin.post("/users", { email: "new@x.org", roles: { default: "viewer" } });
    const token = (invited.body["link"] as { url: string }).url.split("#")[1]; // the answer's schema
    const uses = await Promise.all(
      Array.from({ length: 5 }, () => site.browser().post("/links/use", { token, password: goodPassword })),
    );
    expect(uses.map(({ status }) => status).sort()).toStrictEqual([201, 404, 404, 404, 404]);
    expect((await site.browser().post("/links/inspect", { token })).status).toBe(404);
  });

  test("a link is void after its time, after the next one, and after the user is disabled", async () => {
    const admin = await site.signIn("root@x.org");
    const user = await site.makeUser("u@x.org", {});
    const make = async (): Promise<string> => {
      const answer = await admin.post(`/users/${user.id}/reset-link`);
      expect(answer.status).toBe(201);
      return textOf(answer.body, "url").split("#")[1] ?? "";
    };
    const inspect = async (token: string) => (await site.browser().post("/links/inspect", { token })).status;
    const [first, second] = [await make(), await make()];
    expect(await inspect(first)).toBe(404);
    expect(await inspect(second)).toBe(200);
    await admin.patch(`/users/${user.id}`, { status: "disabled" });
    expect(await inspect(second)).toBe(404);
    await admin.patch(`/users/${user.id}`, { status: "active" });
    const third = await make();
    site.advance(24 * 3_600_000);
    expect(await inspect(third)).toBe(404);
  });

  test("a code of the authenticator works once, and a recovery code too", async () => {
    const { secret, codes } = await enrol(await site.signIn("root@x.org"));
    const attempt = (code?: string) =>
      site.browser().post("/session", { email: "root@x.org", password: goodPassword, code });
    expect(await attempt()).toMatchObject({ status: 401, body: { codeRequired: true } });
    // The code that confirmed was used.
    expect(await attempt(codeOf(secret, site.now()))).toMatchObject({ status: 401, body: { codeRequired: true } });
    site.advance(30_000);
    const code = codeOf(secret, site.now());
    expect((await attempt(code)).status).toBe(201);
    expect((await attempt(code)).status).toBe(401);
    expect((await attempt(codes[0])).status).toBe(201);
    expect((await attempt(codes[0])).status).toBe(401);
    expect((await attempt(codes[1]?.toUpperCase().replaceAll("-", " "))).status).toBe(201);
  });

  test("codes cannot be guessed any faster than passwords", async () => {
    await enrol(await site.signIn("root@x.org"));
    const attempt = (code?: string) =>
      site.browser().post("/session", { email: "root@x.org", password: goodPassword, code });
    for (let n = 0; n < 6; n++) {
      expect((await attempt("000000")).status).toBe(401);
      // Asking without a code does not take failures back.
      if (n < 5) expect((await attempt()).status).toBe(401);
    }
    expect((await attempt("000000")).status).toBe(429);
  });

  test("the secret of codes is sealed where it is kept", async () => {
    const { secret } = await enrol(await site.signIn("root@x.org"));
    const kept = await site.stores.credentials.findByEmail("root@x.org");
    expect(kept?.totp?.ciphertext).toBeDefined();
    expect(JSON.stringify(kept?.totp)).not.toContain(secret);
  });

  test("disabling a user ends sign-ins and keys at once", async () => {
    const admin = await site.signIn("root@x.org");
    const user = await site.makeUser("u@x.org", { default: "administrator" });
    const browser = await site.signIn("u@x.org");
    const made = await browser.post("/tenants/default/keys", { name: "ci", use: { kind: "api", role: "editor" } });
    const byKey = () =>
      site
        .browser()
        .send({ method: "GET", path: "/me", headers: { authorization: `Bearer ${textOf(made.body, "key")}` } });
    expect((await byKey()).status).toBe(200);
    expect((await admin.patch(`/users/${user.id}`, { status: "disabled" })).status).toBe(200);
    expect((await browser.get("/me")).status).toBe(401);
    expect(await byKey()).toMatchObject({ status: 401, body: { code: "unauthorized" } });
    expect(site.announced).toContain("keys");
  });

  test("a key can do what its owner can do now, and no more than it was given", async () => {
    const admin = await site.signIn("root@x.org");
    const user = await site.makeUser("u@x.org", { default: "administrator" });
    const browser = await site.signIn("u@x.org");
    const make = async (role: string): Promise<string> => {
      const made = await browser.post("/tenants/default/keys", { name: role, use: { kind: "api", role } });
      expect(made.status).toBe(201);
      return textOf(made.body, "key");
    };
    const [editor, operator] = [await make("editor"), await make("operator")];
    const rolesOf = async (key: string) => {
      const headers = { authorization: `Bearer ${key}` };
      return (await site.browser().send({ method: "GET", path: "/me", headers })).body["roles"];
    };
    expect(await rolesOf(editor)).toStrictEqual({ default: "editor" });
    await admin.put(`/tenants/default/members/${user.id}`, { role: "editor" });
    expect(await rolesOf(editor)).toStrictEqual({ default: "editor" });
    // An operator may what an editor may not, so what both may is left.
    expect(await rolesOf(operator)).toStrictEqual({ default: "viewer" });
    await admin.delete(`/tenants/default/members/${user.id}`);
    expect(await rolesOf(editor)).toStrictEqual({});
  });

  test("keys of MCP clients open nothing here, and keys of others' form neither", async () => {
    const admin = await site.signIn("root@x.org");
    const made = await admin.post("/tenants/*/keys", { name: "client", use: { kind: "mcp" } });
    expect(made.status).toBe(201);
    const attempts = [
      `Bearer ${textOf(made.body, "key")}`,
      "Bearer pas_000000000000_" + "A".repeat(43),
      "Bearer nonsense",
      `Basic ${Buffer.from(`root@x.org:${goodPassword}`).toString("base64")}`,
    ];
    for (const authorization of attempts) {
      const answer = await site.browser().send({ method: "GET", path: "/me", headers: { authorization } });
      expect(answer.status).toBe(401);
    }
  });

  test("a key does not use the account of its owner", async () => {
    const admin = await site.signIn("root@x.org");
    const made = await admin.post("/tenants/*/keys", { name: "k", use: { kind: "api", role: "administrator" } });
    const headers = { authorization: `Bearer ${textOf(made.body, "key")}` };
    const bodies: readonly [string, string, unknown][] = [
      ["PUT", "/me/password", { currentPassword: goodPassword, password: "another good passphrase 1" }],
      ["POST", "/me/totp", { currentPassword: goodPassword }],
      ["GET", "/me/sign-ins", undefined],
      ["DELETE", "/session", undefined],
    ];
    for (const [method, path, body] of bodies)
      expect((await site.browser().send({ method, path, body, headers })).status).toBe(403);
  });

  test("an administrator of one tenant reaches no other, and not the instance", async () => {
    await site.stores.tenants.create({ id: "sales", title: "", isDisabled: false, createdAt: 1 });
    const victim = await site.makeUser("v@x.org", { default: "viewer" });
    await site.makeUser("boss@x.org", { sales: "administrator" });
    const boss = await site.signIn("boss@x.org");
    const before = await site.stores.users.get(victim.id);
    const tries: readonly [string, string, unknown][] = [
      ["GET", "/tenants/default/members", undefined],
      ["GET", "/tenants/*/members", undefined],
      ["PUT", `/tenants/default/members/${victim.id}`, { role: "administrator" }],
      ["POST", "/tenants/*/members", { email: "boss@x.org", role: "administrator" }],
      ["DELETE", `/tenants/default/members/${victim.id}`, undefined],
      ["GET", "/tenants/default/keys", undefined],
      ["POST", "/tenants/*/keys", { name: "k", use: { kind: "mcp" } }],
      ["GET", "/tenants/default/audit", undefined],
      ["GET", "/audit", undefined],
      ["GET", "/audit/export", undefined],
      ["GET", "/users", undefined],
      ["POST", "/users", { email: "x@x.org", roles: { "*": "administrator" } }],
      ["PATCH", `/users/${victim.id}`, { status: "disabled" }],
      ["POST", `/users/${victim.id}/reset-link`, {}],
      ["DELETE", `/users/${victim.id}`, undefined],
      ["GET", "/tenants", undefined],
      ["PATCH", "/tenants/sales", { prefix: "/all" }],
    ];
    for (const [method, path, body] of tries)
      expect({ path, status: (await boss.send({ method, path, body })).status }).toStrictEqual({ path, status: 403 });
    // A member of another tenant is none of this one, so nothing is told of them.
    expect((await boss.put(`/tenants/sales/members/${victim.id}`, { role: "viewer" })).status).toBe(404);
    expect(await site.stores.users.get(victim.id)).toStrictEqual(before);
    expect((await boss.get("/tenants/sales/members")).status).toBe(200);
  });

  test("what is written by others does no harm in a spreadsheet", async () => {
    await site.browser().post("/session", { email: '=HYPERLINK("http://evil.example")@x', password: "wrong wrong" });
    const admin = await site.signIn("root@x.org");
    const { text, headers } = await admin.get("/audit/export?format=csv");
    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(text).toContain(`"'=hyperlink(""http://evil.example"")@x"`);
    for (const line of text.split("\r\n")) expect(line).not.toMatch(/(?:^|,)"?[=+@]/);
  });

  test("no answer and no row of the audit log holds a password, a key or a token", async () => {
    const admin = await site.signIn("root@x.org");
    const made = await admin.post("/tenants/default/keys", { name: "k", use: { kind: "mcp" } });
    const invited = await admin.post("/users", { email: "new@x.org" });
    const token = (invited.body["link"] as { url: string }).url.split("#")[1] ?? ""; // the answer's schema
    await site.browser().post("/links/use", { token, password: goodPassword });
    const listed = (await admin.get("/audit")).text + (await admin.get("/tenants/default/keys")).text;
    const cookie = admin.cookies.get("passerelle-sign-in") ?? "";
    for (const secret of [goodPassword, textOf(made.body, "key"), token, cookie]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(listed).not.toContain(secret);
    }
    expect(listed).toContain("key.create");
  });
});
