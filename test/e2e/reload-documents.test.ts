import type { Server } from "node:http";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { YamlConfigReader } from "../../src/adapters/yaml/yaml-config-reader.ts";
import type { ConfigReader } from "../../src/core/config-source.ts";
import { echoDocument, echoListener, echoTool, localUpstream, toolCall } from "../fixtures/echo-document.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { type RawAnswer, send } from "../fixtures/raw-http.ts";
import { postBytes, RawSocket } from "../fixtures/raw-socket.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";

let backend: LocalBackend;
let folder: ServedFolder;

beforeEach(async () => {
  backend = await startBackend(echoListener);
});

afterEach(async () => {
  await folder.close();
  await backend.close();
});

describe("a document that breaks", () => {
  it.each([
    ["its syntax", '{"name": "echo", '],
    ["its schema", JSON.stringify({ name: "echo", routes: "/echo" })],
    [
      "a tool's upstream",
      JSON.stringify({
        name: "echo",
        routes: [route("/echo")],
        tools: [{ name: "t", upstream: "none", request: { path: "/" } }],
      }),
    ],
    [
      "an expression",
      JSON.stringify({
        name: "echo",
        routes: [route("/echo")],
        resources: [{ name: "r", uri: "r:", text: "${args.}" }],
      }),
    ],
  ])("by %s is refused alone, and its last good version serves on", async (_, text) => {
    folder = await serveDocuments({
      "echo.json": echoDocument(backend.url),
      "other.json": echoDocument(backend.url, { name: "other", routes: [route("/other")] }),
    });
    const session = await openSession(`${folder.url}/echo/mcp`, "2025-11-25");
    await folder.write("echo.json", text);
    await folder.write("other.json", echoDocument(backend.url, { name: "other", routes: [route("/other2")] }));
    await folder.gateway.reload();
    expect((await call("/echo")).text).toContain("hello");
    expect((await session.post(toolCall("echo"))).status).toBe(200);
    expect(stateOf("echo.json")).toBe("kept");
    expect((await call("/other2")).text).toContain("hello");
    expect(stateOf("other.json")).toBe("served");
    await folder.write("echo.json", echoDocument(backend.url));
    await folder.gateway.reload();
    expect(stateOf("echo.json")).toBe("served");
  });

  it("is not one that is emptied: that says there is no server", async () => {
    folder = await serveDocuments({ "echo.json": echoDocument(backend.url) });
    await folder.write("echo.json", "");
    await folder.gateway.reload();
    expect((await call("/echo")).status).toBe(404);
    expect(documents()).toEqual([]);
  });

  it("from the start is not served, and tells why with its place", async () => {
    folder = await serveDocuments({ "echo.yaml": "name: echo\nroutes:\n  - prefix: echo\n" });
    const [document] = documents();
    expect(document).toMatchObject({ state: "refused", problems: [{ line: 3, severity: "error" }] });
    expect(JSON.stringify(document)).not.toContain("default/echo");
    expect((await call("/echo")).status).toBe(404);
  });
});

describe("two documents that claim the same", () => {
  it.each([
    ["prefix", { name: "newcomer" }],
    ["name", { routes: [route("/newcomer")] }],
  ])("%s: who serves keeps it, though the other comes first in order", async (claimed, changes) => {
    folder = await serveDocuments({ "b.json": echoDocument(backend.url) });
    await folder.write("a.json", echoDocument(backend.url, changes));
    await folder.gateway.reload();
    expect(stateOf("b.json")).toBe("served");
    expect(stateOf("a.json")).toBe("refused");
    expect(JSON.stringify(documents())).toMatch(
      new RegExp(`${claimed === "name" ? "the server default/echo" : "the prefix /echo"} .*/b.json`),
    );
    await folder.remove("b.json");
    await folder.gateway.reload();
    expect(stateOf("a.json")).toBe("served");
  });

  it("a version that claims what another serves is refused, and its last good version serves", async () => {
    folder = await serveDocuments({
      "a.json": echoDocument(backend.url),
      "b.json": echoDocument(backend.url, { name: "b", routes: [route("/b")] }),
    });
    await folder.write("b.json", echoDocument(backend.url, { name: "b", routes: [route("/b"), route("/echo")] }));
    await folder.gateway.reload();
    expect(stateOf("b.json")).toBe("kept");
    expect((await call("/b")).status).toBe(200);
    await folder.write("a.json", echoDocument(backend.url, { routes: [route("/moved")] }));
    await folder.gateway.reload();
    expect(stateOf("b.json")).toBe("served");
    expect((await call("/echo")).status).toBe(200);
  });
});

