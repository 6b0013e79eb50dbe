import { once } from "node:events";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { echoDocument, echoListener, toolCall } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type LegacySession, openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { postBytes, RawSocket } from "../fixtures/raw-socket.ts";
import { until } from "../fixtures/resources.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";

let backend: LocalBackend;
let folder: ServedFolder;
let session: LegacySession;
let url: string;
/** Requests that the backend has had. */
let received = 0;

beforeAll(async () => {
  // Later requests are answered sooner: only the gateway keeps answers in order.
  let delayMs = 50;
  backend = await startBackend((request, response) => {
    received += 1;
    delayMs = Math.max(0, delayMs - 1);
    setTimeout(() => echoListener(request, response), delayMs);
  });
  folder = await serveDocuments({ "echo.json": echoDocument(backend.url) });
  url = `${folder.url}/echo/mcp`;
  session = await openSession(url, "2025-11-25");
});

afterAll(async () => {
  await folder.close();
  await backend.close();
});

describe("requests on one connection", () => {
  fault("that are pipelined are answered in order", { limit: "0 lost, 0 out of order" }, async () => {
    const count = times(50, 1_000);
    const socket = await RawSocket.open(url);
    socket.write(Buffer.concat(Array.from({ length: count }, (_, id) => callBytes(id))));
    for (let id = 0; id < count; id += 1) expect(idOf((await socket.answer())?.body)).toBe(id);
    socket.destroy();
    return `${count} in order`;
  });

  fault("that come byte by byte are whole", { limit: "0 lost" }, async () => {
    const count = times(3, 20);
    const socket = await RawSocket.open(url);
    for (let id = 0; id < count; id += 1) {
      for (const byte of callBytes(id)) {
        await new Promise<void>((resolve) => {
          socket.socket.write(Buffer.of(byte), () => resolve());
        });
      }
      expect(idOf((await socket.answer())?.body)).toBe(id);
    }
    socket.destroy();
    return `${count} of ${count}`;
  });

  fault("that are cut at every place are the same", { limit: "0 lost" }, async () => {
    const bytes = callBytes(7);
    const socket = await RawSocket.open(url);
    for (let cut = 1; cut < bytes.length; cut += times(7, 1)) {
      await new Promise<void>((resolve) => {
        socket.socket.write(bytes.subarray(0, cut), () => resolve());
      });
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(bytes.subarray(cut));
      expect(idOf((await socket.answer())?.body)).toBe(7);
    }
    socket.destroy();
    return `${bytes.length} cuts`;
  });
});

describe("a client that closes its half", () => {
  fault(
    "has gone: its call is cancelled and its connection closed",
    { limit: "1 upstream request aborted" },
    async () => {
      const held = await startBackend(() => undefined);
      await folder.write(
        "held.json",
        echoDocument(held.url, { name: "held", routes: [{ prefix: "/held", access: "public" }] }),
      );
      await folder.gateway.reload();
      const { headers = {}, body } = modernRequest("tools/call", { params: { name: "echo" } });
      const socket = await RawSocket.open(url, { allowHalfOpen: true });
      const arrived = once(held.server, "request");
      socket.write(postBytes(`${folder.url}/held/mcp`, body, headers));
      await arrived;
      socket.socket.end();
      await socket.closed();
      await until(() => held.sockets.size === 0, "the upstream request is aborted");
      await held.close();
      return "1 aborted, closed";
    },
  );
});

describe("a request that two parsers read differently", () => {
  const body = JSON.stringify(toolCall("echo"));
  const length = `Content-Length: ${body.length}`;
  const chunked = "Transfer-Encoding: chunked";
  const inChunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const cases: readonly (readonly [string, string])[] = [
    ["with Content-Length and Transfer-Encoding", request([length, chunked], inChunks)],
    ["with two different Content-Lengths", request([length, `Content-Length: ${body.length + 1}`], body)],
    ["with a list of Content-Lengths", request([`Content-Length: ${body.length}, ${body.length}`], body)],
    ["with a signed Content-Length", request([`Content-Length: +${body.length}`], body)],
    ["with a hexadecimal Content-Length", request(["Content-Length: 0x10"], body)],
    ["with an unknown Transfer-Encoding", request(["Transfer-Encoding: gzip"], inChunks)],
    ["with chunked twice", request([chunked, chunked], inChunks)],
    ["with something after chunked", request(["Transfer-Encoding: chunked, identity"], inChunks)],
    ["with a space before the colon", request([`Content-Length : ${body.length}`], body)],
    ["with a folded header", request([length, "X-Folded: a\r\n b"], body)],
    ["with a header without a name", request([length, ": nothing"], body)],
    ["with NUL in a header", request([length, "X-Nul: a\0b"], body)],
    ["with a chunk size that is too large", request([chunked], `fffffffffffffffff\r\n${body}\r\n0\r\n\r\n`)],
    ["with a chunk size that is negative", request([chunked], `-1\r\n${body}\r\n0\r\n\r\n`)],
    ["with bare line feeds", request([length], body).replaceAll("\r\n", "\n")],
    ["of HTTP/0.9", "GET /echo/mcp\r\n\r\n"],
    ["without Host", request([length], body).replace("Host: localhost\r\n", "")],
  ];

  for (const [name, bytes] of cases) {
    fault(`${name} is refused and its connection closed`, { limit: "400, closed, 0 calls" }, async () => {
      const before = received;
      const socket = await RawSocket.open(url);
      socket.write(bytes);
      const answer = await socket.answer();
      expect(answer?.status).toBe(400);
      await socket.closed();
      expect(received).toBe(before);
      return "400, closed";
    });
  }

  fault("an upgrade is no way around the guards", { limit: "no 101, 0 connections kept" }, async () => {
    const socket = await RawSocket.open(url);
    socket.write(
      "GET /echo/mcp HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    const answer = await socket.answer();
    expect(answer?.status).toBe(405);
    await socket.closed();
    return "405, closed";
  });

  fault("CONNECT opens no tunnel", { limit: "closed, 0 bytes tunnelled" }, async () => {
    const before = received;
    const socket = await RawSocket.open(url);
    socket.write(`CONNECT 127.0.0.1:${backend.port} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await socket.closed();
    expect(received).toBe(before);
    return "closed";
  });
});

describe("after all that", () => {
  fault("no connection is left", { limit: "0" }, async () => {
    await until(() => folder.gateway.status()["connections"] === 0, "connections are gone");
    return "0";
  });
});

function callBytes(id: number): Buffer {
  const headers = { "Mcp-Session-Id": session.id, "MCP-Protocol-Version": "2025-11-25" };
  return postBytes(url, toolCall("echo", { text: `call ${id}` }, id), headers);
}

/** The id of an answer, provided that its result is that of its call. */
function idOf(body = "{}"): unknown {
  const { id, result } = JSON.parse(body) as { id?: number; result?: { content: { text: string }[] } };
  return result?.content[0]?.text === `{"text":"call ${id}"}` ? id : `wrong result: ${body}`;
}

function request(headers: readonly string[], body: string): string {
  const all = ["Host: localhost", "Accept: */*", "Content-Type: application/json", ...headers];
  return `POST /echo/mcp HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`;
}
