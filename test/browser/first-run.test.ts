import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printedSetupToken, testPassword } from "../fixtures/api-client.ts";
import { findChromium, openChromium, openPage, type WatchedPage } from "../fixtures/chromium.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { type ProgramProcess, startProgram } from "../fixtures/program-process.ts";

const chromium = findChromium();

// The program as somebody meets it who has just installed it: a link on the terminal, a browser, and nothing else.
describe.skipIf(chromium === undefined)("the first run", () => {
  let folder: string;
  let url: string;
  let program: ProgramProcess;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  let token: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "passerelle-first-run-"));
    url = `http://127.0.0.1:${await findFreePort()}`;
    const args = ["apiserver", "--store", `sqlite:${join(folder, "test.db")}`, "--state-dir", folder];
    program = await startProgram([...args, "--api-port", new URL(url).port], `${url}/readyz`);
    token = await printedSetupToken(() => program.output());
    browser = await openChromium(chromium);
    watched = await openPage(browser);
    page = watched.page;
  });
  afterAll(async () => {
    await browser.close();
    await program.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("the link leads to a form; what is wrong is told beside the fields and nothing is lost", async () => {
    await page.goto(`${url}/setup#${token}`);
    await page.getByLabel("E-mail address").fill("ada@shop.example");
    await page.getByLabel("Name").fill("Ada");
    await page.getByLabel("New password", { exact: true }).fill("password1234");
    await page.getByLabel("New password again").fill("another password");
    await page.getByRole("button").click();
    const repeated = page.getByLabel("New password again");
    await expect.poll(() => repeated.getAttribute("aria-invalid")).toBe("true");
    expect(await page.locator("#repeated-problem").textContent()).toBe("The two passwords are not the same.");
    await repeated.fill("password1234");
    await page.getByRole("button").click();
    await expect
      .poll(() => page.locator("#password-problem").textContent())
      .toBe("It is too simple: it is made of words that everybody tries first.");
    expect(await repeated.getAttribute("aria-invalid")).toBeNull();
    expect(await page.locator("#password:focus").count()).toBe(1);
    expect(await page.getByLabel("E-mail address").inputValue()).toBe("ada@shop.example");
  });

  test("the token leaves the address bar, and a reload works all the same", async () => {
    expect(page.url()).toBe(`${url}/setup`);
    await page.reload();
    await page.getByLabel("E-mail address").fill("ada@shop.example");
    await page.getByLabel("Name").fill("Ada");
    await page.getByLabel("New password", { exact: true }).fill(testPassword);
    await page.getByLabel("New password again").fill(testPassword);
    await page.getByRole("button").click();
    await page.getByRole("status").waitFor();
    expect(page.url()).toBe(`${url}/account`);
    const text = await page.locator("main").innerText();
    expect(text).toContain("You are the first administrator.");
    expect(text).toContain("Ada (ada@shop.example)");
    expect(text).toContain("You are administrator of everything.");
  });

  test("the page says how to make a key, and the commands do it", async () => {
    const recipe = await page.locator("#key-recipe").innerText();
    const made: unknown = JSON.parse(await runInBash(recipe, `ada@shop.example\n${testPassword}\n`, folder));
    const { key } = made as { key: string }; // an answer of `createKey`
    const use = (await page.locator("#key-use").innerText()).replace("KEY", key);
    expect(JSON.parse(await runInBash(use, "", folder))).toMatchObject({
      kind: "key",
      roles: { "*": "administrator" },
    });
  });

  test("signing out ends it, and the start page leads to the form", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto(`${url}/`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(page.url()).toBe(`${url}/sign-in`);
    expect(await page.context().cookies()).toStrictEqual([]);
  });

  test("a link that is used is refused in words, without a form", async () => {
    await page.goto(`${url}/setup#${token}`);
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toBe("This link is used, expired or not complete. Ask for a new one.");
    expect(await page.locator("form").isVisible()).toBe(false);
    expect(await page.locator("#advice").innerText()).toContain("sign in");
  });

  test("a wrong password is told in words, the right one signs in", async () => {
    await page.goto(`${url}/sign-in`);
    await page.getByLabel("E-mail address").fill("ada@shop.example");
    await page.getByLabel("Password").fill("seven grey herons at dusk");
    await page.getByRole("button", { name: "Sign in" }).click();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toBe("The e-mail address or the password is wrong.");
    await page.getByLabel("Password").fill(testPassword);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Servers", exact: true }).waitFor();
    await page.goto(`${url}/account`);
    await page.getByRole("link", { name: "The API, described" }).click();
    await page.getByRole("heading", { name: "Passerelle API" }).first().waitFor();
  });

  test("the token was in no address, referrer or log, and nobody else was talked to", async () => {
    expect(watched.requests.length).toBeGreaterThan(20);
    for (const request of watched.requests) {
      expect(new URL(request.url()).origin).toBe(url);
      const { pathname, search } = new URL(request.url());
      expect(pathname + search).not.toContain(token);
      expect((await request.allHeaders())["referer"]).toBeUndefined();
    }
    // The link that was printed, and nothing else.
    expect(program.output().split(token)).toHaveLength(2);
    expect(watched.complaints).toStrictEqual([]);
  });
});

function runInBash(script: string, input: string, cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("bash", ["-c", script], { cwd, timeout: 60_000 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
    child.stdin?.end(input);
  });
}