describe("an upstream", () => {
  it("that did not change keeps its connections; one that did is closed", async () => {
    const accepted = countConnections(backend.server);
    const kept = { name: "kept", routes: [route("/kept")] };
    folder = await serveDocuments({
      "kept.json": echoDocument(backend.url, kept),
      "echo.json": echoDocument(backend.url),
    });
    await call("/kept");
    await call("/echo");
    expect(accepted()).toBe(2);
    const title = { title: "Another title" };
    await folder.write("kept.json", echoDocument(backend.url, { ...kept, ...title }));
    await folder.write(
      "echo.json",
      echoDocument(backend.url, { upstreams: { api: localUpstream(backend.url, { timeoutMs: 500 }) } }),
    );
    const [closed] = [...backend.sockets].slice(1).map((socket) => once(socket, "close"));
    await folder.gateway.reload();
    await closed;
    await call("/kept");
    expect(accepted()).toBe(2);
    await call("/echo");
    expect(accepted()).toBe(3);
  });

  it("that changed is drained: the call on it finishes first", async () => {
    const held = await startBackend((_, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("be");
      held.server.once("release", () => response.end("gun"));
    });
    folder = await serveDocuments({ "echo.json": echoDocument(held.url) });
    const arrived = once(held.server, "request");
    const running = call("/echo");
    await arrived;
    const [socket] = held.sockets;
    await folder.write("echo.json", echoDocument(backend.url));
    await folder.gateway.reload();
    expect((await call("/echo")).text).toContain("hello");
    expect(socket?.destroyed).toBe(false);
    held.server.emit("release");
    expect((await running).text).toContain("begun");
    if (socket?.destroyed === false) await once(socket, "close");
    await held.close();
  });
});

describe("a request whose body arrives after a reload", () => {
  it.each([
    ["is answered by what serves then", { tools: [{ ...echoTool, result: "new" }] }, {}, /"new"/],
    ["uses the upstream that is open then", {}, { timeoutMs: 900 }, /hello/],
    ["is refused when nothing serves there any more", { routes: [route("/moved")] }, {}, /any more/],
  ])("%s", async (_, changes, ofUpstream, expected) => {
    folder = await serveDocuments({ "echo.json": echoDocument(backend.url) });
    await call("/echo");
    const { headers = {}, body } = modernRequest("tools/call", {
      params: { name: "echo", arguments: { text: "hello" } },
    });
    const bytes = postBytes(`${folder.url}/echo/mcp`, body, headers);
    const socket = await RawSocket.open(folder.url);
    socket.write(bytes.subarray(0, -10));
    // What came later has been answered: the head has been read too.
    expect((await call("/echo")).status).toBe(200);
    const upstreams = { api: localUpstream(backend.url, ofUpstream) };
    await folder.write("echo.json", echoDocument(backend.url, { ...changes, upstreams }));
    await folder.gateway.reload();
    socket.write(bytes.subarray(-10));
    expect((await socket.answer())?.body).toMatch(expected);
    socket.destroy();
  });
});

describe("a secret", () => {
  it("that was rotated is used after a reload, without a change of the document", async () => {
    const seen: (string | undefined)[] = [];
    backend.server.on("request", ({ headers }) => seen.push(headers.authorization));
    const environment: Record<string, string> = { PASSERELLE_SECRET_TOKEN: "first" };
    const api = localUpstream(backend.url, { headers: { authorization: "Bearer ${secrets.TOKEN}" } });
    folder = await serveDocuments({ "echo.json": echoDocument(backend.url, { upstreams: { api } }) }, { environment });
    await call("/echo");
    environment["PASSERELLE_SECRET_TOKEN"] = "second";
    await folder.gateway.reload();
    await call("/echo");
    expect(seen).toEqual(["Bearer first", "Bearer second"]);
  });
});

describe("notices that come while a reload runs", () => {
  it("share the one that follows", async () => {
    let reads = 0;
    const counting = (reader: ConfigReader): ConfigReader => ({
      read: () => {
        reads += 1;
        return reader.read();
      },
    });
    folder = await serveDocuments(
      { "echo.json": echoDocument(backend.url) },
      { reader: (paths) => counting(new YamlConfigReader(paths)) },
    );
    reads = 0;
    await Promise.all(Array.from({ length: 100 }, () => folder.gateway.reload()));
    expect(reads).toBe(2);
  });

  it("see what was saved before them", async () => {
    folder = await serveDocuments({ "echo.json": echoDocument(backend.url) });
    const running = folder.gateway.reload();
    await folder.write("echo.json", echoDocument(backend.url, { routes: [route("/moved")] }));
    await folder.gateway.reload();
    await running;
    expect((await call("/moved")).status).toBe(200);
  });
});

function route(prefix: string): object {
  return { prefix, access: "public" };
}

function call(prefix: string): Promise<RawAnswer> {
  const params = { name: "echo", arguments: { text: "hello" } };
  return send(`${folder.url}${prefix}/mcp`, modernRequest("tools/call", { params }));
}

interface DocumentState {
  readonly key: string;
  readonly state: string;
}

function documents(): readonly DocumentState[] {
  return folder.gateway.status()["documents"] as readonly DocumentState[]; // as GET /status shows them
}

function stateOf(file: string): string | undefined {
  return documents().find(({ key }) => key.includes(file))?.state;
}

function countConnections(server: Server): () => number {
  let accepted = 0;
  server.on("connection", () => {
    accepted += 1;
  });
  return () => accepted;
}
