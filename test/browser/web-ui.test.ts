import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { testPassword } from "../fixtures/api-client.ts";
import { findChromium, openChromium, openPage, type WatchedPage } from "../fixtures/chromium.ts";
import { expectUsable, takePicture } from "../fixtures/judge-page.ts";
import { administrator, startWebSite, type WebSite } from "../fixtures/web-site.ts";

const chromium = findChromium();
const longName = "the-quite-long-name-of-a-server-that-somebody-wanted-to-be-clear";
const servers = "/t/default/servers";

// One story on one program: an empty store, keys, a thousand servers, and those who may only look.
describe.skipIf(chromium === undefined)("the web UI", () => {
  let site: WebSite;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    site = await startWebSite();
    await site.makeUser("vic@shop.example", "viewer");
    browser = await openChromium(chromium);
  });
  afterEach(async () => {
    expect(watched.complaints).toStrictEqual([]);
    await watched.close();
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  async function open(path: string, email = administrator, options = {}): Promise<void> {
    watched = await site.openPageOf(browser, email, { viewport: { width: 1280, height: 800 }, ...options });
    page = watched.page;
    await page.goto(site.url + path);
  }

  async function heading(name: string | RegExp): Promise<void> {
    await page.getByRole("heading", { level: 1, name }).waitFor();
  }

  test("an address leads to the form when nobody is signed in, and back to it afterwards", async () => {
    watched = await openPage(browser);
    page = watched.page;
    await page.goto(`${site.url}${servers}?search=crm`);
    await heading("Sign in");
    await page.getByLabel("E-mail address").fill(administrator);
    await page.getByLabel("Password").fill(testPassword);
    await page.getByRole("button", { name: "Sign in" }).click();
    await heading("Servers");
    expect(page.url()).toBe(`${site.url}${servers}?search=crm`);
    expect(await page.getByLabel("Search by name").inputValue()).toBe("crm");
  });

  test("the form leads nowhere else, whatever a link to it says", async () => {
    for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]) {
      watched = await openPage(browser);
      page = watched.page;
      await page.goto(`${site.url}/sign-in?next=${encodeURIComponent(next)}`);
      await page.getByLabel("E-mail address").fill(administrator);
      await page.getByLabel("Password").fill(testPassword);
      await page.getByRole("button", { name: "Sign in" }).click();
      await heading("Servers");
      expect(page.url()).toBe(site.url + servers);
      if (next !== "javascript:alert(1)") await watched.close();
    }
  });

  test("an empty list says how a server is made; a viewer is not told what they may not do", async () => {
    await open("/");
    await page.getByRole("heading", { name: "No servers yet" }).waitFor();
    expect(page.url()).toBe(site.url + servers);
    expect(await page.getByText(`POST ${site.url}/api/v1/tenants/default/servers`).isVisible()).toBe(true);
    expect(await page.getByRole("link", { name: "API keys" }).isVisible()).toBe(true);
    await watched.close();
    await open("/", "vic@shop.example");
    await page.getByText("Your role lets you look, not create.").waitFor();
    expect(await page.getByText("POST ").count()).toBe(0);
    expect(await page.getByRole("link", { name: "API keys" }).count()).toBe(0);
    await page.goto(`${site.url}/t/default/access/keys`);
    expect(await page.getByRole("alert").innerText()).toContain("You may not see this");
    expect(await page.getByRole("button", { name: "Create a key" }).count()).toBe(0);
  });

  test("a key is made, shown once, opens the API, and is revoked", async () => {
    await open("/t/default/access/keys");
    await page.getByRole("heading", { name: "No keys yet" }).waitFor();
    await page.getByRole("button", { name: "Create a key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Nightly report");
    await dialog.getByLabel("For").selectOption("api");
    await dialog.getByRole("button", { name: "Create a key" }).click();
    const key = await dialog.getByLabel("The key").innerText();
    const call = (): Promise<number> =>
      fetch(`${site.url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } }).then(({ status }) => status);
    expect(await call()).toBe(200);
    await dialog.getByRole("button", { name: "Done" }).click();
    expect(await page.content()).not.toContain(key);
    await page.getByRole("button", { name: "Revoke Nightly report" }).click();
    await dialog.getByText(`Whatever uses ${key.slice(0, 8)}`).waitFor();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await page.getByText("“Nightly report” is revoked.").waitFor();
    await page.getByRole("heading", { name: "No keys yet" }).waitFor();
    expect(await call()).toBe(401);
  });

  test("what is wrong with a key is told, and what was typed stays", async () => {
    await open("/t/default/access/keys");
    await page.getByRole("button", { name: "Create a key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Reports");
    const wrong = dialog.getByLabel("Servers");
    await wrong.fill(`crm, ${"x".repeat(65)}`);
    await dialog.getByRole("button", { name: "Create a key" }).click();
    await expect.poll(() => wrong.getAttribute("aria-invalid")).toBe("true");
    expect(await dialog.getByText("Too big").isVisible()).toBe(true);
    expect(await dialog.getByLabel("Name").inputValue()).toBe("Reports");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    expect(await page.locator(":focus").innerText()).toBe("Create a key");
  });

  describe("with a thousand servers and a gateway", () => {
    beforeAll(async () => {
      await site.startGateway();
      const names = Array.from({ length: 999 }, (_, index) => `server-${String(index).padStart(4, "0")}`);
      const queue = [longName, ...names].values();
      const makeSome = async (): Promise<void> => {
        for (const name of queue) {
          const answer = await site.admin.send("POST", "/tenants/default/servers", {
            text: textOf(name),
            message: "first",
          });
          if (answer.status !== 201) throw new Error(`${name}: ${answer.status}`);
        }
      };
      await Promise.all([makeSome(), makeSome(), makeSome(), makeSome()]);
    }, 300_000);

    test("pages are turned by the apiserver, and each has an address", async () => {
      await open(servers);
      await page.getByRole("link", { name: "server-0000" }).waitFor();
      expect(await page.getByRole("row").count()).toBe(51);
      await page.getByRole("button", { name: "Next page" }).click();
      await page.getByText("Page 2").waitFor();
      await page.getByRole("link", { name: "server-0050" }).waitFor();
      await page.reload();
      await page.getByRole("link", { name: "server-0050" }).waitFor();
      expect(await page.getByText("Page 2").isVisible()).toBe(true);
      await page.goBack();
      await page.getByRole("link", { name: "server-0000" }).waitFor();
    });

    test("a search is asked of the apiserver and stands in the address", async () => {
      await open(servers);
      await page.getByLabel("Search by name").fill("-0999");
      await page.getByRole("heading", { name: "No server has “-0999” in its name" }).waitFor();
      await page.getByLabel("Search by name").fill("0998");
      await page.getByRole("link", { name: "server-0998" }).waitFor();
      expect(page.url()).toBe(`${site.url}${servers}?search=0998`);
      expect(await page.getByRole("row").count()).toBe(2);
      await page.getByText("live on 1 gateway").waitFor();
    });

    test("a server shows its text and its versions, and stays reachable by its address", async () => {
      await open(`${servers}/${longName}`);
      await heading(longName);
      expect(await page.getByRole("region", { name: "Document" }).innerText()).toContain("# a comment that stays");
      await page.getByRole("list").getByText("first").waitFor();
      await page.getByRole("link", { name: "All servers" }).click();
      await heading("Servers");
      expect(await page.evaluate("document.activeElement?.id")).toBe("main");
    });

    test("the first load is small: little script, few requests, nothing inline", async () => {
      await open(servers);
      await page.getByText("live on 1 gateway").first().waitFor();
      const addresses = watched.requests.map((request) => request.url());
      expect(addresses.length, addresses.join("\n")).toBeLessThanOrEqual(12);
      let total = 0;
      for (const script of watched.requests.filter((request) => request.resourceType() === "script")) {
        const body = await (await script.response())?.body();
        total += body === undefined ? 0 : gzipSync(body).length;
      }
      expect(total).toBeGreaterThan(50_000);
      expect(total).toBeLessThanOrEqual(230_000);
      expect(await page.locator("script:not([src]), style, [onclick]").count()).toBe(0);
      expect(await page.evaluate("document.cookie")).toBe("");
      const stored = await page.evaluate("JSON.stringify([localStorage, sessionStorage])");
      expect(stored).toBe('[{"passerelle-tenant":"default"},{}]');
    });

    test("the palette finds servers and pages by the keyboard alone", async () => {
      await open("/t/default/settings/about");
      await heading("About");
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").waitFor();
      await page.keyboard.type("server-0777");
      await page.getByRole("option", { name: "server-0777" }).waitFor();
      await page.keyboard.press("Enter");
      await heading("server-0777");
    });

    test("a sign-in that has ended leads to the form, and back to the same place", async () => {
      await open(servers);
      await page.getByRole("link", { name: "server-0000" }).waitFor();
      await page.context().clearCookies();
      await page.getByLabel("Search by name").fill("server-05");
      await heading("Sign in");
      await page.getByLabel("E-mail address").fill(administrator);
      await page.getByLabel("Password").fill(testPassword);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("link", { name: "server-0500" }).waitFor();
      expect(await page.getByLabel("Search by name").inputValue()).toBe("server-05");
    });

    test("another language comes when it is chosen, and stays", async () => {
      await open(servers);
      await page.getByRole("button", { name: "Language" }).click();
      await page.getByRole("menuitemradio", { name: "Français" }).click();
      await heading("Serveurs");
      await page.reload();
      await heading("Serveurs");
      expect(await page.evaluate("document.documentElement.lang")).toBe("fr");
    });

    test("a theme that is chosen is there before anything is painted", async () => {
      await open(servers);
      await page.getByRole("button", { name: "Appearance" }).click();
      await page.getByRole("menuitemradio", { name: "Dark" }).click();
      await expect.poll(() => page.evaluate("document.documentElement.className")).toBe("dark");
      await page.route("**/assets/*.js", (route) => route.abort());
      await page.reload({ waitUntil: "commit" });
      await expect.poll(() => page.evaluate("document.documentElement.className")).toBe("dark");
    });

    test("what does not exist says so, within the shell and outside of it", async () => {
      await open(`${servers}/nobody`);
      expect(await page.getByRole("alert").innerText()).toContain("There is no such thing");
      await page.goto(`${site.url}/nowhere`);
      await heading("There is no such page");
      await page.getByRole("link", { name: "Go to the start" }).click();
      await heading("Servers");
    });

    test("an apiserver that is away is told, and another try works", async () => {
      await open("/t/default/settings/about");
      await heading("About");
      await page.route("**/api/v1/tenants/default/servers*", (route) => route.abort());
      await page.getByRole("link", { name: "Servers" }).click();
      await page.getByRole("heading", { name: "The apiserver does not answer" }).waitFor();
      await page.unroute("**/api/v1/tenants/default/servers*");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("link", { name: "server-0000" }).waitFor();
    });

    test("on a narrow screen the navigation is a drawer that closes when it was used", async () => {
      await open(servers, administrator, { viewport: { width: 390, height: 844 } });
      await page.getByRole("button", { name: "Open the menu" }).click();
      await page.getByRole("dialog").getByRole("link", { name: "Gateways" }).click();
      await heading("Gateways");
      await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
      await page.getByText("up to date").waitFor();
    });

    const views = [
      ["servers", servers, "server-0000"],
      ["server", `${servers}/${longName}`, "a comment that stays"],
      ["no-match", `${servers}?search=nothing`, "The search looks at names"],
      ["keys", "/t/default/access/keys", "No keys yet"],
      ["gateways", "/t/default/settings/gateways", "up to date"],
      ["about", "/t/default/settings/about", "Apache-2.0"],
    ] as const;

    describe.each(["light", "dark"] as const)("in the %s theme", (colorScheme) => {
      test.each([1280, 390])("everybody can use every page at %i px", async (width) => {
        const viewport = { width, height: width === 390 ? 844 : 800 };
        await open("/", administrator, { colorScheme, viewport });
        for (const [name, path, text] of views) {
          await page.goto(site.url + path);
          await page.getByText(text).first().waitFor();
          await expectUsable(page);
          await takePicture(page, `${name}-${colorScheme}${width === 390 ? "-narrow" : ""}`);
        }
      });

      test("everybody can use what opens over a page", async () => {
        await open("/t/default/access/keys", administrator, { colorScheme });
        await page.getByRole("button", { name: "Create a key" }).click();
        await page.getByRole("dialog").getByLabel("Name").waitFor();
        await expectUsable(page);
        await takePicture(page, `create-key-${colorScheme}`);
        await page.keyboard.press("Escape");
        await page.keyboard.press("Control+k");
        await page.getByRole("option", { name: "server-0000" }).waitFor();
        await expectUsable(page);
        await takePicture(page, `palette-${colorScheme}`);
      });
    });
  });
});

function textOf(name: string): string {
  return `# a comment that stays
name: ${name}
routes:
  - prefix: /${name}
upstreams:
  api:
    kind: http
    baseUrl: https://crm.example/api
tools:
  - name: get_customer
    description: Find one customer by id.
    upstream: api
    input:
      type: object
      required: [id]
      properties: { id: { type: string } }
    request: { method: GET, path: "/customers/{id}" }
`;
}
