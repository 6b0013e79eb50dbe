import { afterAll, beforeAll, beforeEach, describe, expect } from "vitest";
import { echoDocument, echoListener } from "../fixtures/echo-document.ts";
import { fault } from "../fixtures/fault.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { postBytes, RawSocket } from "../fixtures/raw-socket.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";

const maxBodyBytes = 100_000;
/** Sockets buffer on both sides: what a client can have written beyond what the gateway has read. */
const socketBuffers = 8 * 1_048_576;

let backend: LocalBackend;
let folder: ServedFolder;
let url: string;
let calls = 0;

beforeAll(async () => {
  backend = await startBackend((request, response) => {
    calls += 1;
    echoListener(request, response);
  });
  folder = await serveDocuments({
    "echo.json": echoDocument(backend.url, { routes: [{ prefix: "/echo", access: "public", maxBodyBytes }] }),
  });
  url = `${folder.url}/echo/mcp`;
});

beforeEach(() => {
  calls = 0;
});

afterAll(async () => {
  await folder.close();
  await backend.close();
});

describe("limits of headers", () => {
  fault("17 kB of them are refused with 431", { limit: "431, closed" }, async () => {
    const answer = await exchange(head({ "X-Pad": "x".repeat(17_000) }));
    expect(answer.status).toBe(431);
    return `${answer.status}, closed`;
  });

  fault("a target of 17 kB is refused", { limit: "431, closed" }, async () => {
    const answer = await exchange(`GET /echo/mcp?${"x".repeat(17_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(answer.status).toBe(431);
    return `${answer.status}, closed`;
  });

  fault("1,000 small ones are cut down, and what is not read decides nothing", { limit: "no 5xx" }, async () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`X-${i}`, "1"]));
    const answer = await exchange(`${head({ ...many, "Content-Length": "2", Connection: "close" })}{}`);
    expect([400, 413, 415, 431]).toContain(answer.status);
    return `${answer.status}`;
  });
});

describe("a body beyond the limit", () => {
  fault("is refused by its Content-Length alone", { limit: "413 before a byte of it, closed" }, async () => {
    const answer = await exchange(head({ "Content-Length": String(maxBodyBytes + 1) }));
    expect(answer.status).toBe(413);
    return `${answer.status}, closed`;
  });

  fault("is refused while it comes in chunks, and no more is read", { limit: "413; bounded reading" }, async () => {
    const socket = await RawSocket.open(url);
    socket.write(head({ "Transfer-Encoding": "chunked" }));
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    const answer = socket.answer();
    let sent = 0;
    // Until the gateway hangs up, or for four times what all buffers hold.
    for (; sent < 4 * socketBuffers && !socket.socket.destroyed; sent += chunk.length) {
      if (socket.socket.write(chunk)) await new Promise((resolve) => setImmediate(resolve));
      else await Promise.race([drained(socket), socket.closed()]);
    }
    expect((await answer)?.status).toBe(413);
    await socket.closed();
    expect(socket.socket.bytesWritten).toBeLessThan(socketBuffers);
    return `413, ${Math.round(socket.socket.bytesWritten / 1_024)} kB taken by buffers`;
  });

  fault("at the limit exactly is taken", { limit: "200" }, async () => {
    const { headers = {}, body } = modernRequest("tools/call", { params: { name: "echo", arguments: { pad: "" } } });
    const empty = Buffer.byteLength(JSON.stringify(body));
    const full = JSON.stringify(body).replace('"pad":""', `"pad":"${"x".repeat(maxBodyBytes - empty)}"`);
    const json = { ...headers, "content-type": "application/json" };
    expect((await send(url, { headers: json, body: full })).status).toBe(200);
    expect((await send(url, { headers: json, body: `${full} ` })).status).toBe(413);
    return "200, one byte more 413";
  });
});

describe("a Content-Length that lies", () => {
  fault("short of the body: the rest is no request", { limit: "400, 0 calls of the rest" }, async () => {
    const { headers = {}, body } = modernRequest("tools/call", { params: { name: "echo" } });
    const smuggled = postBytes(url, body, headers).toString();
    const socket = await RawSocket.open(url);
    socket.write(`${head({ "Content-Length": "2" })}{}garbage ${smuggled}`);
    expect((await socket.answer())?.status).toBe(400);
    await socket.closed();
    expect((await socket.answer())?.status ?? 400).toBe(400);
    expect(calls).toBe(0);
    return "400, closed, 0 calls";
  });

  fault("beyond the body: the message is never taken", { limit: "0 calls, 0 connections kept" }, async () => {
    const { headers = {}, body } = modernRequest("tools/call", { params: { name: "echo" } });
    const text = JSON.stringify(body);
    const socket = await RawSocket.open(url);
    const length = { "Content-Length": String(text.length + 1) };
    socket.write(`${head({ ...headers, ...length })}${text}`);
    socket.socket.end();
    const answer = await socket.answer();
    expect(answer?.status ?? 400).toBe(400);
    await socket.closed();
    expect(calls).toBe(0);
    return "0 calls, closed";
  });
});

function head(headers: Readonly<Record<string, string>>): string {
  const all = { Host: "localhost", Accept: "*/*", "Content-Type": "application/json", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /echo/mcp HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** Sends bytes, reads the answer and waits until the gateway has hung up. */
async function exchange(bytes: string): Promise<{ readonly status: number }> {
  const socket = await RawSocket.open(url);
  socket.write(bytes);
  const answer = await socket.answer();
  await socket.closed();
  if (answer === undefined) throw new Error("no answer");
  return answer;
}

function drained({ socket }: RawSocket): Promise<void> {
  return new Promise((resolve) => socket.once("drain", resolve));
}
