import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SecretCipher } from "../../src/access/secret-cipher.ts";
import { StoredSecrets } from "../../src/access/stored-secrets.ts";
import { MemoryChangeFeed } from "../../src/adapters/memory/memory-change-feed.ts";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlAuditLog } from "../../src/adapters/sql/sql-audit-log.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlSecretStore } from "../../src/adapters/sql/sql-secret-store.ts";
import { createApp } from "../../src/apiserver/app.ts";
import { secretOperations } from "../../src/apiserver/operations/secret-operations.ts";
import type { Role } from "../../src/core/role.ts";
import { maxSecretBytes } from "../../src/core/secret-store.ts";

const value = 's3cr3t-"value"-\\-🦊-end';
const callers: Readonly<Record<string, ReadonlyMap<string, Role>>> = {
  admin: new Map([["*", "administrator"]]),
  editor: new Map([["shop", "editor"]]),
  operator: new Map([["shop", "operator"]]),
  viewer: new Map([["shop", "viewer"]]),
  stranger: new Map([["other", "editor"]]),
};

let directory: string;
let database: SqlDatabase;
let store: SqlSecretStore;
let audit: SqlAuditLog;
let feed: MemoryChangeFeed;
let app: Hono;
let hints: number;
/** Everything that went out: bodies and headers of answers, and lines of the log. */
let shown: string[];
const cipher = new SecretCipher([randomBytes(32)]);
const line =
  (level: string) =>
  (event: string, fields: object = {}): void =>
    void shown.push(`${level} ${event} ${JSON.stringify(fields)} ${describeErrors(fields)}`);
const log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };

function describeErrors(fields: object): string {
  const causes: string[] = [];
  for (let error: unknown = Object.entries(fields).find(([key]) => key === "error")?.[1]; error instanceof Error; ) {
    causes.push(String(error.stack));
    error = error.cause;
  }
  return causes.join("\n");
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "passerelle-secret-operations-"));
  database = new SqlDatabase(`sqlite:${join(directory, "test.db")}`);
  await migrate(database);
  store = new SqlSecretStore(database, () => 1_000);
  audit = new SqlAuditLog(database);
  feed = new MemoryChangeFeed();
  hints = 0;
  feed.notifier().start(() => hints++);
  shown = [];
  app = appWith(cipher);
});

afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

