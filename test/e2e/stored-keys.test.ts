import { afterEach, describe, expect, it } from "vitest";
import type { KeyRecord } from "../../src/core/key-source.ts";
import { KeyShelf } from "../fixtures/key-shelf.ts";
import { acceptBoth, initializeRequest } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { type EventStream, openEvents, type RawAnswer, type RawRequest, send } from "../fixtures/raw-http.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";

const key = "pas_k1_0123456789abcdef0123456789abcdef";
const ownKey = "own-0123456789abcdef0123456789abcdef";

let shelf: KeyShelf;
let served: ServedFolder | undefined;

afterEach(async () => {
  await served?.close();
  served = undefined;
});

function server(tenant: string, name: string, tools: readonly string[], access = "key"): object {
  return {
    tenant,
    name,
    routes: [{ prefix: `/${tenant}/${name}`, access }],
    upstreams: { api: { kind: "http", baseUrl: "http://127.0.0.1:9/" } },
    tools: tools.map((tool) => ({
      name: tool,
      upstream: "api",
      input: { type: "object" },
      request: { method: "GET", path: "/x" },
    })),
    prompts: [{ name: "hello", messages: [{ role: "user", content: { text: "hi ${principal.tenant}" } }] }],
  };
}

/** Two servers of tenant `one`, one of tenant `two`, and one that everybody may call. */
async function serve(
  scope: Partial<KeyRecord> | undefined,
  flags: Record<string, unknown> = {},
): Promise<ServedFolder> {
  shelf ??= new KeyShelf();
  if (scope !== undefined) shelf.put("k1", key, scope);
  served = await serveDocuments(
    {
      "a.yaml": server("one", "crm", ["read_customer", "read_order", "drop_all"]),
      "b.yaml": server("one", "shop", ["read_item"]),
      "c.yaml": server("two", "crm", ["read_two"]),
      "d.yaml": server("one", "open", ["ping"], "public"),
    },
    { keySource: shelf, flags: { apiKeys: [`own=${ownKey}`], ...flags } },
  );
  return served;
}

