import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SecretCipher } from "../../src/access/secret-cipher.ts";
import { StoredSecrets } from "../../src/access/stored-secrets.ts";
import { LastGoodCopy } from "../../src/adapters/file/last-good-copy.ts";
import { ControlPlaneLine } from "../../src/adapters/http/control-plane-line.ts";
import { HttpDocumentSource } from "../../src/adapters/http/http-document-source.ts";
import { HttpKeySource } from "../../src/adapters/http/http-key-source.ts";
import { HttpReportReceiver } from "../../src/adapters/http/http-report-receiver.ts";
import { HttpSecretSource } from "../../src/adapters/http/http-secret-source.ts";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlConfigStore } from "../../src/adapters/sql/sql-config-store.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlGatewayRegistry } from "../../src/adapters/sql/sql-gateway-registry.ts";
import { SqlSecretStore } from "../../src/adapters/sql/sql-secret-store.ts";
import { StoredConfigReader } from "../../src/adapters/yaml/stored-config-reader.ts";
import { createApp } from "../../src/apiserver/app.ts";
import { gatewayCheck } from "../../src/apiserver/gateway-token.ts";
import { type DrainingServer, listen } from "../../src/apiserver/listen.ts";
import { gatewayFeedOperations } from "../../src/apiserver/operations/gateway-feed-operations.ts";
import { type RunningGateway, startGateway } from "../../src/compose/gateway.ts";
import { silentLog } from "../../src/core/log.ts";
import { KeyShelf } from "../fixtures/key-shelf.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { type RawAnswer, send } from "../fixtures/raw-http.ts";
import { testSettings } from "../fixtures/test-gateway.ts";

const token = "gateway-token-0123456789abcdef0123456789";
const key = "pas_k1_0123456789abcdef0123456789abcdef";
const author = { id: "user:1", name: "Ada" };

let folder: string;
let database: SqlDatabase;
let store: SqlConfigStore;
let secrets: SqlSecretStore;
let keys: KeyShelf;
let registry: SqlGatewayRegistry;
let server: DrainingServer | undefined;
let port = 0;
let gateway: RunningGateway | undefined;
let line: ControlPlaneLine | undefined;
let copy: LastGoodCopy | undefined;
const cipher = new SecretCipher([randomBytes(32)]);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-feed-"));
  database = new SqlDatabase(`sqlite:${join(folder, "store.db")}`);
  await migrate(database);
  store = new SqlConfigStore(database, Date.now);
  secrets = new SqlSecretStore(database, Date.now);
  registry = new SqlGatewayRegistry(database, Date.now);
  keys = new KeyShelf();
  keys.put("k1", key);
  port = 0;
  await startApiserver();
});

