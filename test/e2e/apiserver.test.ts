import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { type AnyOperation, defineOperation } from "../../src/apiserver/operation.ts";
import { SqlLinkStore } from "../../src/adapters/sql/sql-link-store.ts";
import { SqlSignInStore } from "../../src/adapters/sql/sql-sign-in-store.ts";
import { SqlThrottleStore } from "../../src/adapters/sql/sql-throttle-store.ts";
import { Pruner } from "../../src/apiserver/pruner.ts";
import { AppError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/log.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";
import { startTestApiserver, type TestApiserver } from "../fixtures/test-apiserver.ts";
import { withinMs } from "../fixtures/time-limit.ts";

const [sqlite] = await databaseKinds();
const root = "/api/v1/tenants/default/servers";
const editor = "editor@default";
const document = (name: string): string => `name: ${name}\nroutes: [{ prefix: /${name} }]\n`;

/** Operations that only show what the frame does with them. */
class Probe {
  runs = 0;
  /** Let the operation `wait` answer. */
  release: () => void = () => undefined;
  started: Promise<void>;
  #begun: () => void = () => undefined;

  constructor() {
    this.started = new Promise((resolve) => {
      this.#begun = resolve;
    });
  }

  operations(): readonly AnyOperation[] {
    const responses = { 200: { description: "Done.", schema: z.strictObject({ runs: z.int() }) } };
    return [
      defineOperation({
        id: "probePublic",
        method: "get",
        path: "/probe/public",
        tag: "Probe",
        summary: "Public",
        responses,
        access: { kind: "public", limit: 3 },
        handle: async ({ ip }) => ({ status: 200, body: { runs: this.runs }, headers: { "x-ip": ip } }),
      }),
      defineOperation({
        id: "probeCreate",
        method: "post",
        path: "/probe",
        tag: "Probe",
        summary: "Create",
        responses,
        access: { kind: "signed-in" },
        body: z.strictObject({ fails: z.boolean().default(false) }),
        isCreation: true,
        handle: async ({ body }) => {
          this.runs++;
          if (body.fails) throw new AppError("unprocessable", "It was told to fail.");
          return { status: 201, body: { runs: this.runs }, headers: { location: "/probe/1" } };
        },
      }),
      defineOperation({
        id: "probeWait",
        method: "get",
        path: "/probe/wait",
        tag: "Probe",
        summary: "Wait",
        responses,
        access: { kind: "signed-in" },
        handle: async () => {
          const released = new Promise<void>((resolve) => {
            this.release = resolve;
          });
          this.#begun();
          await released;
          return { status: 200, body: { runs: this.runs } };
        },
      }),
      defineOperation({
        id: "probeFail",
        method: "get",
        path: "/probe/fail",
        tag: "Probe",
        summary: "Fail",
        responses,
        access: { kind: "signed-in" },
        handle: async () => {
          throw new Error("the password is hunter2");
        },
      }),
    ];
  }
}

describe("the apiserver", () => {
  let place: TestDatabase;
  let apiserver: TestApiserver;
  const probe = new Probe();

  beforeAll(async () => {
    if (sqlite === undefined) throw new Error("SQLite is always there");
    place = await sqlite.create();
    apiserver = await startTestApiserver(place.address, {
      more: () => probe.operations(),
      trustedProxies: ["127.0.0.0/8", "10.0.0.0/8"],
      log: silentLog,
    });
  });

  afterAll(async () => {
    await apiserver.close();
    await place.drop();
  });

  const create = (key: string, body: unknown = {}, as = editor) =>
    apiserver.send(as, "POST", "/api/v1/probe", { body, headers: { "idempotency-key": key } });

  test("runs a creation with a key once, also when it is sent many times at once", async () => {
    const before = probe.runs;
    const key = "11111111-1111-4111-8111-111111111111";
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(key)));
    expect(probe.runs).toBe(before + 1);
    for (const { status } of answers) expect([201, 409]).toContain(status);
    const again = await create(key);
    expect(again).toMatchObject({ status: 201, json: { runs: before + 1 } });
    expect(again.headers.get("location")).toBe("/probe/1");
    expect(await create(key, { fails: true })).toMatchObject({ status: 422, json: { code: "unprocessable" } });
    expect(probe.runs).toBe(before + 1);
    // The key is the caller's own.
    expect((await create(key, {}, "viewer@default")).json).toMatchObject({ runs: before + 2 });
    expect((await create("short")).status).toBe(400);
  });

  test("keeps no refusal, and no answer that the store could read", async () => {
    const key = "22222222-2222-4222-8222-222222222222";
    expect(await create(key, { fails: true })).toMatchObject({ status: 422, json: { detail: "It was told to fail." } });
    expect((await create(key)).status).toBe(201);
    const rows = await apiserver.database.read((db) => db.selectFrom("idempotency_keys").selectAll().execute());
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/runs|location|22222222/);
  });

  test("limits what one address may do without signing in", async () => {
    const ask = (ip: string, as = "nobody", path = "/probe/public") =>
      apiserver.send(as, "GET", `/api/v1${path}`, { headers: { "x-forwarded-for": ip } });
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await ask("203.0.113.5"));
    expect(answers.map(({ status }) => status)).toStrictEqual([200, 200, 200, 429]);
    expect(Number(answers[3]?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answers[3]?.json).toMatchObject({ code: "too_many_requests" });
    expect((await ask("203.0.113.6")).status).toBe(200);
    const guesses = await Promise.all(Array.from({ length: 200 }, () => ask("203.0.113.7", "guess", "/probe/fail")));
    const refused = guesses.filter(({ status }) => status === 401);
    expect(refused.length).toBeGreaterThanOrEqual(120);
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(200 - refused.length);
    expect(refused.length).toBeLessThan(200);
    expect((await ask("203.0.113.7", editor, "/probe/public")).status).toBe(200);
  });

  test("takes the address that the last proxy it trusts has seen", async () => {
    const ipFor = async (forwarded: string) =>
      (
        await apiserver.send("nobody", "GET", "/api/v1/probe/public", { headers: { "x-forwarded-for": forwarded } })
      ).headers.get("x-ip");
    expect(await ipFor("198.51.100.1")).toBe("198.51.100.1");
    expect(await ipFor("6.6.6.6, 198.51.100.2, 10.1.2.3")).toBe("198.51.100.2");
    expect(await ipFor("nonsense")).toBe("127.0.0.1");
    expect(await ipFor("[2001:db8::7]:443")).toBe("2001:db8::7");
  });

  test("tells nothing of a defect but where to look it up", async () => {
    const answer = await apiserver.send(editor, "GET", "/api/v1/probe/fail");
    expect(answer).toMatchObject({ status: 500, json: { code: "internal", detail: "Something went wrong here." } });
    expect(answer.text).not.toContain("hunter2");
    expect(answer.headers.get("x-request-id")).toBe(answer.json["requestId"]);
  });

  test("sends headers that keep browsers from harm", async () => {
    for (const path of ["/api/v1/probe/public", root, "/nowhere", "/api/docs", "/", "/setup", "/pages/form.js"]) {
      const { headers } = await apiserver.send(editor, "GET", path, { headers: { "x-forwarded-for": "203.0.113.9" } });
      expect(headers.get("content-security-policy"), path).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("referrer-policy"), path).toBe("no-referrer");
    }
  });

  test("names the methods of an address and refuses others", async () => {
    const answer = await apiserver.send(editor, "PATCH", root);
    expect(answer).toMatchObject({ status: 405, json: { code: "method_not_allowed" } });
    expect(answer.headers.get("allow")).toBe("GET, POST");
  });

  test("refuses a Host that is not its own, but for probes", async () => {
    const statusOf = async (path: string, host: string): Promise<number | undefined> => {
      const sent = request(`${apiserver.url}${path}`, { headers: { host, authorization: `Bearer ${editor}` } });
      sent.end();
      const [response] = await once(sent, "response");
      response.resume();
      return response.statusCode;
    };
    expect(await statusOf(root, "evil.example")).toBe(403);
    expect(await statusOf("/metrics", "evil.example")).toBe(403);
    expect(await statusOf("/healthz", "10.0.0.7:5234")).toBe(200);
    expect(await statusOf(root, "localhost:1")).toBe(200);
  });

  test("reads no more of a body than an operation takes, announced or not, and serves on", async () => {
    const large = `{"text":"${"x".repeat(9_000_000)}"}`;
    const announced = await apiserver.send(editor, "POST", root, { text: large });
    expect(announced).toMatchObject({ status: 413, json: { code: "payload_too_large" } });
    const chunked = request(`${apiserver.url}${root}`, {
      method: "POST",
      headers: { authorization: `Bearer ${editor}`, "content-type": "application/json" },
    });
    chunked.on("error", () => undefined); // the rest of the body is refused on the way
    chunked.write(large.slice(0, 4_500_000));
    chunked.write(large.slice(4_500_000));
    const [response] = await once(chunked, "response");
    expect(response.statusCode).toBe(413);
    chunked.destroy();
    expect((await apiserver.send(editor, "GET", root)).status).toBe(200);
  });

  test("refuses bodies that no store could keep", async () => {
    const messages = ["NUL \\u0000", "half \\ud800"].map((message) => `{"text":"x","message":"${message}"}`);
    const deep = `{"text":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    for (const text of [...messages, deep, "", "{", "[]", "null"]) {
      const answer = await apiserver.send(editor, "POST", root, { text });
      expect(answer.status, text.slice(0, 50)).toBe(400);
    }
    const typed = await apiserver.send(editor, "POST", root, { text: "{}", headers: { "content-type": "text/plain" } });
    expect(typed.status).toBe(415);
    expect((await apiserver.send(editor, "GET", "/api/v1/tenants/a%00b/servers")).status).toBe(400);
    expect((await apiserver.send(editor, "GET", "/api/v1/tenants/%ff/servers")).status).toBe(400);
  });

  test("says that it lives and is ready, counts what it answers, and logs no secret", async () => {
    expect(await apiserver.send("nobody", "GET", "/healthz")).toMatchObject({ status: 200, json: { status: "ok" } });
    expect(await apiserver.send("nobody", "GET", "/readyz")).toMatchObject({ status: 200, json: { status: "ready" } });
    await apiserver.send(editor, "GET", root);
    const metrics = await apiserver.send("nobody", "GET", "/metrics");
    expect(metrics.text).toMatch(/passerelle_api_requests_total\{operation="listServers",status="2xx"\} [1-9]/);
    expect(metrics.text).toMatch(/passerelle_api_unauthenticated_total [1-9]/);
    const remote = (as: string) =>
      apiserver.send(as, "GET", "/metrics", { headers: { "x-forwarded-for": "203.0.113.8" } });
    expect((await remote("nobody")).status).toBe(401);
    expect((await remote("viewer@default")).status).toBe(403);
    expect((await remote("viewer@*")).status).toBe(200);
    expect(apiserver.lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ operation: "listServers", status: 200, caller: `user:${editor}`, ip: "127.0.0.1" }),
    );
    expect(apiserver.lines.join("")).not.toContain("Bearer");
  });

  test("shows what each gateway serves and how far it is behind, and makes them look again", async () => {
    await apiserver.send(editor, "POST", root, { body: { text: document("followed") } });
    const before = await apiserver.parts.index.refresh();
    await apiserver.send(editor, "POST", root, { body: { text: document("followed-2") } });
    const report = {
      name: "g",
      version: "1",
      url: "http://g",
      startedAt: 1,
      servedAt: 2,
      servers: 3,
      sessions: 4,
      reportedAt: Date.now(),
      refused: [],
    };
    apiserver.gateways.push(
      { ...report, id: "behind", revision: before },
      { ...report, id: "current", revision: before + 1 },
      { ...report, id: "dead", revision: before + 1, reportedAt: Date.now() - 31_000 },
    );
    const { json } = await apiserver.send("viewer@*", "GET", "/api/v1/gateways");
    expect(json).toMatchObject({
      revision: before + 1,
      items: [
        { id: "behind", state: "live", isCurrent: false, behind: { documents: 1 } },
        { id: "current", state: "live", isCurrent: true, behind: { documents: 0, ms: 0 } },
        { id: "dead", state: "dead" },
      ],
    });
    apiserver.announced.length = 0;
    expect((await apiserver.send("viewer@*", "POST", "/api/v1/gateways/reload")).status).toBe(403);
    expect(apiserver.announced).toStrictEqual([]);
    expect((await apiserver.send("operator@*", "POST", "/api/v1/gateways/reload")).status).toBe(202);
    expect(apiserver.announced).toStrictEqual(["documents", "secrets", "keys"]);
  });

  test("keeps settings by version, and forgets by them", async () => {
    const path = "/api/v1/settings";
    const read = await apiserver.send("operator@*", "GET", path);
    expect(read.json).toStrictEqual({ versions: { keep: 100, keepDays: 90 }, audit: { keepDays: 365 } });
    expect(read.headers.get("etag")).toBe('"0"');
    const put = (body: unknown, version: number, as = "administrator@*") =>
      apiserver.send(as, "PUT", path, { body, headers: { "if-match": `"${version}"` } });
    expect((await put({}, 0, "administrator@default")).status).toBe(403);
    expect((await put({ versions: { keep: 0 } }, 0)).json).toMatchObject({ errors: [{ field: "body.versions.keep" }] });
    expect(await put({ versions: { keep: 2, keepDays: 1 } }, 0)).toMatchObject({ status: 200 });
    expect((await put({ versions: { keep: 3 } }, 0)).status).toBe(409);
    await apiserver.send(editor, "POST", root, { body: { text: document("pruned") } });
    for (let version = 1; version < 5; version++) {
      const body = { text: `${document("pruned")}# ${version}\n` };
      await apiserver.send(editor, "PUT", `${root}/pruned`, { body, headers: { "if-match": `"${version}"` } });
    }
    const { settings, documents, audit } = apiserver.parts;
    const idempotency = { prune: async () => 0 };
    const inTwoDays = (): number => Date.now() + 48 * 3_600_000;
    const database = apiserver.database;
    const people = {
      signIns: new SqlSignInStore(database),
      links: new SqlLinkStore(database),
      throttles: new SqlThrottleStore(database),
      now: inTwoDays,
    };
    const pruner = new Pruner({ settings, documents, audit, idempotency, people, now: inTwoDays, log: silentLog });
    expect(await pruner.prune()).toMatchObject({ versions: 3 });
    const { json } = await apiserver.send(editor, "GET", `${root}/pruned/versions`);
    expect(json).toMatchObject({ items: [{ version: 5 }, { version: 4 }] });
  });
});

