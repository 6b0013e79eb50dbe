import axe from "axe-core";
import { Secret, TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OpenIdProvider } from "../../src/apiserver/sign-in/providers/openid-provider.ts";
import { textOf } from "../fixtures/browser.ts";
import { findChromium, openChromium, openPage, type WatchedPage } from "../fixtures/chromium.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { openIdClient, type OpenIdSite, startOpenIdSite } from "../fixtures/openid-site.ts";
import { goodPassword, type PeopleSite, root, startPeopleSite } from "../fixtures/people-site.ts";

const chromium = findChromium();
const newPassword = "nine copper kettles whistle";

describe.skipIf(chromium === undefined)("pages to sign in by", () => {
  let site: PeopleSite;
  let openId: OpenIdSite;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    const [port, deadPort] = [await findFreePort(), await findFreePort()];
    openId = await startOpenIdSite(`http://127.0.0.1:${port}/api/v1/sign-in/oidc/callback`);
    const rules = { allowedDomains: [] };
    const away = `http://127.0.0.1:${deadPort}`;
    site = await startPeopleSite({
      port,
      providers: () => [
        new OpenIdProvider({ id: "oidc", title: "Company", issuer: openId.issuer, ...openIdClient, rules }),
        new OpenIdProvider({ id: "away", title: "Elsewhere", issuer: away, ...openIdClient, rules }),
      ],
    });
    browser = await openChromium(chromium);
  });
  beforeEach(async () => {
    await site.stores.empty();
    watched = await openPage(browser);
    page = watched.page;
  });
  afterEach(async () => {
    expect(watched.complaints).toStrictEqual([]);
    await watched.close();
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
    await openId.close();
  });

  async function fill(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}`).fill(value);
    await page.locator('button[type="submit"]').click();
  }

  async function alertText(): Promise<string> {
    await page.getByRole("alert").waitFor();
    return page.getByRole("alert").innerText();
  }

  async function signIn(email: string): Promise<void> {
    await page.goto(`${site.url}/sign-in?next=/account`);
    await fill({ email, password: goodPassword });
    await page.getByRole("button", { name: "Sign out" }).waitFor();
  }

  /** Turns one-time passwords on and answers what makes the codes. */
  async function addAuthenticator(email: string): Promise<() => string> {
    const own = await site.signIn(email);
    const { body } = await own.post("/me/totp", { currentPassword: goodPassword });
    const totp = new TOTP({ secret: Secret.fromBase32(textOf(body, "secret")) });
    const code = (): string => totp.generate({ timestamp: site.now() });
    expect((await own.post("/me/totp/confirm", { code: code() })).status).toBe(200);
    site.advance(30_000);
    return code;
  }

  async function inviteLink(email: string, name: string): Promise<string> {
    const admin = await site.signIn("root@x.org");
    const { body } = await admin.post("/users", { email, name, roles: { default: "viewer" } });
    const { link } = body as { link: { url: string } }; // an answer of `inviteUser`
    return link.url;
  }

  async function resetLink(email: string): Promise<string> {
    const admin = await site.signIn("root@x.org");
    const user = await site.stores.users.findByEmail(email);
    return textOf((await admin.post(`/users/${user?.id}/reset-link`)).body, "url");
  }

  test("an invitation asks for a password, and what somebody is called is text", async () => {
    await site.makeUser("root@x.org", root);
    const name = '<img src=x onerror="document.title=1">';
    await page.goto(await inviteLink("ann@x.org", name));
    await page.locator("#password").waitFor();
    expect(await page.locator("#email").inputValue()).toBe("ann@x.org");
    expect(await page.locator("#name").inputValue()).toBe(name);
    await fill({ password: newPassword, repeated: newPassword });
    await page.getByRole("status").waitFor();
    expect(await page.locator("main").innerText()).toContain("Your account is ready.");
    expect(await page.locator("#who").innerText()).toBe(`${name} (ann@x.org)`);
    expect(await page.locator("#roles").innerText()).toBe("You are viewer in default.");
    expect(await page.locator("img").count()).toBe(0);
    // Viewers make no keys.
    expect(await page.locator("#make-key").isVisible()).toBe(false);
  });

  test("after a reset, somebody with an authenticator signs in with the new password and a code", async () => {
    await site.makeUser("root@x.org", root);
    await site.makeUser("ann@x.org", { default: "viewer" });
    const code = await addAuthenticator("ann@x.org");
    await page.goto(await resetLink("ann@x.org"));
    await fill({ password: newPassword, repeated: newPassword });
    await page.getByRole("status").waitFor();
    expect(new URL(page.url()).pathname).toBe("/sign-in");
    expect(await page.locator("#code").isVisible()).toBe(false);
    await fill({ email: "ann@x.org", password: newPassword });
    expect(await alertText()).toBe("Enter the code of your authenticator too.");
    expect(await page.locator("#code:focus").count()).toBe(1);
    await fill({ code: "123" });
    await page.locator("#code-problem").waitFor();
    await fill({ code: code() });
    await page.waitForURL(`${site.url}/`);
  });

  test("another link in the same tab is taken instead; a cut one and one for something else are refused", async () => {
    await site.makeUser("root@x.org", root);
    const [first, second] = [await inviteLink("ann@x.org", ""), await inviteLink("bob@x.org", "")];
    await page.goto(first);
    await page.locator("#password").waitFor();
    await page.goto(second);
    await expect.poll(() => page.locator("#email").inputValue()).toBe("bob@x.org");
    for (const broken of [second.slice(0, -30), second.replace("/invite#", "/reset#"), `${site.url}/invite`]) {
      await page.goto("about:blank");
      await page.goto(broken);
      expect(await alertText(), broken).toBe("This link is not complete. Open all of it, up to its last character.");
      expect(await page.locator("form").isVisible()).toBe(false);
    }
  });

  test("a provider signs in; why one did not is told in words", async () => {
    await site.makeUser("root@x.org", root);
    openId.account = { sub: "1", email: "ann@x.org", email_verified: true, name: "Ann" };
    await page.goto(`${site.url}/sign-in`);
    await page.getByRole("link", { name: "Sign in with Company" }).click();
    expect(await alertText()).toBe("There is no account for you here. Ask an administrator to invite you.");
    await page.getByRole("link", { name: "Sign in with Elsewhere" }).click();
    await page.waitForURL(/problem=provider/);
    expect(await alertText()).toContain("The provider did not answer as it should.");
    await page.goto(`${site.url}/sign-in?problem=%3Cb%3Enonsense`);
    expect(await alertText()).toContain("The provider did not answer as it should.");
    await site.makeUser("ann@x.org", { default: "operator" });
    await page.goto(`${site.url}/sign-in?next=/account`);
    await page.getByRole("link", { name: "Sign in with Company" }).click();
    await page.getByText("ann@x.org").waitFor();
    expect(await page.locator("#roles").innerText()).toBe("You are operator in default.");
  });

  test("who must change the password is asked for it first", async () => {
    const { id } = await site.makeUser("ann@x.org", root);
    await site.stores.users.update(id, { mustChangePassword: true });
    await signIn("ann@x.org");
    expect(await page.locator("#make-key").isVisible()).toBe(false);
    await fill({ currentPassword: "not the one", password: newPassword, repeated: newPassword });
    await expect.poll(() => page.locator("#currentPassword-problem").textContent()).toBe("The password is wrong.");
    await fill({ currentPassword: goodPassword });
    await page.getByText("Your new password is set.").waitFor();
    expect(await page.locator("#change-password").isVisible()).toBe(false);
    expect(await page.locator("#roles").innerText()).toBe("You are administrator of everything.");
  });

  test("an apiserver that is away is told, and the next press works", async () => {
    await site.makeUser("root@x.org", root);
    await page.goto(`${site.url}/sign-in?next=/account`);
    await page.route("**/api/v1/session", (route) => route.abort());
    await fill({ email: "root@x.org", password: goodPassword });
    expect(await alertText()).toBe("The apiserver does not answer. Try again in a minute.");
    await page.unroute("**/api/v1/session");
    await fill({});
    await page.getByText("root@x.org").waitFor();
  });

  test("too many failures are told with the time to wait", async () => {
    await site.makeUser("root@x.org", root);
    for (let failures = 0; failures < 6; failures++)
      await site.browser().post("/session", { email: "root@x.org", password: "wrong" });
    await page.goto(`${site.url}/sign-in`);
    await fill({ email: "root@x.org", password: goodPassword });
    expect(await alertText()).toBe("Too many failed attempts. Try again in 30 s.");
  });

  test("before there is a user, the form says where the link is", async () => {
    await page.goto(`${site.url}/sign-in`);
    await page.locator("#needs-setup").waitFor();
    expect(await page.locator("#needs-setup").innerText()).toContain("the link that the apiserver printed");
  });

  test("a script that somebody slipped in does not run", async () => {
    const attacked = await openPage(browser);
    await attacked.page.goto(`${site.url}/sign-in`);
    // By a timer: what a debugger evaluates may evaluate more.
    const refusals = await attacked.page.evaluate(`new Promise((resolve) => setTimeout(() => {
      const attempts = [
        () => eval("globalThis.evil = 1"),
        () => new Function("globalThis.evil = 1")(),
        () => { document.body.innerHTML = '<img src=x onerror="globalThis.evil = 1">'; },
        () => {
          const script = document.createElement("script");
          script.append("globalThis.evil = 1");
          document.body.append(script);
        },
      ];
      let refused = 0;
      for (const attempt of attempts) try { attempt(); } catch { refused += 1; }
      resolve(refused);
    }))`);
    expect(refusals).toBeGreaterThanOrEqual(3);
    expect(await attacked.page.evaluate("globalThis.evil")).toBeUndefined();
    expect(attacked.complaints.length).toBeGreaterThan(0);
    await attacked.close();
    const { headers } = await fetch(`${site.url}/sign-in`);
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  describe.each(["light", "dark"] as const)("in the %s theme at 390 px", (colorScheme) => {
    const viewport = { width: 390, height: 844 };

    beforeEach(async () => {
      await watched.close();
      watched = await openPage(browser, { colorScheme, viewport });
      page = watched.page;
    });

    async function expectUsable(): Promise<void> {
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(viewport.width);
      await page.evaluate(axe.source);
      const verdict = await page.evaluate<axe.AxeResults>("axe.run()");
      const grave = verdict.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(grave.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toStrictEqual([]);
      expect(verdict.passes.length).toBeGreaterThan(5);
    }

    test("the first administrator's page, filled in wrongly", async () => {
      await page.goto(await site.setupLink());
      await fill({ email: "ada@x.org", password: "aaaaaaaaaaaaaaaa", repeated: "aaaaaaaaaaaaaaaa" });
      await page.locator("#password-problem").waitFor();
      await expectUsable();
    });

    test("a link that is refused", async () => {
      await page.goto(`${site.url}/reset#${"x".repeat(43)}`);
      await alertText();
      await expectUsable();
    });

    test("signing in with a wrong password, and with a code", async () => {
      await site.makeUser("root@x.org", root);
      await addAuthenticator("root@x.org");
      await page.goto(`${site.url}/sign-in`);
      await page.getByRole("link", { name: "Sign in with Company" }).waitFor();
      await fill({ email: "root@x.org", password: "not the one" });
      await alertText();
      await expectUsable();
      await fill({ password: goodPassword });
      await page.locator("#code").waitFor();
      await expectUsable();
    });

    test("the start page, and the one that asks for another password", async () => {
      const { id } = await site.makeUser(
        "a.very.long.address.that.does.not.fit.anywhere@an-even-longer.example.org",
        root,
      );
      await signIn("a.very.long.address.that.does.not.fit.anywhere@an-even-longer.example.org");
      await page.locator("#key-recipe").waitFor();
      await expectUsable();
      await site.stores.users.update(id, { mustChangePassword: true });
      await page.reload();
      await page.locator("#currentPassword").waitFor();
      await expectUsable();
    });
  });
});