function keyed(request: RawRequest, text = key): RawRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${text}` } };
}

function at(path: string): string {
  return `${served?.url}/${path}/mcp`;
}

function ask(path: string, method: string, params: Record<string, unknown> = {}, text = key): Promise<RawAnswer> {
  return send(at(path), keyed(modernRequest(method, { params }), text));
}

async function toolNames(path: string, text = key): Promise<readonly string[]> {
  const answer = (await ask(path, "tools/list", {}, text)).json() as { result: { tools: { name: string }[] } };
  return answer.result.tools.map(({ name }) => name);
}

async function ended(stream: EventStream): Promise<void> {
  while ((await stream.next()) !== undefined);
}

async function initialize(path: string): Promise<string> {
  const answer = await send(
    at(path),
    keyed({ headers: { accept: acceptBoth }, body: initializeRequest("2025-11-25") }),
  );
  expect(answer.status).toBe(200);
  return String(answer.headers["mcp-session-id"]);
}

describe("a key of a store", () => {
  it.each<[string, Partial<KeyRecord>, Readonly<Record<string, number>>]>([
    ["all tenants", { tenant: "*" }, { "one/crm": 200, "one/shop": 200, "two/crm": 200 }],
    ["one tenant", { tenant: "one" }, { "one/crm": 200, "one/shop": 200, "two/crm": 403 }],
    ["one server", { tenant: "one", servers: ["crm"] }, { "one/crm": 200, "one/shop": 403, "two/crm": 403 }],
    ["a name in all tenants", { servers: ["crm"] }, { "one/crm": 200, "one/shop": 403, "two/crm": 200 }],
    ["no server", { tenant: "one", servers: [] }, { "one/crm": 403, "one/shop": 403, "two/crm": 403 }],
    ["the past", { expiresAt: 1 }, { "one/crm": 401, "one/shop": 401, "two/crm": 401 }],
  ])("of %s opens what its scope names", async (_name, scope, expected) => {
    shelf = new KeyShelf();
    await serve(scope);
    for (const [path, status] of Object.entries(expected)) {
      const answer = await ask(path, "tools/list");
      expect([path, answer.status]).toEqual([path, status]);
      if (status === 403) expect(answer.text).toContain("does not open this server");
      const legacy = await send(
        at(path),
        keyed({ headers: { accept: acceptBoth }, body: initializeRequest("2025-11-25") }),
      );
      expect([path, legacy.status]).toEqual([path, status]);
      const stream = await openEvents(`${served?.url}/${path}/sse`, keyed({}));
      expect([path, stream.status]).toEqual([path, status]);
      stream.close();
    }
    expect((await ask("one/open", "tools/list", {}, "unknown-key-0123456789")).status).toBe(200);
    expect((await ask("one/crm", "tools/list", {}, ownKey)).status).toBe(200);
    expect((await ask("two/crm", "tools/list", {}, ownKey)).status).toBe(200);
  });

  it("sees and calls the tools that its scope names, as if there were no others", async () => {
    shelf = new KeyShelf();
    await serve({ tools: ["read_*"] });
    shelf.put("k2", `${key}2`, { tools: ["drop_all"] });
    shelf.put("k3", `${key}3`, { tools: [] });
    await served?.gateway.reload();
    expect(await toolNames("one/crm")).toEqual(["read_customer", "read_order"]);
    expect(await toolNames("one/crm", `${key}2`)).toEqual(["drop_all"]);
    expect(await toolNames("one/crm", `${key}3`)).toEqual([]);
    expect(await toolNames("one/crm", ownKey)).toEqual(["read_customer", "read_order", "drop_all"]);
    const outside = await ask("one/crm", "tools/call", { name: "drop_all" });
    const unknown = await ask("one/crm", "tools/call", { name: "dropsall" });
    expect(outside.status).toBe(unknown.status);
    expect(outside.text.replace("drop_all", "dropsall")).toBe(unknown.text);
    expect((await ask("one/crm", "tools/list")).text).toContain('"cacheScope":"private"');
    const prompt = await ask("one/crm", "prompts/get", { name: "hello" }, `${key}3`);
    expect(prompt.text).toContain("hi *");
  });

  it("tells expressions its tenant", async () => {
    shelf = new KeyShelf();
    await serve({ tenant: "one" });
    expect((await ask("one/crm", "prompts/get", { name: "hello" })).text).toContain("hi one");
  });

  it("that is revoked ends with its sessions and streams at the next refresh, and nobody else's", async () => {
    shelf = new KeyShelf();
    await serve({});
    shelf.put("k2", `${key}2`);
    await served?.gateway.reload();
    const session = await initialize("one/crm");
    const headers = { accept: acceptBoth, "mcp-session-id": session, "content-type": "application/json" };
    await send(at("one/crm"), keyed({ headers, body: { jsonrpc: "2.0", method: "notifications/initialized" } }));
    const standalone = await openEvents(at("one/crm"), keyed({ method: "GET", headers }));
    const sse = await openEvents(`${served?.url}/one/crm/sse`, keyed({}));
    await sse.next();
    const listen = modernRequest("subscriptions/listen", { params: { notifications: { toolsListChanged: true } } });
    const listening = await openEvents(at("one/crm"), keyed(listen));
    await listening.message();
    const others = await openEvents(at("one/crm"), keyed(listen, `${key}2`));
    await others.message();
    shelf.revoke("k1");
    await served?.gateway.reload();
    await Promise.all([standalone, sse, listening].map(ended));
    expect((await ask("one/crm", "tools/list")).status).toBe(401);
    expect(served?.gateway.status()).toMatchObject({ sessions: 0, listeners: 1 });
    shelf.put("k1", key);
    await served?.gateway.reload();
    const again = await send(at("one/crm"), keyed({ headers, body: { jsonrpc: "2.0", id: 1, method: "ping" } }));
    expect(again.status).toBe(404);
    others.close();
  });

  it("whose scope is narrowed loses its sessions, and one that is only read again does not", async () => {
    shelf = new KeyShelf();
    await serve({});
    const session = await initialize("one/crm");
    const ping = (): Promise<RawAnswer> =>
      send(
        at("one/crm"),
        keyed({
          headers: { accept: acceptBoth, "mcp-session-id": session, "content-type": "application/json" },
          body: { jsonrpc: "2.0", id: 1, method: "ping" },
        }),
      );
    shelf.put("k9", `${key}9`);
    await served?.gateway.reload();
    expect((await ping()).status).toBe(200);
    shelf.put("k1", key, { servers: ["crm"] });
    await served?.gateway.reload();
    expect((await ping()).status).toBe(404);
  });

  it("that is unknown at the start, while the store is away, is not called wrong; known ones stay", async () => {
    shelf = new KeyShelf();
    shelf.isAway = true;
    await serve({});
    expect((await ask("one/crm", "tools/list")).status).toBe(503);
    expect((await ask("one/crm", "tools/list", {}, ownKey)).status).toBe(200);
    shelf.isAway = false;
    await served?.gateway.reload();
    expect((await ask("one/crm", "tools/list")).status).toBe(200);
    shelf.isAway = true;
    await served?.gateway.reload();
    expect((await ask("one/crm", "tools/list")).status).toBe(200);
    expect((await ask("one/crm", "tools/list", {}, "unknown-0123456789abcdef")).status).toBe(401);
  });

  it("is read when the revision moved alone, and its use is handed on at the end", async () => {
    shelf = new KeyShelf();
    await serve({});
    for (let i = 0; i < 3; i++) await served?.gateway.reload();
    expect(shelf.reads).toBe(1);
    expect((await ask("one/crm", "tools/list")).status).toBe(200);
    expect((await ask("one/crm", "tools/list", {}, ownKey)).status).toBe(200);
    await served?.close();
    served = undefined;
    expect(shelf.used.flatMap((use) => [...use.keys()])).toEqual(["k1"]);
  });
});

describe("a disabled tenant", () => {
  it("lets nobody in, not even where everybody may call, until it is enabled again", async () => {
    shelf = new KeyShelf();
    await serve({});
    const calls = async (): Promise<number[]> => {
      const open = await send(at("one/open"), modernRequest("tools/list"));
      const own = await ask("one/crm", "tools/list", {}, ownKey);
      return [open.status, own.status, (await ask("two/crm", "tools/list")).status];
    };
    const session = await initialize("one/open");
    expect(await calls()).toEqual([200, 200, 200]);
    shelf.disable("one");
    await served?.gateway.reload();
    expect(await calls()).toEqual([403, 403, 200]);
    shelf.disable();
    await served?.gateway.reload();
    expect(await calls()).toEqual([200, 200, 200]);
    const later = await send(
      at("one/open"),
      keyed({
        headers: { accept: acceptBoth, "mcp-session-id": session, "content-type": "application/json" },
        body: '{"jsonrpc":"2.0","id":9,"method":"ping"}',
      }),
    );
    expect(later.status).toBe(404);
  });
});
