import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../fixtures/api-client.ts";
import { databaseKinds } from "../fixtures/databases.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { type ProgramProcess, startProgram } from "../fixtures/program-process.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// A control plane and a data plane as two processes over each store: what is saved is served, whoever is killed.

interface Kind {
  readonly name: string;
  readonly missing: string | undefined;
  create(folder: string): Promise<{ readonly address: string; drop(): Promise<void> }>;
}

const kinds: readonly Kind[] = [
  {
    name: "YAML files",
    missing: undefined,
    create: async (folder) => ({ address: `yaml:${join(folder, "servers")}`, drop: async () => undefined }),
  },
  ...(await databaseKinds()),
];

for (const kind of kinds) {
  describe.skipIf(kind.missing !== undefined)(`apiserver and gateway over ${kind.name}`, () => {
    let folder: string;
    let place: Awaited<ReturnType<Kind["create"]>>;
    let apiUrl: string;
    let gatewayUrl: string;
    let apiserver: ProgramProcess;
    let gateway: ProgramProcess;
    let key: string;
    const api = (): ApiClient => client;
    let client: ApiClient;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "passerelle-two-"));
      place = await kind.create(folder);
      apiUrl = `http://127.0.0.1:${await findFreePort()}`;
      gatewayUrl = `http://127.0.0.1:${await findFreePort()}`;
      apiserver = await startApiserver();
      client = new ApiClient(apiUrl);
      await client.setUp(() => apiserver.output());
      gateway = await startGateway();
    }, 120_000);

    afterAll(async () => {
      await gateway.close();
      await apiserver.close();
      await place.drop();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    function common(): string[] {
      const state = join(folder, "state");
      return ["--store", place.address, "--state-dir", state, "--log-level", "warn"];
    }

    function startApiserver(): Promise<ProgramProcess> {
      const args = ["apiserver", ...common(), "--api-port", new URL(apiUrl).port];
      return startProgram(args, `${apiUrl}/readyz`);
    }

    function startGateway(): Promise<ProgramProcess> {
      const args = [
        "gateway",
        ...common(),
        "--port",
        new URL(gatewayUrl).port,
        "--ops-port",
        "off",
        "--poll-ms",
        "200",
      ];
      return startProgram(args, `${gatewayUrl}/readyz`);
    }

    function documentText(title: string): string {
      return `# kept as it is\nname: crm\ntitle: ${title}\nroutes:\n  - { prefix: /crm } # for holders of a key\nprompts:\n  - { name: hi, messages: [{ role: user, content: { text: hello } }] }\n`;
    }

    /** The title that a client is told; the HTTP status where the gateway refuses. */
    async function servedTitle(bearer: string | undefined): Promise<unknown> {
      const response = await fetch(`${gatewayUrl}/crm/mcp`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "initialize",
          params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
        }),
      });
      const body = (await response.json()) as { readonly result?: { readonly serverInfo: { readonly title: string } } };
      return body.result?.serverInfo.title ?? response.status;
    }

    /** Asks again and again until the gateway says so: another process gives no event. Answers how long it took. */
    async function timeUntil(wanted: unknown, bearer: string | undefined): Promise<number> {
      const startedAt = performance.now();
      let found: unknown;
      while (performance.now() - startedAt < 30_000) {
        found = await servedTitle(bearer);
        if (found === wanted) return performance.now() - startedAt;
      }
      throw new Error(`the gateway still says ${String(found)} instead of ${String(wanted)}`);
    }

    test("a saved server is live at once, for holders of a key that was just made", async () => {
      const made = await api().send("POST", "/tenants/default/servers", {
        text: documentText("First"),
        message: "new",
      });
      expect(made).toMatchObject({ status: 201, body: { version: 1, author: { name: "Ada" } } });
      const minted = await api().send("POST", "/tenants/default/keys", { name: "agent", use: { kind: "mcp" } });
      expect(minted.status).toBe(201);
      key = String(minted.body["key"]);
      expect(await timeUntil("First", key)).toBeLessThan(withinMs(1_000));
      expect(await servedTitle(undefined)).toBe(401);
      expect(await servedTitle("pas_wrong")).toBe(401);
    }, 60_000);

    test("every save is live within a second, and no request is lost meanwhile", async () => {
      let isDone = false;
      const seen: unknown[] = [];
      const load = (async () => {
        while (!isDone) seen.push(await servedTitle(key));
      })();
      const times: number[] = [];
      for (let version = 1; version <= 10; version++) {
        const saved = await api().send(
          "PUT",
          "/tenants/default/servers/crm",
          { text: documentText(`Title ${version}`), message: `save ${version}` },
          { "if-match": `"${version}"` },
        );
        expect(saved).toMatchObject({ status: 200, body: { version: version + 1 } });
        times.push(await timeUntil(`Title ${version}`, key));
      }
      isDone = true;
      await load;
      expect(Math.max(...times)).toBeLessThan(withinMs(1_000));
      expect(seen.filter((title) => typeof title !== "string")).toEqual([]);
    }, 120_000);

    test("two writers on one version: one wins, the other is told who and what", async () => {
      const attempts = await Promise.all(
        ["Left", "Right"].map((title) =>
          api().send(
            "PUT",
            "/tenants/default/servers/crm",
            { text: documentText(title), message: title },
            { "if-match": '"11"' },
          ),
        ),
      );
      expect(attempts.map(({ status }) => status).toSorted()).toEqual([200, 409]);
      expect(attempts.find(({ status }) => status === 409)?.body).toMatchObject({
        code: "conflict",
        current: { version: 12, author: { name: "Ada" } },
      });
    }, 60_000);

    test("the control plane shows what each gateway serves", async () => {
      const startedAt = performance.now();
      for (;;) {
        const { body } = await api().send("GET", "/gateways");
        const [item] = body["items"] as { readonly isCurrent: boolean }[]; // see the description
        if (item?.isCurrent === true) {
          expect(item).toMatchObject({ refused: [], servers: 1, url: gatewayUrl });
          return;
        }
        if (performance.now() - startedAt > 30_000) throw new Error(`no gateway is current: ${JSON.stringify(body)}`);
      }
    }, 60_000);

    test("kill -9 of the apiserver loses nothing that it acknowledged, and the gateway serves on", async () => {
      const saved = await api().send(
        "PUT",
        "/tenants/default/servers/crm",
        { text: documentText("Last words"), message: "before the end" },
        { "if-match": '"12"' },
      );
      expect(saved.status).toBe(200);
      await apiserver.kill();
      expect(await timeUntil("Last words", key)).toBeLessThan(30_000);
      apiserver = await startApiserver();
      const read = await api().send("GET", "/tenants/default/servers/crm");
      expect(read.body).toMatchObject({ version: 13, text: documentText("Last words"), message: "before the end" });
    }, 120_000);

    test("a gateway that was killed serves the newest version after its start", async () => {
      await gateway.kill();
      gateway = await startGateway();
      expect(await servedTitle(key)).toBe("Last words");
    }, 120_000);

    test("a revoked key opens nothing any more", async () => {
      const { body } = await api().send("GET", "/tenants/default/keys");
      const [info] = body["items"] as { readonly id: string }[]; // see the description
      expect((await api().send("DELETE", `/tenants/default/keys/${info?.id}`)).status).toBe(204);
      expect(await timeUntil(401, key)).toBeLessThan(withinMs(1_000));
    }, 60_000);
  });
}
