import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { echoDocument, echoListener, echoTool } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { type GatewayProcess, startGatewayProcess } from "../fixtures/gateway-process.ts";
import { type KeepAliveClient, openClient, repeat } from "../fixtures/keep-alive-client.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { RawSocket } from "../fixtures/raw-socket.ts";
import { megabytes, residentBytes, until } from "../fixtures/resources.ts";
import { createDocumentFolder, type DocumentFolder } from "../fixtures/served-folder.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// The gateway is a process of its own here: its memory is what is measured.

const resultBytes = 10 * 1_048_576;

let backend: LocalBackend;
let folder: DocumentFolder;
let gateway: GatewayProcess;
let client: KeepAliveClient;
let opsUrl: string;

beforeEach(async () => {
  const large = Buffer.alloc(resultBytes, "large result. ");
  backend = await startBackend((request, response) => {
    if (request.url !== "/large") return echoListener(request, response);
    response.writeHead(200, { "content-type": "text/plain", "content-length": large.length });
    return response.end(large);
  });
  const tool = { name: "large", upstream: "api", request: { path: "/large" } };
  folder = await createDocumentFolder({ "echo.json": echoDocument(backend.url, { tools: [echoTool, tool] }) });
  const opsPort = await findFreePort();
  opsUrl = `http://127.0.0.1:${opsPort}`;
  gateway = await startGatewayProcess(folder.path, "tested", {
    PASSERELLE_OPS_PORT: String(opsPort),
    PASSERELLE_DRAIN_MS: "0",
  });
  client = openClient(8);
});

afterEach(async () => {
  client.close();
  await gateway.close();
  await folder.close();
  await backend.close();
});

describe("a client that sends slowly", () => {
  fault(
    "its headers is closed at the limit, and others are not slowed",
    { limit: "closed <= 12 s, 0 lost, p99 <= 2x + 5 ms", timeoutMs: 60_000, isLong: true },
    async () => {
      await measure(); // warm
      const calm = await measure();
      const count = 500;
      const begunAt = performance.now();
      const sockets = await drip(count, "POST /echo/mcp HTTP/1.1\r\nHost: localhost\r\nX-Drip: ", "x");
      const busy = await measure();
      const statuses = await Promise.all(sockets.map((socket) => socket.answer()));
      await Promise.all(sockets.map((socket) => socket.closed()));
      const tookMs = performance.now() - begunAt;
      expect(new Set(statuses.map((answer) => answer?.status))).toEqual(new Set([408]));
      expect(tookMs).toBeLessThan(withinMs(12_000));
      expect(busy).toBeLessThan(withinMs(2 * calm + 5));
      return `${count} closed with 408 after ${(tookMs / 1_000).toFixed(1)} s; p99 ${calm.toFixed(1)} -> ${busy.toFixed(1)} ms`;
    },
  );

  fault(
    "its body is closed at the limit, and costs little",
    { limit: "closed <= 62 s, <= 32 kB each", timeoutMs: 120_000, isLong: true },
    async () => {
      const count = 500;
      await measure();
      const before = residentBytes(gateway.child.pid ?? 0);
      const head =
        "POST /echo/mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n";
      const begunAt = performance.now();
      const sockets = await drip(count, head, " ");
      await until(async () => (await connections()) >= count, "all are taken");
      const each = (residentBytes(gateway.child.pid ?? 0) - before) / count;
      await Promise.all(sockets.map((socket) => socket.closed()));
      const tookMs = performance.now() - begunAt;
      expect(tookMs).toBeLessThan(withinMs(62_000));
      expect(each).toBeLessThan(32_768);
      return `${count} closed after ${(tookMs / 1_000).toFixed(1)} s, ${Math.round(each / 1_024)} kB each`;
    },
  );
});

