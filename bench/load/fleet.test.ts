import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { Fleet } from "./fleet.ts";

interface Message {
  readonly id?: number;
  readonly method: string;
}

const opened: Server[] = [];

afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on loopback that gives each message to `answer`. */
async function listen(
  answer: (message: Message, request: IncomingMessage, response: ServerResponse) => void,
): Promise<number> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.once("end", () => {
      const text = Buffer.concat(pieces).toString();
      answer(text === "" ? { method: "" } : (JSON.parse(text) as Message), request, response);
    });
  });
  opened.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("A TCP server has an address.");
  return address.port;
}

function resultFor(id: number | undefined): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result: {} });
}

const ping = { path: "/p/mcp", work: "ping", clients: 8 } as const;

test("a fleet sends exactly as many requests as asked, each with an id of its own", async () => {
  const ids: (number | undefined)[] = [];
  const port = await listen(({ id }, _request, response) => {
    ids.push(id);
    response.end(resultFor(id));
  });
  const fleet = await Fleet.open({ ...ping, port, dialect: "bare" });
  const report = await fleet.drive(500);
  fleet.close();
  expect(report).toMatchObject({ requests: 500, failures: 0 });
  expect(ids).toHaveLength(500);
  expect(new Set(ids).size).toBe(500);
});

test("each client of a legacy fleet makes a handshake and sends its own session", async () => {
  const sessions = new Set<string>();
  let handshakes = 0;
  const port = await listen(({ id, method }, request, response) => {
    if (method === "initialize") response.setHeader("Mcp-Session-Id", `s${++handshakes}`);
    if (method === "ping") sessions.add(String(request.headers["mcp-session-id"]));
    response.statusCode = method === "notifications/initialized" ? 202 : 200;
    response.end(id === undefined ? "" : resultFor(id));
  });
  const fleet = await Fleet.open({ ...ping, port, dialect: "legacy" });
  await fleet.drive(100);
  fleet.close();
  expect([...sessions].sort()).toEqual(["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"]);
});

test("answers with another status than 200 are counted as failures", async () => {
  const port = await listen(({ id }, _request, response) => {
    response.statusCode = (id ?? 0) % 2 === 0 ? 200 : 503;
    response.end(resultFor(id));
  });
  const fleet = await Fleet.open({ ...ping, port, dialect: "bare" });
  const report = await fleet.drive(200);
  fleet.close();
  expect(report.failures).toBe(100);
  expect(report.firstFailure).toContain("status 503");
});

test("answers that belong to another request are counted as failures", async () => {
  const port = await listen((_message, _request, response) => response.end(resultFor(1)));
  const fleet = await Fleet.open({ ...ping, port, dialect: "bare" });
  const report = await fleet.drive(128);
  fleet.close();
  expect(report.failures).toBe(2);
  expect(report.firstFailure).toContain("has the id 1");
});

test("a lost connection fails the drive", async () => {
  const port = await listen((_message, request) => request.socket.destroy());
  const fleet = await Fleet.open({ ...ping, port, dialect: "bare" });
  await expect(fleet.drive(100)).rejects.toThrow("closed");
  fleet.close();
});

test("over HTTP+SSE a request is done when its event has come", async () => {
  const streams = new Map<string, ServerResponse>();
  let answered = 0;
  const port = await listen(({ id }, request, response) => {
    const url = new URL(request.url ?? "", "http://127.0.0.1");
    if (url.pathname === "/p/sse") {
      const name = `c${streams.size}`;
      streams.set(name, response);
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`event: endpoint\ndata: /p/message?s=${name}\n\n`);
      return;
    }
    response.writeHead(202).end("Accepted");
    if (id === undefined) return;
    answered++;
    streams.get(url.searchParams.get("s") ?? "")?.write(`event: message\ndata: ${resultFor(id)}\n\n`);
  });
  const fleet = await Fleet.open({ ...ping, path: "/p", port, dialect: "sse" });
  const report = await fleet.drive(100);
  fleet.close();
  expect(report).toMatchObject({ requests: 100, failures: 0 });
  // Each of the eight clients was also answered its initialize.
  expect(answered).toBe(108);
});
