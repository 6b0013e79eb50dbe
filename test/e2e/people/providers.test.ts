import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GithubProvider } from "../../../src/apiserver/sign-in/providers/github-provider.ts";
import { makeProviders } from "../../../src/apiserver/sign-in/providers/make-providers.ts";
import { OpenIdProvider } from "../../../src/apiserver/sign-in/providers/openid-provider.ts";
import type { Answer, Browser } from "../../fixtures/browser.ts";
import { findFreePort } from "../../fixtures/free-port.ts";
import { type GithubSite, githubClient, startGithubSite } from "../../fixtures/github-site.ts";
import { openIdClient, type OpenIdSite, startOpenIdSite } from "../../fixtures/openid-site.ts";
import { type PeopleSite, root, startPeopleSite } from "../../fixtures/people-site.ts";

const rules = { allowedDomains: ["x.org"] };
const publicUrl = "http://gateway.example";

describe("signing in with providers", { timeout: 120_000 }, () => {
  let openId: OpenIdSite;
  let github: GithubSite;
  let site: PeopleSite;

  beforeAll(async () => {
    openId = await startOpenIdSite(`${publicUrl}/api/v1/sign-in/oidc/callback`);
    github = await startGithubSite();
    const away = `http://127.0.0.1:${await findFreePort()}`;
    site = await startPeopleSite({
      publicUrl,
      newcomers: { role: "viewer", tenant: "default" },
      providers: () => [
        new OpenIdProvider({ id: "oidc", title: "Company", issuer: openId.issuer, ...openIdClient, rules }),
        new OpenIdProvider({ id: "away", title: "Away", issuer: away, ...openIdClient, rules }),
        new GithubProvider({ ...githubClient, siteUrl: github.url, apiUrl: github.url, rules }),
      ],
    });
  });
  beforeEach(async () => {
    await site.stores.empty();
    await site.makeUser("root@x.org", root);
    openId.account = { sub: "1", email: "ann@x.org", email_verified: true, name: "Ann" };
    openId.isDenying = false;
    github.user = { id: 7, login: "ann", name: "Ann" };
    github.emails = [{ email: "Ann@x.org", primary: true, verified: true }];
  });
  afterAll(async () => {
    await site.close();
    await openId.close();
    github.close();
  });

  async function leave(browser: Browser, provider: string, returnTo?: string): Promise<string> {
    const query = returnTo === undefined ? "" : `?returnTo=${encodeURIComponent(returnTo)}`;
    const answer = await browser.get(`/sign-in/${provider}${query}`);
    expect(answer.status).toBe(303);
    return answer.headers.get("location") ?? "";
  }

  function comeBack(browser: Browser, url: string): Promise<Answer> {
    expect(url.startsWith(`${publicUrl}/api/v1/`)).toBe(true);
    return browser.get(url.slice(`${publicUrl}/api/v1`.length));
  }

  async function signIn(browser: Browser, provider: "oidc" | "github", returnTo?: string): Promise<Answer> {
    const away = await leave(browser, provider, returnTo);
    return comeBack(browser, provider === "oidc" ? await openId.visit(away) : github.visit(away));
  }

  test("an OpenID provider is asked with PKCE, state, nonce and our exact address", async () => {
    const url = new URL(await leave(site.browser(), "oidc"));
    expect(url.origin).toBe(openId.issuer);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      redirect_uri: `${publicUrl}/api/v1/sign-in/oidc/callback`,
      response_type: "code",
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test.each(["oidc", "github"] as const)(
    "%s: somebody of a listed domain becomes a user, and the same one again",
    async (provider) => {
      const browser = site.browser();
      const answer = await signIn(browser, provider, "/servers?tab=1#x");
      expect(answer.status).toBe(303);
      expect(answer.headers.get("location")).toBe(`${publicUrl}/servers?tab=1#x`);
      expect((await browser.get("/me")).body).toMatchObject({
        email: "ann@x.org",
        name: "Ann",
        roles: { default: "viewer" },
        signedInBy: provider,
        hasPassword: false,
      });
      expect(browser.cookies.has("passerelle-flow")).toBe(false);
      // Bound by who it is there, not by the address.
      openId.account = { ...openId.account, email: "ann.new@x.org" };
      github.emails = [{ email: "ann.new@x.org", primary: true, verified: true }];
      const again = site.browser();
      await signIn(again, provider);
      expect((await again.get("/me")).body["email"]).toBe("ann@x.org");
    },
  );

  test.each(["oidc", "github"] as const)("%s: somebody who was invited keeps their roles", async (provider) => {
    await site.stores.users.create({
      email: "ann@x.org",
      name: "",
      roles: new Map([["default", "editor"]]),
      createdAt: 1,
    });
    const browser = site.browser();
    await signIn(browser, provider);
    expect((await browser.get("/me")).body["roles"]).toStrictEqual({ default: "editor" });
  });

  async function expectRefusal(answer: Answer, browser: Browser, reason: string): Promise<void> {
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(`${publicUrl}/sign-in?problem=${reason}`);
    expect(browser.cookies.size).toBe(0);
    const { items } = await site.stores.audit.list({ limit: 1 });
    expect(items).toMatchObject([{ action: "session.open_failed", after: { reason } }]);
  }

  const strangers: readonly [string, "oidc" | "github", () => void, string][] = [
    [
      "an address that is not verified",
      "oidc",
      () => (openId.account = { ...openId.account, email_verified: false }),
      "unverified",
    ],
    ["another domain", "oidc", () => (openId.account = { ...openId.account, email: "a@evil.org" }), "domain"],
    [
      "a domain that only ends alike",
      "oidc",
      () => (openId.account = { ...openId.account, email: "a@notx.org" }),
      "domain",
    ],
    [
      "an address that is not verified",
      "github",
      () => (github.emails = [{ email: "root@x.org", primary: true, verified: false }]),
      "unverified",
    ],
    [
      "an address that is not the primary one",
      "github",
      () => (github.emails = [{ email: "root@x.org", primary: false, verified: true }]),
      "unverified",
    ],
  ];
  test.each(strangers)("%s is turned away (%s)", async (_name, provider, change, reason) => {
    change();
    const browser = site.browser();
    await expectRefusal(await signIn(browser, provider), browser, reason);
    expect((await site.stores.users.list({ limit: 9 })).items).toHaveLength(1);
  });

  test("somebody who says no, a disabled user, and a provider that is away", async () => {
    const browser = site.browser();
    openId.isDenying = true;
    await expectRefusal(await signIn(browser, "oidc"), browser, "refused");
    openId.isDenying = false;
    const user = await site.makeUser("ann@x.org", {});
    await site.stores.users.update(user.id, { status: "disabled" });
    await expectRefusal(await signIn(browser, "oidc"), browser, "disabled");
    expect(await browser.get("/sign-in/away")).toMatchObject({ status: 502, body: { code: "upstream_failed" } });
    expect((await browser.get("/sign-in/unknown")).status).toBe(404);
  });

  test.each(["oidc", "github"] as const)(
    "%s: an answer is bound to the browser that began, and to its state",
    async (provider) => {
      const [victim, attacker] = [site.browser(), site.browser()];
      const away = await leave(attacker, provider);
      const stolen = provider === "oidc" ? await openId.visit(away) : github.visit(away);
      await expectRefusal(await comeBack(victim, stolen), victim, "expired");
      await leave(victim, provider);
      const answer = await comeBack(victim, stolen);
      expect(answer.headers.get("location")).toMatch(/\/sign-in\?problem=(?:provider|refused)$/);
      expect(victim.cookies.size).toBe(0);
    },
  );

  test.each(["oidc", "github"] as const)("%s: an answer signs in once", async (provider) => {
    const browser = site.browser();
    const away = await leave(browser, provider);
    const flow = browser.cookies.get("passerelle-flow") ?? "";
    const back = provider === "oidc" ? await openId.visit(away) : github.visit(away);
    await comeBack(browser, back);
    expect((await browser.get("/me")).status).toBe(200);
    const again = site.browser();
    again.cookies.set("passerelle-flow", flow);
    expect((await comeBack(again, back)).headers.get("location")).toMatch(/problem=/);
    expect((await again.get("/me")).status).toBe(401);
  });

  test("a flow that was changed, or took too long, is none", async () => {
    const browser = site.browser();
    const back = github.visit(await leave(browser, "github"));
    const flow = browser.cookies.get("passerelle-flow") ?? "";
    const [body = "", signature = ""] = flow.split(".");
    const forged = JSON.parse(Buffer.from(body, "base64url").toString()) as object; // it is what we wrote
    const bodyOfEvil = Buffer.from(JSON.stringify({ ...forged, returnTo: "//evil.example" })).toString("base64url");
    for (const cookie of [`${bodyOfEvil}.${signature}`, body, `${flow}.x`, "nonsense"]) {
      browser.cookies.set("passerelle-flow", cookie);
      await expectRefusal(await comeBack(browser, back), browser, "expired");
    }
    browser.cookies.set("passerelle-flow", flow);
    site.advance(10 * 60_000);
    await expectRefusal(await comeBack(browser, back), browser, "expired");
  });

  test.each([
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/..//evil.example",
    "/./\\evil.example",
  ])("nobody is sent to another site by returnTo=%s", async (returnTo) => {
    const browser = site.browser();
    const location = (await signIn(browser, "github", returnTo)).headers.get("location") ?? "";
    expect(new URL(location).origin).toBe(publicUrl);
    expect(location.startsWith(`${publicUrl}/`)).toBe(true);
    expect(location.slice(publicUrl.length)).not.toMatch(/^\/[/\\]/);
  });
});

test("strangers are turned away unless newcomers are wanted and a domain is listed", async () => {
  const github = await startGithubSite();
  const anybody = { allowedDomains: [] };
  const provider = new GithubProvider({ ...githubClient, siteUrl: github.url, apiUrl: github.url, rules: anybody });
  const newcomers = { role: "administrator", tenant: "default" } as const;
  for (const options of [{ providers: () => [provider] }, { providers: () => [provider], newcomers }]) {
    const site = await startPeopleSite(options);
    try {
      await site.makeUser("root@x.org", root);
      const browser = site.browser();
      const away = (await browser.get("/sign-in/github")).headers.get("location") ?? "";
      const back = await browser.get(github.visit(away).slice(`${site.url}/api/v1`.length));
      expect(back.headers.get("location")).toBe(`${site.url}/sign-in?problem=not_invited`);
    } finally {
      await site.close();
    }
  }
  github.close();
});

test("providers are made from settings, and never by half", () => {
  const none = {
    oidcIssuer: undefined,
    oidcClientId: undefined,
    oidcClientSecret: undefined,
    oidcTitle: "Company",
    googleClientId: undefined,
    googleClientSecret: undefined,
    githubClientId: undefined,
    githubClientSecret: undefined,
    signInDomains: [],
  };
  expect(makeProviders(none)).toStrictEqual([]);
  const oidc = { oidcIssuer: "https://id.example", oidcClientId: "i", oidcClientSecret: "s" };
  const all = {
    ...none,
    ...oidc,
    googleClientId: "i",
    googleClientSecret: "s",
    githubClientId: "i",
    githubClientSecret: "s",
  };
  expect(makeProviders(all).map(({ id, title }) => [id, title])).toStrictEqual([
    ["oidc", "Company"],
    ["google", "Google"],
    ["github", "GitHub"],
  ]);
  const halves = [
    { oidcIssuer: "https://id.example" },
    { oidcClientId: "i" },
    { googleClientId: "i" },
    { githubClientSecret: "s" },
  ];
  for (const half of [...halves, { ...oidc, oidcIssuer: "http://id.example" }])
    expect(() => makeProviders({ ...none, ...half })).toThrow(
      expect.objectContaining({ code: "invalid_configuration" }),
    );
});
