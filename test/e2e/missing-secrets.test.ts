import { afterEach, expect, it } from "vitest";
import type { TenantSecrets } from "../../src/core/config-source.ts";
import { AppError } from "../../src/core/errors.ts";
import { YamlConfigReader } from "../../src/adapters/yaml/yaml-config-reader.ts";
import { type RunningGateway, startGateway } from "../../src/compose/gateway.ts";
import type { DocumentStatus } from "../../src/gateway/reloader.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { createDocumentFolder, type DocumentFolder } from "../fixtures/served-folder.ts";
import { testSettings } from "../fixtures/test-gateway.ts";

let folder: DocumentFolder;
let gateway: RunningGateway;

afterEach(async () => {
  await gateway.close();
  await folder.close();
});

/** Secrets that a test changes: each tenant has its own. */
class TenantShelf implements TenantSecrets {
  readonly values = new Map<string, string>();
  isAway = false;
  /** How often a value was asked for. */
  asked = 0;

  forTenant(tenant: string): { get: (name: string) => string | undefined } {
    return {
      get: (name) => {
        this.asked++;
        return this.values.get(`${tenant}/${name}`);
      },
    };
  }

  async refresh(): Promise<void> {
    if (this.isAway) throw new AppError("unavailable", "away");
  }
}

function documentOf(tenant: string, header: string): object {
  return {
    tenant,
    name: "crm",
    routes: [{ prefix: `/${tenant}`, access: "public" }],
    upstreams: { api: { kind: "http", baseUrl: "http://127.0.0.1:9/", headers: { "x-token": header } } },
    tools: [{ name: "t", upstream: "api", input: { type: "object" }, request: { method: "GET", path: "/" } }],
  };
}

async function serve(documents: Readonly<Record<string, object>>): Promise<TenantShelf> {
  const secrets = new TenantShelf();
  folder = await createDocumentFolder(documents);
  const config = [folder.path];
  const reader = new YamlConfigReader(config);
  gateway = await startGateway({ settings: testSettings({ config }), reader, notifiers: [], secrets });
  return secrets;
}

function statuses(): readonly DocumentStatus[] {
  return gateway.status()["documents"] as readonly DocumentStatus[]; // what the operations port says
}

async function listOf(tenant: string): Promise<number> {
  return (await send(`${gateway.url}/${tenant}/mcp`, modernRequest("tools/list"))).status;
}

it("a document whose secret is not set is refused at its place, and served once it is set", async () => {
  const secrets = await serve({ "a.yaml": documentOf("one", "${secrets.TOKEN}") });
  expect(statuses()).toMatchObject([
    {
      state: "refused",
      problems: [
        {
          severity: "error",
          path: ["upstreams", "api", "headers", "x-token"],
          message: "the secret TOKEN is not set",
          mend: expect.stringContaining("secrets.?TOKEN"),
          line: 1,
        },
      ],
    },
  ]);
  expect(await listOf("one")).toBe(404);
  secrets.values.set("one/TOKEN", "x");
  await gateway.reload();
  expect(await listOf("one")).toBe(200);
});

it("a document that served keeps serving when its secret goes", async () => {
  const secrets = await serve({ "a.yaml": documentOf("one", "${secrets.TOKEN}") });
  secrets.values.set("one/TOKEN", "x");
  await gateway.reload();
  secrets.values.delete("one/TOKEN");
  await gateway.reload();
  expect(statuses()).toMatchObject([{ state: "kept", problems: [{ message: "the secret TOKEN is not set" }] }]);
  expect(await listOf("one")).toBe(200);
});

it.each(["${secrets.?TOKEN.orValue('none')}", "${has(secrets.TOKEN) ? secrets.TOKEN : 'none'}"])(
  "%s copes with a secret that is not set",
  async (header) => {
    await serve({ "a.yaml": documentOf("one", header) });
    expect(statuses()).toMatchObject([{ state: "served", problems: [] }]);
  },
);

it("each document sees the secrets of its own tenant", async () => {
  const secrets = await serve({
    "a.yaml": documentOf("one", "${secrets.TOKEN}"),
    "b.yaml": documentOf("two", "${secrets.TOKEN}"),
  });
  secrets.values.set("two/TOKEN", "x");
  await gateway.reload();
  expect([await listOf("one"), await listOf("two")]).toEqual([404, 200]);
});

it("secrets that cannot be read again stay as they are known", async () => {
  const secrets = await serve({ "a.yaml": documentOf("one", "${secrets.TOKEN}") });
  secrets.values.set("one/TOKEN", "x");
  await gateway.reload();
  secrets.isAway = true;
  await expect(gateway.reload()).resolves.toMatchObject({ changed: false });
  expect(await listOf("one")).toBe(200);
});

it("a reload asks for each secret once, however many documents name it, and for none of those that name none", async () => {
  const many = Array.from({ length: 40 }, (_, i) => [
    `${i}.yaml`,
    { ...documentOf("one", i < 20 ? "${secrets.TOKEN}" : "plain"), name: `s${i}`, routes: [{ prefix: `/s${i}` }] },
  ]);
  const secrets = await serve(Object.fromEntries(many) as Record<string, object>);
  secrets.values.set("one/TOKEN", "x");
  await gateway.reload();
  const before = secrets.asked;
  await expect(gateway.reload()).resolves.toMatchObject({ changed: false });
  expect(secrets.asked - before).toBe(1);
});