describe("a client that reads nothing", () => {
  fault(
    "of large results costs little memory, and others are not slowed",
    { limit: "RSS <= 2 MB each, p99 of others <= 200 ms", timeoutMs: 60_000, isLinux: true },
    async () => {
      const pid = gateway.child.pid ?? 0;
      for (let i = 0; i < 4; i += 1) expect((await call("large")).length).toBeGreaterThan(resultBytes);
      await measure();
      const before = residentBytes(pid);
      const count = times(16, 32);
      const stalled: Socket[] = [];
      for (let i = 0; i < count; i += 1) stalled.push(await stall());
      const p99 = await measure();
      const each = (residentBytes(pid) - before) / count;
      for (const socket of stalled) socket.destroy();
      await until(async () => (await connections()) <= 8, "the connections are gone");
      expect(each).toBeLessThan(2 * 1_048_576);
      expect(p99).toBeLessThan(withinMs(200));
      expect((await call("large")).length).toBeGreaterThan(resultBytes);
      return `${count} stalled, ${megabytes(each)} each; p99 of others ${p99.toFixed(1)} ms`;
    },
  );

  fault(
    "of an event stream is cut off",
    { limit: "cut off, RSS <= 32 MB", timeoutMs: 60_000, isLinux: true },
    async () => {
      const pid = gateway.child.pid ?? 0;
      const { hostname, port } = new URL(gateway.url);
      const stream = connect({ host: hostname, port: Number(port) });
      stream.write("GET /echo/sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
      const [head] = (await once(stream, "data")) as [Buffer]; // without an encoding
      let text = head.toString();
      while (!text.includes("sessionId=")) text += String(((await once(stream, "data")) as [Buffer])[0]);
      const messages = `${gateway.url}/echo/message?sessionId=${/sessionId=([\w-]+)/.exec(text)?.[1] ?? ""}`;
      stream.pause();
      await post(messages, { jsonrpc: "2.0", method: "notifications/initialized" });
      const params = { name: "echo", arguments: { pad: "x".repeat(200_000) } };
      await repeat(200, 1, () => call("echo", params.arguments)); // what such messages cost anyhow
      const before = residentBytes(pid);
      let most = 0;
      // Until the session has ended with its stream.
      for (let id = 0; (await post(messages, { jsonrpc: "2.0", id, method: "tools/call", params })) === 202; id += 1) {
        most = Math.max(most, residentBytes(pid) - before);
        expect(id, "never cut off").toBeLessThan(500);
      }
      stream.destroy();
      expect(most).toBeLessThan(32 * 1_048_576);
      return `cut off, RSS +${megabytes(most)}`;
    },
  );
});

/** Opens connections that send a beginning, and then a byte a second until they are closed. */
async function drip(count: number, beginning: string, byte: string): Promise<RawSocket[]> {
  const sockets: RawSocket[] = [];
  await repeat(count, 50, async () => {
    const socket = await RawSocket.open(gateway.url);
    socket.write(beginning);
    const timer = setInterval(() => socket.write(byte), 1_000);
    socket.socket.on("close", () => clearInterval(timer));
    sockets.push(socket);
  });
  return sockets;
}

/** A call of the large tool whose answer is not read beyond its first bytes. */
async function stall(): Promise<Socket> {
  const { hostname, port } = new URL(gateway.url);
  const { headers = {}, body } = modernRequest("tools/call", { params: { name: "large" } });
  const text = JSON.stringify(body);
  const all = {
    Host: "localhost",
    "Content-Type": "application/json",
    "Content-Length": String(text.length),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(`POST /echo/mcp HTTP/1.1\r\n${lines.join("")}\r\n${text}`);
  await once(socket, "data");
  socket.pause();
  return socket;
}

/** The 99th percentile of calls of a healthy client, in milliseconds. */
async function measure(): Promise<number> {
  const took: number[] = [];
  await repeat(300, 4, async () => {
    const begunAt = performance.now();
    expect(await call("echo")).toContain("result");
    took.push(performance.now() - begunAt);
  });
  took.sort((a, b) => a - b);
  return took[Math.floor(took.length * 0.99)] ?? 0;
}

async function call(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { headers = {}, body } = modernRequest("tools/call", { params: { name, arguments: args } });
  return (await client.send(`${gateway.url}/echo/mcp`, { headers, body })).text;
}

async function post(url: string, body: unknown): Promise<number> {
  return (await client.send(url, { body })).status;
}

async function connections(): Promise<number> {
  const { text } = await client.send(`${opsUrl}/status`);
  return (JSON.parse(text) as { connections: number }).connections;
}
