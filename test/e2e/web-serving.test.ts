import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient, printedSetupToken, testPassword } from "../fixtures/api-client.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { type ProgramProcess, startProgram } from "../fixtures/program-process.ts";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly bytes: Buffer;
}

const asPerson = { accept: "text/html,application/xhtml+xml" };

// The bytes as they are sent, since `fetch` unpacks them and mends addresses.
describe("the web UI as it is served", () => {
  let folder: string;
  let url: string;
  let program: ProgramProcess;
  let cookie: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "passerelle-serving-"));
    url = `http://127.0.0.1:${await findFreePort()}`;
    const args = ["apiserver", "--store", `sqlite:${join(folder, "test.db")}`, "--state-dir", folder];
    program = await startProgram([...args, "--api-port", new URL(url).port], `${url}/readyz`);
    const token = await printedSetupToken(() => program.output());
    const body = { token, email: "ada@shop.example", name: "Ada", password: testPassword };
    const { headers } = await new ApiClient(url).send("POST", "/setup", body);
    cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
  });
  afterAll(async () => {
    await program.close();
    await rm(folder, { recursive: true, force: true });
  });

  function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
        );
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  async function scriptPath(): Promise<string> {
    const { bytes } = await get("/", { ...asPerson, cookie });
    const path = /src="(\/assets\/[^"]+\.js)"/.exec(bytes.toString())?.[1];
    if (path === undefined) throw new Error("the page has no script");
    return path;
  }

  test("the page is never kept, and lets nothing but own files run", async () => {
    for (const path of ["/", "/t/default/servers", "/t/default/servers/a.b", "/anything/else"]) {
      const { status, headers } = await get(path, { ...asPerson, cookie });
      expect([path, status, headers["cache-control"]]).toStrictEqual([path, 200, "no-store"]);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';.*require-trusted-types-for/);
      expect(policy).not.toContain("unsafe");
    }
  });

  test("who is not signed in is led to the form, with the way back; a sign-in that is over counts as none", async () => {
    const path = "/t/default/servers?search=a%26b";
    const next = "/sign-in?next=%2Ft%2Fdefault%2Fservers%3Fsearch%3Da%2526b";
    expect((await get(path, asPerson)).headers["location"]).toBe(next);
    const over = await get(path, { ...asPerson, cookie: "passerelle-sign-in=made-up" });
    expect([over.status, over.headers["location"]]).toStrictEqual([303, next]);
    expect((await get("/", asPerson)).headers["location"]).toBe("/sign-in");
  });

  test("hashed files are kept for good, in whichever form the client takes", async () => {
    const path = await scriptPath();
    const plain = await get(path);
    expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(plain.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const zipped = await get(path, { "accept-encoding": "gzip, br;q=0" });
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true);
    const brotli = await get(path, { "accept-encoding": "gzip, deflate, br" });
    expect(brotli.headers).toMatchObject({ "content-encoding": "br", vary: "accept-encoding" });
    expect(brotliDecompressSync(brotli.bytes).equals(plain.bytes)).toBe(true);
    expect(brotli.bytes.length).toBeLessThan(plain.bytes.length / 2);
  });

  test("other files are asked for again, and not sent again", async () => {
    const { headers } = await get("/theme.js");
    expect(headers["cache-control"]).toBe("no-cache");
    const again = await get("/theme.js", { "if-none-match": String(headers["etag"]) });
    expect([again.status, again.bytes.length]).toStrictEqual([304, 0]);
  });

  test.each(["/api/v1/nothing", "/api/nothing", "/pages/nothing.js", "/assets/nothing.js"])(
    "%s is no page of it, for people neither",
    async (path) => {
      const { status, headers } = await get(path, { ...asPerson, cookie });
      expect([status, headers["content-type"]]).toStrictEqual([404, "application/problem+json"]);
    },
  );

  test("what has an address keeps it, and programs are told when nothing has", async () => {
    for (const path of ["/healthz", "/readyz", "/metrics", "/sign-in", "/account", "/api/docs"]) {
      const { status, bytes } = await get(path, { ...asPerson, cookie });
      expect([path, status]).toStrictEqual([path, 200]);
      expect(bytes.toString()).not.toContain('id="root"');
    }
    expect((await get("/t/default/servers", { accept: "application/json", cookie })).status).toBe(404);
  });

  test.each(["/assets/../../main.js", "/assets/..%2f..%2fmain.js", "/..%5cmain.js", "/index.html.br", "/%00"])(
    "nothing outside of its files is read: %s",
    async (path) => {
      const { status } = await get(path);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );
});
