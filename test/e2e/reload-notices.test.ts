import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localUpstream } from "../fixtures/echo-document.ts";
import { type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { type EventStream, openEvents } from "../fixtures/raw-http.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { openSseSession } from "../fixtures/sse-session.ts";

// Who is told what: every kind of stream of two servers, of which one changes at a time.

let folder: ServedFolder;

beforeEach(async () => {
  folder = await serveDocuments({ "red.json": server("red"), "blue.json": server("blue") });
});

afterEach(() => folder.close());

describe("a change of a list", () => {
  it.each([
    ["tools", "one more", { tools: [tool("find"), tool("added")] }],
    ["tools", "another description", { tools: [{ ...tool("find"), description: "Finds more." }] }],
    ["prompts", "none left", { prompts: [] }],
    ["resources", "one more", { resources: [note("first"), note("second")] }],
    [
      "resources",
      "a template",
      { resourceTemplates: [{ name: "t", uriTemplate: "note:///{id}", text: "${args.id}" }] },
    ],
  ])("of %s (%s) is told to every stream of that server, and of no other list", async (list, _, changes) => {
    const streams = await openStreams("red");
    await folder.write("red.json", server("red", changes));
    await folder.gateway.reload();
    for (const stream of streams) {
      expect(await stream.message()).toMatchObject({ method: `notifications/${list}/list_changed` });
    }
    // The next thing that anybody hears is the change after it: nothing came between.
    await folder.write("red.json", server("red", { ...changes, prompts: [greeting("again")] }));
    await folder.gateway.reload();
    for (const stream of streams) {
      expect(await stream.message()).toMatchObject({ method: "notifications/prompts/list_changed" });
    }
  });

  it("is told to nobody of another server", async () => {
    const streams = await openStreams("blue");
    await folder.write("red.json", server("red", { tools: [] }));
    await folder.gateway.reload();
    await folder.write("blue.json", server("blue", { prompts: [] }));
    await folder.gateway.reload();
    for (const stream of streams) {
      expect(await stream.message()).toMatchObject({ method: "notifications/prompts/list_changed" });
    }
  });

  it("is not told when only what clients do not see has changed", async () => {
    const streams = await openStreams("red");
    const moved = { ...tool("find"), request: { path: "/elsewhere" }, timeoutMs: 1_000 };
    await folder.write(
      "red.json",
      server("red", { tools: [moved], upstreams: { api: localUpstream("http://127.0.0.1:2") } }),
    );
    await folder.gateway.reload();
    await folder.write("red.json", server("red", { prompts: [] }));
    await folder.gateway.reload();
    for (const stream of streams) {
      expect(await stream.message()).toMatchObject({ method: "notifications/prompts/list_changed" });
    }
  });
});

describe("a change of a resource", () => {
  it("is told to its subscribers alone", async () => {
    const params = { uri: "note:///first" };
    const subscribed = await openSession(url("red"), "2025-06-18");
    const subscribedStream = await subscribed.listen();
    await subscribe(subscribed, params.uri);
    const withdrawn = await openSession(url("red"), "2025-11-25");
    const withdrawnStream = await withdrawn.listen();
    await subscribe(withdrawn, params.uri);
    await withdrawn.post({ jsonrpc: "2.0", id: 2, method: "resources/unsubscribe", params });
    const listener = await openEvents(
      url("red"),
      modernRequest("subscriptions/listen", { params: { notifications: { resourceSubscriptions: [params.uri] } } }),
    );
    await listener.message();

    await folder.write("red.json", server("red", { resources: [{ ...note("first"), text: "A second edition." }] }));
    await folder.gateway.reload();
    const updated = { method: "notifications/resources/updated", params };
    expect(await subscribedStream.message()).toMatchObject(updated);
    expect(await listener.message()).toMatchObject(updated);
    await folder.write("red.json", server("red", { prompts: [] }));
    await folder.gateway.reload();
    await withdrawnStream.next(); // primes the stream
    expect(await withdrawnStream.message()).toMatchObject({ method: "notifications/prompts/list_changed" });
  });
});

describe("a server that goes", () => {
  it("ends its sessions and streams, and those of no other", async () => {
    const streams = await openStreams("red");
    const gone = await openSession(url("red"), "2025-11-25");
    const stays = await openSession(url("blue"), "2025-11-25");
    await folder.remove("red.json");
    await folder.gateway.reload();
    for (const stream of streams) while ((await stream.next()) !== undefined);
    expect((await gone.post(ping)).status).toBe(404);
    expect((await stays.post(ping)).status).toBe(200);
    expect(folder.gateway.status()).toMatchObject({ sessions: 1, listeners: 0 });
  });

  it("does not lend its sessions to the server that takes its prefix", async () => {
    const session = await openSession(url("red"), "2025-11-25");
    await folder.write("red.json", { ...server("red"), name: "crimson" });
    await folder.gateway.reload();
    expect((await session.post(ping)).status).toBe(404);
    expect((await (await openSession(url("red"), "2025-11-25")).post(ping)).status).toBe(200);
  });
});

const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

/** One stream of each kind: GET of a session, HTTP+SSE, and a listener of 2026-07-28. */
async function openStreams(name: string): Promise<EventStream[]> {
  const session = await openSession(url(name), "2025-06-18");
  const sse = await openSseSession(`${folder.url}/${name}`);
  const notifications = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
  const listener = await openEvents(url(name), modernRequest("subscriptions/listen", { params: { notifications } }));
  await listener.message();
  return [await session.listen(), sse.stream, listener];
}

async function subscribe(session: LegacySession, uri: string): Promise<void> {
  await session.post({ jsonrpc: "2.0", id: 1, method: "resources/subscribe", params: { uri } });
}

function url(name: string): string {
  return `${folder.url}/${name}/mcp`;
}

function server(name: string, changes: object = {}): object {
  return {
    name,
    routes: [{ prefix: `/${name}`, access: "public" }],
    upstreams: { api: localUpstream("http://127.0.0.1:1") },
    tools: [tool("find")],
    prompts: [greeting("greet")],
    resources: [note("first")],
    ...changes,
  };
}

function tool(name: string): object {
  return { name, description: "Finds.", upstream: "api", request: { path: "/find" } };
}

function greeting(name: string): object {
  return { name, messages: [{ content: { text: "Good morning." } }] };
}

function note(name: string): object {
  return { name, uri: `note:///${name}`, text: "A first edition." };
}