function appWith(sealer: SecretCipher): Hono {
  const operations = secretOperations({
    secrets: store,
    cipher: sealer,
    announcer: feed,
    audit,
    findTenant: async (tenant) => (tenant === "shop" || tenant === "other" ? { tenant } : undefined),
    usedBy: async (tenant, name) => (tenant === "shop" && name === "NAMED" ? ["crm", "orders"] : []),
  });
  return createApp({
    operations,
    authenticate: async (request) => {
      const name = request.headers.get("x-caller");
      const roles = name === null ? undefined : callers[name];
      return name === null || roles === undefined ? undefined : { kind: "user", id: `user:${name}`, name, roles };
    },
    limitRate: () => undefined,
    addressOf: () => "192.0.2.1",
    log,
  });
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function ask(caller: string | undefined, method: string, path: string, body?: unknown): Promise<Answer> {
  const headers = new Headers(caller === undefined ? {} : { "x-caller": caller });
  if (body !== undefined) headers.set("content-type", "application/json");
  const sent = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await app.request(`/api/v1/tenants/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: sent }),
  });
  const text = await answer.text();
  shown.push(text, JSON.stringify([...answer.headers]));
  return { status: answer.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
}

test("a secret is made, listed, replaced and deleted; its value never comes back", async () => {
  const info = {
    tenant: "shop",
    name: "TOKEN",
    description: "of the shop",
    version: 1,
    updatedBy: { id: "user:editor", name: "editor" },
    updatedAt: 1_000,
  };
  const made = await ask("editor", "PUT", "shop/secrets/TOKEN", { value: "another", description: "of the shop" });
  expect(made).toStrictEqual({ status: 201, body: info });
  const renewed = await ask("admin", "PUT", "shop/secrets/TOKEN", { value });
  const expected = { ...info, version: 2, updatedBy: { id: "user:admin", name: "admin" } };
  expect(renewed).toStrictEqual({ status: 200, body: expected });
  expect(await ask("operator", "GET", "shop/secrets")).toStrictEqual({ status: 200, body: { items: [expected] } });
  const secrets = new StoredSecrets({ source: store, cipher, log });
  await secrets.refresh();
  expect(secrets.forTenant("shop").get("TOKEN")).toBe(value);
  expect((await ask("editor", "DELETE", "shop/secrets/TOKEN")).status).toBe(204);
  expect((await ask("editor", "DELETE", "shop/secrets/TOKEN")).status).toBe(404);
  expect(await ask("editor", "GET", "shop/secrets")).toMatchObject({ body: { items: [] } });
  expect(hints).toBe(3);
});

test("every change is audited without the value", async () => {
  await ask("editor", "PUT", "shop/secrets/TOKEN", { value });
  await ask("editor", "PUT", "shop/secrets/TOKEN", { value, description: "new" });
  await ask("editor", "DELETE", "shop/secrets/TOKEN");
  const { items } = await audit.list({ limit: 10 });
  const shape = (version: number, description: string) => ({ version, description, value: "•••" });
  const common = {
    tenant: "shop",
    actor: { kind: "user", id: "user:editor", name: "editor" },
    target: { kind: "secret", id: "TOKEN" },
    ip: "192.0.2.1",
  };
  expect(items.toReversed()).toMatchObject([
    { ...common, action: "secret.save", after: shape(1, "") },
    { ...common, action: "secret.save", before: shape(1, ""), after: shape(2, "new") },
    { ...common, action: "secret.delete", before: shape(2, "new") },
  ]);
});

test("no answer, log line, audit entry or file of the database ever has the value in it", async () => {
  const attempts: [string, string, unknown][] = [
    ["PUT", "shop/secrets/TOKEN", { value }],
    ["PUT", "shop/secrets/TOKEN", { value, description: 1 }],
    ["PUT", "shop/secrets/TOKEN", { value: [value] }],
    ["PUT", "shop/secrets/TOKEN", { value: { [value]: value } }],
    ["PUT", "shop/secrets/TOKEN", { value: value.padEnd(maxSecretBytes + 1, value) }],
    ["PUT", "shop/secrets/TOKEN", `{"value": "${value}`],
    ["PUT", "shop/secrets/TOKEN", `{"value": ${value}}`],
    ["PUT", "shop/secrets/TOKEN", value],
    ["PUT", "shop/secrets/bad name", { value }],
    ["PUT", "nobody/secrets/TOKEN", { value }],
    ["PUT", "shop/secrets/TOKEN", { value: `${value}\ud800` }],
  ];
  for (const [method, path, body] of attempts) await ask("admin", method, path, body);
  app = appWith(new SecretCipher([]));
  expect(await ask("admin", "PUT", "shop/secrets/TOKEN", { value })).toMatchObject({
    status: 503,
    body: { detail: expect.stringContaining("PASSERELLE_ENCRYPTION_KEYS") },
  });
  app = appWith(cipher);
  await database.close();
  expect(await ask("admin", "PUT", "shop/secrets/TOKEN", { value })).toMatchObject({ status: 503 });
  const files = await Promise.all(
    ["test.db", "test.db-wal"].map((name) => readFile(join(directory, name)).catch(() => "")),
  );
  for (const text of [...shown, ...files.map((file) => file.toString("latin1"))]) expect(text).not.toContain("s3cr3t");
  expect(shown.length).toBeGreaterThan(20);
});

const denied: [string | undefined, string, string, number][] = [
  [undefined, "GET", "shop/secrets", 401],
  [undefined, "PUT", "shop/secrets/TOKEN", 401],
  [undefined, "DELETE", "shop/secrets/TOKEN", 401],
  ["viewer", "GET", "shop/secrets", 403],
  ["viewer", "PUT", "shop/secrets/TOKEN", 403],
  ["operator", "PUT", "shop/secrets/TOKEN", 403],
  ["operator", "DELETE", "shop/secrets/TOKEN", 403],
  ["stranger", "GET", "shop/secrets", 403],
  ["stranger", "PUT", "shop/secrets/TOKEN", 403],
  ["stranger", "DELETE", "shop/secrets/TOKEN", 403],
  ["admin", "GET", "nobody/secrets", 404],
  ["admin", "PUT", "nobody/secrets/TOKEN", 404],
];

test.each(denied)("for %s, %s %s is %i, and nothing is changed or told", async (caller, method, path, status) => {
  await ask("editor", "PUT", "shop/secrets/TOKEN", { value });
  const [before, told] = [await store.readAll(), hints];
  expect((await ask(caller, method, path, method === "PUT" ? { value: "other" } : undefined)).status).toBe(status);
  expect(await store.readAll()).toStrictEqual(before);
  expect(hints).toBe(told);
  expect((await audit.list({ limit: 10 })).items).toHaveLength(1);
});

const unfit: [string, string, unknown, number, string][] = [
  ["an empty value", "TOKEN", { value: "" }, 400, "body.value"],
  ["no value", "TOKEN", {}, 400, "body.value"],
  ["too many bytes", "TOKEN", { value: "é".repeat(maxSecretBytes / 2 + 1) }, 400, "body.value"],
  ["too many characters", "TOKEN", { value: "a".repeat(maxSecretBytes + 1) }, 400, "body.value"],
  ["half a character", "TOKEN", { value: "a\ud800" }, 400, "body.value"],
  ["a description with NUL", "TOKEN", { value: "a", description: "\0" }, 400, "body.description"],
  ["an unknown key", "TOKEN", { value: "a", values: 1 }, 400, "body"],
  ["a name with a dash first", "-TOKEN", { value: "a" }, 400, "path.name"],
  ["a name that climbs", "..%2Fother%2FTOKEN", { value: "a" }, 400, "path.name"],
  ["a name that is too long", "A".repeat(65), { value: "a" }, 400, "path.name"],
  ["a huge body", "TOKEN", { value: "a".repeat(9 * maxSecretBytes) }, 413, ""],
];

test.each(unfit)("%s is refused with its field", async (_what, name, body, status, field) => {
  const answer = await ask("editor", "PUT", `shop/secrets/${name}`, body);
  expect(answer.status).toBe(status);
  if (field !== "")
    expect(answer.body).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ field })]) });
  expect((await store.readAll()).secrets).toStrictEqual([]);
});

test("the largest value is taken, also when every character of it is escaped", async () => {
  const largest = "\u0001".repeat(maxSecretBytes);
  const body = `{"value":"${"\\u0001".repeat(maxSecretBytes)}"}`;
  expect((await ask("editor", "PUT", "shop/secrets/TOKEN", body)).status).toBe(201);
  const secrets = new StoredSecrets({ source: store, cipher, log });
  await secrets.refresh();
  expect(secrets.forTenant("shop").get("TOKEN")).toBe(largest);
});

test("a secret that servers name stays unless that is forced", async () => {
  await ask("editor", "PUT", "shop/secrets/NAMED", { value });
  expect(await ask("editor", "DELETE", "shop/secrets/NAMED")).toMatchObject({
    status: 409,
    body: {
      code: "conflict",
      usedBy: ["crm", "orders"],
      detail: "The secret NAMED is named by crm, orders. Change them first, or delete it with force=true.",
    },
  });
  expect((await store.readAll()).secrets).toHaveLength(1);
  expect((await ask("editor", "DELETE", "shop/secrets/NAMED?force=true")).status).toBe(204);
  expect((await store.readAll()).secrets).toHaveLength(0);
});