describe("an apiserver that ends", () => {
  test("finishes what runs, closes idle sockets, and takes nothing new", async () => {
    if (sqlite === undefined) throw new Error("SQLite is always there");
    const place = await sqlite.create();
    const probe = new Probe();
    const apiserver = await startTestApiserver(place.address, { more: () => probe.operations(), drainMs: 10_000 });
    const { port } = new URL(apiserver.url);
    const idle = connect(Number(port), "127.0.0.1");
    await once(idle, "connect");
    const running = apiserver.send(editor, "GET", "/api/v1/probe/wait");
    await probe.started;
    const startedAt = performance.now();
    const idleClosed = once(idle.resume(), "close");
    const closed = apiserver.close();
    await expect(apiserver.send(editor, "GET", root)).rejects.toThrow("fetch failed");
    probe.release();
    expect((await running).status).toBe(200);
    await closed;
    await idleClosed;
    expect(performance.now() - startedAt).toBeLessThan(withinMs(3_000));
    await place.drop();
  });

  test("cuts off what runs longer than its deadline", async () => {
    if (sqlite === undefined) throw new Error("SQLite is always there");
    const place = await sqlite.create();
    const probe = new Probe();
    const apiserver = await startTestApiserver(place.address, { more: () => probe.operations(), drainMs: 50 });
    const running = apiserver.send(editor, "GET", "/api/v1/probe/wait");
    const cut = expect(running).rejects.toThrow("fetch failed");
    await probe.started;
    await apiserver.close();
    await cut;
    probe.release();
    await place.drop();
  });
});