afterEach(async () => {
  await stopGateway();
  await server?.close(0);
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** The apiserver's app on a socket; on the same one when it comes back. */
async function startApiserver(): Promise<void> {
  const app = createApp({
    operations: gatewayFeedOperations({ documents: store, secrets, keys, registry }),
    authenticate: async () => ({ kind: "user", id: "user:1", name: "Ada", roles: new Map([["*", "administrator"]]) }),
    isGateway: gatewayCheck(token),
    limitRate: () => undefined,
    addressOf: () => "127.0.0.1",
    log: silentLog,
  });
  server = await listen({ host: "127.0.0.1", port, fetch: app.fetch });
  port = server.port;
}

async function stopApiserver(): Promise<void> {
  await server?.close(0);
  server = undefined;
}

/** A gateway that reaches no store, with its last-good copy. */
async function startReading(): Promise<RunningGateway> {
  line = new ControlPlaneLine({ url: `http://127.0.0.1:${port}`, token });
  copy = await LastGoodCopy.open(join(folder, "state"), silentLog);
  const documents = copy.documents(new HttpDocumentSource(line));
  gateway = await startGateway({
    settings: testSettings({ config: [folder] }),
    reader: new StoredConfigReader({ store: documents, clock: () => performance.now() }),
    notifiers: [],
    secrets: new StoredSecrets({ source: copy.secrets(new HttpSecretSource(line)), cipher, log: silentLog }),
    keySource: copy.keys(new HttpKeySource(line)),
    registry: new HttpReportReceiver(line),
    name: "edge",
  });
  return gateway;
}

async function stopGateway(): Promise<void> {
  await gateway?.close();
  await copy?.close();
  await line?.close();
  [gateway, copy, line] = [undefined, undefined, undefined];
}

function documentText(name: string, text: string): string {
  const document = {
    tenant: "shop",
    name,
    routes: [{ prefix: `/${name}` }],
    upstreams: {
      api: { kind: "http", baseUrl: "http://127.0.0.1:9/", headers: { authorization: "Bearer ${secrets.TOKEN}" } },
    },
    prompts: [{ name: "said", messages: [{ content: { text } }] }],
  };
  return JSON.stringify(document);
}

async function save(name: string, text: string, basedOn = 0): Promise<void> {
  await store.save({ tenant: "shop", name, basedOn, author, message: "", text: documentText(name, text) });
}

async function putSecret(value: string): Promise<void> {
  const place = { tenant: "shop", name: "TOKEN" };
  await secrets.put({ ...place, description: "", author, ...cipher.seal(place, value) });
}

function ask(name: string, text = key): Promise<RawAnswer> {
  const request = modernRequest("prompts/get", { params: { name: "said" } });
  return send(`${gateway?.url}/${name}/mcp`, {
    ...request,
    headers: { ...request.headers, authorization: `Bearer ${text}` },
  });
}

const feed = (path: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
  send(`http://127.0.0.1:${port}/api/v1${path}`, { headers });

describe("the feed of gateways", () => {
  it.each(["/gateway/documents", "/gateway/secrets", "/gateway/keys"])("%s is for gateways alone", async (path) => {
    for (const given of [undefined, `${token}x`, token.slice(1), key]) {
      const answer = await feed(path, given === undefined ? {} : { authorization: `Bearer ${given}` });
      expect(answer.status).toBe(401);
      expect(answer.text).not.toContain("k1");
    }
    expect((await feed(path)).status).toBe(200);
  });

  it("refuses strangers the writing ones too", async () => {
    const body = { used: [{ id: "k1", at: 1 }] };
    const url = `http://127.0.0.1:${port}/api/v1/gateway`;
    expect((await send(`${url}/key-use`, { method: "POST", body })).status).toBe(401);
    expect((await send(`${url}/reports/x`, { method: "PUT", body: {} })).status).toBe(401);
    expect((await send(`${url}/reports/x`, { method: "DELETE" })).status).toBe(401);
    expect(keys.used).toHaveLength(0);
  });

  it("gives what has changed, and 304 for what has not", async () => {
    await save("crm", "one");
    await save("shop", "two");
    const all = await feed("/gateway/documents");
    const [head, ...lines] = all.text.trimEnd().split("\n");
    expect(JSON.parse(head ?? "")).toMatchObject({ isComplete: true, count: 2 });
    expect(lines).toHaveLength(2);
    const etag = String(all.headers["etag"]);
    const since = etag.replaceAll('"', "");
    const headers = { authorization: `Bearer ${token}`, "if-none-match": etag };
    expect(await feed(`/gateway/documents?since=${since}`, headers)).toMatchObject({ status: 304, text: "" });
    await save("shop", "three", 1);
    const news = await feed(`/gateway/documents?since=${since}`, headers);
    expect(news.status).toBe(200);
    expect(news.text).toContain("three");
    expect(news.text).not.toContain("crm");
    for (const path of ["/gateway/secrets", "/gateway/keys"]) {
      const known = String((await feed(path)).headers["etag"]);
      expect((await feed(path, { ...headers, "if-none-match": known })).status).toBe(304);
    }
  });

  it("never opens a secret", async () => {
    await putSecret("the-value-of-it");
    const { text } = await feed("/gateway/secrets");
    expect(text).toContain("TOKEN");
    expect(text).not.toContain("the-value-of-it");
  });
});

describe("a gateway that reads from the apiserver", () => {
  it("serves documents, secrets and keys of it, follows changes, and reports", async () => {
    await save("crm", "first");
    await startReading();
    // Its secret is missing: refused with the place.
    expect(JSON.stringify(gateway?.status()["documents"])).toContain("the secret TOKEN is not set");
    await putSecret("one");
    await gateway?.reload();
    expect((await ask("crm")).text).toContain("first");
    expect((await ask("crm", "wrong-key-0123456789")).status).toBe(401);
    await save("crm", "second", 1);
    await gateway?.reload();
    expect((await ask("crm")).text).toContain("second");
    await store.delete({ tenant: "shop", name: "crm", basedOn: 2, author, message: "" });
    keys.revoke("k1");
    keys.put("k2", `${key}2`);
    await save("other", "third");
    await gateway?.reload();
    expect((await ask("crm")).status).toBe(404);
    expect((await ask("other")).status).toBe(401);
    expect((await ask("other", `${key}2`)).text).toContain("third");
    const revision = Number(gateway?.status()["revision"]);
    await expect
      .poll(() => registry.list(0), { timeout: 10_000 })
      .toMatchObject([{ name: "edge", revision, servers: 1 }]);
    await stopGateway();
    expect(await registry.list(0)).toEqual([]);
    expect(keys.used.flatMap((used) => [...used.keys()])).toContain("k2");
  });

  it("serves on while the apiserver is away, and is current again when it is back", async () => {
    await save("crm", "first");
    await putSecret("one");
    await startReading();
    await stopApiserver();
    await expect(gateway?.reload()).rejects.toMatchObject({ code: "unavailable" });
    expect((await ask("crm")).text).toContain("first");
    await save("crm", "second", 1);
    await startApiserver();
    await gateway?.reload();
    expect((await ask("crm")).text).toContain("second");
  });

  it("starts from its copy while the apiserver is away, and follows it when it is back", async () => {
    await save("crm", "first");
    await save("gone", "soon");
    await putSecret("one");
    await startReading();
    await save("crm", "second", 1);
    await store.delete({ tenant: "shop", name: "gone", basedOn: 1, author, message: "" });
    await gateway?.reload();
    await stopGateway();
    await stopApiserver();
    await startReading();
    expect((await ask("crm")).text).toContain("second");
    expect((await ask("gone")).status).toBe(404);
    expect((await ask("crm", "wrong-key-0123456789")).status).toBe(401);
    await save("crm", "third", 2);
    keys.put("k2", `${key}2`);
    keys.revoke("k1");
    await startApiserver();
    await gateway?.reload();
    expect((await ask("crm")).status).toBe(401);
    expect((await ask("crm", `${key}2`)).text).toContain("third");
  });

  it("keeps a copy that only its user may read, without any secret or key in plain text", async () => {
    await save("crm", "first");
    await putSecret("the-value-of-it");
    await startReading();
    await stopGateway();
    const directory = join(folder, "state", "last-good");
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    const files = await readdir(directory);
    expect(files.toSorted()).toEqual(["documents.ndjson", "keys.json", "secrets.json"]);
    for (const file of files) {
      expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
      const text = await readFile(join(directory, file), "utf8");
      expect(text).not.toContain("the-value-of-it");
      expect(text).not.toContain(key);
    }
  });

  it.each(["documents.ndjson", "secrets.json", "keys.json"])("takes a damaged copy (%s) as none", async (file) => {
    await save("crm", "first");
    await putSecret("one");
    await startReading();
    await stopGateway();
    await stopApiserver();
    const path = join(folder, "state", "last-good", file);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace("shop", "shoq").replace('"k1"', '"k9"'));
    if (file === "documents.ndjson") {
      await expect(startReading()).rejects.toMatchObject({ code: "unavailable" });
      return;
    }
    await startReading();
    if (file === "keys.json") expect((await ask("crm")).status).toBe(503);
    else expect(JSON.stringify(gateway?.status()["documents"])).toContain("the secret TOKEN is not set");
  });
});
