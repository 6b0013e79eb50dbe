import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProcessSite, type SiteGateway, timeUntilSeen } from "../fixtures/process-site.ts";
import { type ProgramProcess, runProgram } from "../fixtures/program-process.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// A gateway that reaches no store: it reads from the apiserver over HTTP, and keeps a copy of that.

const timeout = 180_000;

describe("a gateway over an apiserver, as processes", () => {
  let site: ProcessSite;
  let apiserver: ProgramProcess;
  let gateway: SiteGateway;

  beforeAll(async () => {
    site = await ProcessSite.open();
    apiserver = await startApiserver();
    await site.setUp(apiserver);
    gateway = await site.startGateway("edge", ["--apiserver", site.apiUrl, "--poll-ms", "200"]);
  }, timeout);

  afterAll(() => site.close(), timeout);

  function startApiserver(): Promise<ProgramProcess> {
    return site.startApiserver(["--store", `sqlite:${join(site.folder, "store.db")}`]);
  }

  test(
    "serves documents, keys and sealed secrets of it, and what is saved is live at once",
    async () => {
      expect(await gateway.see()).toEqual({ status: 200, edition: "first", token: "first secret" });
      expect(await gateway.see("pas_wrong")).toEqual({ status: 401 });
      expect(await site.save("second")).toMatchObject({ status: 200 });
      expect(await timeUntilSeen(gateway, { edition: "second" })).toBeLessThan(withinMs(1_000));
      expect(await site.putToken("second secret")).toMatchObject({ status: 200 });
      expect(await timeUntilSeen(gateway, { token: "second secret" })).toBeLessThan(withinMs(1_000));
      const other = await site.mintKey("other");
      expect(await timeUntilSeen(gateway, { status: 200 }, other)).toBeLessThan(withinMs(1_000));
    },
    timeout,
  );

  test(
    "is shown by the apiserver with what it serves",
    async () => {
      await expect
        .poll(async () => (await site.client.send("GET", "/gateways")).body["items"], { timeout: 30_000 })
        .toMatchObject([{ name: "edge", isCurrent: true, servers: 1, refused: [] }]);
    },
    timeout,
  );

  test(
    "serves on while the apiserver is gone, also after a restart, and is current again when it is back",
    async () => {
      await apiserver.kill();
      const seen = { status: 200, edition: "second", token: "second secret" };
      expect(await gateway.see()).toEqual(seen);
      await gateway.process().kill();
      await gateway.start();
      expect(await gateway.see()).toEqual(seen);
      expect(await gateway.see("pas_wrong")).toEqual({ status: 401 });

      apiserver = await startApiserver();
      expect(await site.save("third")).toMatchObject({ status: 200 });
      await site.putToken("third secret");
      const late = await site.mintKey("late");
      await timeUntilSeen(gateway, { status: 200, edition: "third", token: "third secret" }, late);
    },
    timeout,
  );

  test(
    "keeps no secret and no key in plain on its disk",
    async () => {
      const folder = site.stateFolder("edge");
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      const bytes = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))));
      const all = Buffer.concat(bytes);
      expect(files.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["documents.ndjson", "secrets.json", "keys.json"]),
      );
      expect(all.includes("third")).toBe(true); // of the document
      for (const plain of ["first secret", "second secret", "third secret", site.key, site.gatewayToken]) {
        for (const encoding of ["utf8", "base64", "base64url", "hex"] as const) {
          const sought = encoding === "utf8" ? plain : Buffer.from(plain).toString(encoding).replace(/=+$/, "");
          expect(all.includes(sought), `${plain} in ${encoding}`).toBe(false);
        }
      }
    },
    timeout,
  );

  test.each([
    ["another token", "x".repeat(32), 74, /refuses the token of this gateway/],
    ["a short token", "short", 1, /at least 32 characters/],
    ["no token", "", 74, /give --gateway-token/],
  ])(
    "with %s it ends with one sentence",
    async (_case, given, code, sentence) => {
      const ended = await runProgram(
        ["gateway", "--apiserver", site.apiUrl, "--port", "0", "--ops-port", "off", "--log-level", "error"],
        { PASSERELLE_GATEWAY_TOKEN: given, PASSERELLE_ENCRYPTION_KEYS: Buffer.alloc(32, 1).toString("base64") },
      );
      expect(ended).toMatchObject({ code, output: expect.stringMatching(sentence) as string });
      expect(ended.output.trim().split("\n")).toHaveLength(1);
    },
    timeout,
  );
});
