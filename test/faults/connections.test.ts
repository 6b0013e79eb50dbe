import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { echoDocument, echoListener, echoTool, toolCall } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { repeat } from "../fixtures/keep-alive-client.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send, sendAndLeave } from "../fixtures/raw-http.ts";
import { RawSocket } from "../fixtures/raw-socket.ts";
import { countFiles, measureHeap, megabytes, until } from "../fixtures/resources.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { openSseSession } from "../fixtures/sse-session.ts";

let backend: LocalBackend;
let folder: ServedFolder;
let url: string;
/** Held requests by what became of them. */
let seen: { arrived: number; aborted: number };
/** How to end the requests that are held. */
let held: Set<() => void>;

beforeEach(async () => {
  seen = { arrived: 0, aborted: 0 };
  held = new Set();
  backend = await startBackend((request, response) => {
    if (request.url !== "/held") {
      echoListener(request, response);
      return;
    }
    seen.arrived += 1;
    const release = (): void => void response.end("released");
    held.add(release);
    response.on("close", () => {
      held.delete(release);
      if (!response.writableFinished) seen.aborted += 1;
    });
  });
});

afterEach(async () => {
  await folder.close();
  await backend.close();
});

describe("clients that hang up in the middle of a call", () => {
  fault(
    "of 2026-07-28 cancel it: the upstream request ends, and nothing is left",
    { limit: "all aborted, heap +1 MB, handles +0", timeoutMs: 120_000 },
    async () => {
      await serve();
      const request = modernRequest("tools/call", { params: { name: "held" } });
      await hangUp(1_000, () => sendAndLeave(url, request), aborted); // warm
      const [heap, files] = [await measureHeap(), countFiles()];
      const count = times(2_000, 20_000);
      await hangUp(count, () => sendAndLeave(url, request), aborted);
      expect(seen.aborted).toBe(seen.arrived);
      await until(() => folder.gateway.status()["connections"] === 0, "connections are gone");
      await until(() => countFiles() <= files, "sockets are closed");
      const grown = (await measureHeap()) - heap;
      expect(grown).toBeLessThan(1_048_576);
      expect(folder.gateway.status()["upstreams"]).toMatchObject([{ running: 0, waiting: 0 }]);
      expect((await send(url, modernRequest("tools/call", { params: { name: "echo" } }))).status).toBe(200);
      return `${seen.aborted} of ${seen.arrived} aborted; heap ${megabytes(grown)}`;
    },
  );

  fault(
    "of older revisions do not: every call goes on to its end, and nothing is left",
    { limit: "0 aborted, all finished, heap +1 MB", timeoutMs: 120_000 },
    async () => {
      await serve();
      const session = await openSession(url, "2025-11-25");
      const request = {
        headers: { accept: "application/json, text/event-stream", "mcp-session-id": session.id },
        body: toolCall("held"),
      };
      await hangUp(1_000, () => sendAndLeave(url, request), released); // warm
      const heap = await measureHeap();
      await hangUp(times(2_000, 20_000), () => sendAndLeave(url, request), released);
      await until(() => folder.gateway.status()["connections"] === 0, "connections are gone");
      const grown = (await measureHeap()) - heap;
      expect(seen.aborted).toBe(0);
      expect(grown).toBeLessThan(1_048_576);
      return `0 of ${seen.arrived} aborted; heap ${megabytes(grown)}`;
    },
  );

  fault("of HTTP+SSE end their calls with the stream", { limit: "all aborted, 0 sessions" }, async () => {
    await serve();
    const count = times(50, 500);
    await repeat(count, 8, async () => {
      const session = await openSseSession(`${folder.url}/echo`);
      const before = seen.arrived;
      await session.post(toolCall("held"));
      await until(() => seen.arrived > before, "the call has arrived");
      session.stream.close();
    });
    await until(() => seen.aborted === count, "all upstream requests are aborted");
    await until(() => folder.gateway.status()["sessions"] === 0, "sessions are gone");
    return `${seen.aborted} of ${count} aborted, 0 sessions`;
  });
});

describe("a flood of connections", () => {
  fault(
    "beyond maxConnections is turned away, and those within are served",
    { limit: "0 lost within the limit" },
    async () => {
      const maxConnections = 50;
      await serve({ maxConnections });
      const within = await Promise.all(Array.from({ length: maxConnections }, () => RawSocket.open(folder.url)));
      await until(() => folder.gateway.status()["connections"] === maxConnections, "all are taken");
      const flood = times(200, 10_000);
      // In waves that fit into the kernel's queue: beyond it, connecting itself is retried for seconds.
      await repeat(flood, 100, turnedAway);
      expect(folder.gateway.status()["connections"]).toBe(maxConnections);
      for (const socket of within) {
        socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        expect((await socket.answer())?.status).toBe(200);
      }
      for (const socket of within) socket.destroy();
      await until(() => folder.gateway.status()["connections"] === 0, "connections are gone");
      expect((await send(`${folder.url}/healthz`)).status).toBe(200);
      return `${flood} turned away, ${maxConnections} of ${maxConnections} served`;
    },
  );

  fault("that say nothing costs little memory", { limit: "<= 16 kB of heap each" }, async () => {
    await serve();
    const count = times(1_000, 5_000);
    const before = await measureHeap();
    const sockets: Socket[] = [];
    await repeat(count, 64, async () => {
      const socket = connect(Number(new URL(folder.url).port), "127.0.0.1");
      await once(socket, "connect");
      sockets.push(socket);
    });
    await until(() => folder.gateway.status()["connections"] === count, "all are taken");
    const each = ((await measureHeap()) - before) / count;
    for (const socket of sockets) socket.destroy();
    await until(() => folder.gateway.status()["connections"] === 0, "connections are gone");
    expect(each).toBeLessThan(16_384); // the client's half is in this process too
    return `${(each / 1_024).toFixed(1)} kB each, both halves`;
  });
});

describe("a storm of reconnections", () => {
  fault(
    "after all event streams were lost: all come back, nothing is told twice or missed",
    { limit: "0 missing, 0 twice", timeoutMs: 60_000 },
    async () => {
      await serve();
      const count = times(100, 1_000);
      const sessions = await Promise.all(Array.from({ length: count }, () => openSession(url, "2025-11-25")));
      const streams = await Promise.all(sessions.map((session) => session.listen()));
      const lastIds = await Promise.all(streams.map(async (stream) => (await stream.next())?.id));
      for (const stream of streams) stream.close();
      await change("first");
      const again = await Promise.all(sessions.map((session, i) => session.listen(lastIds[i])));
      await change("second");
      for (const stream of again) {
        expect([await stream.message(), await stream.message()]).toMatchObject([listChanged, listChanged]);
      }
      await change("third");
      for (const stream of again) expect(await stream.message()).toMatchObject(listChanged);
      for (const stream of again) stream.close();
      await until(() => folder.gateway.status()["connections"] === 0, "connections are gone");
      return `${count} back, 0 missing, 0 twice`;
    },
  );
});

const listChanged = { method: "notifications/tools/list_changed" };

async function serve(flags: Readonly<Record<string, unknown>> = {}): Promise<void> {
  folder = await serveDocuments({ "echo.json": document() }, { flags });
  url = `${folder.url}/echo/mcp`;
}

async function change(description: string): Promise<void> {
  await folder.write("echo.json", document(description));
  await folder.gateway.reload();
}

function document(description = "Echoes."): object {
  const held = { name: "held", upstream: "api", request: { method: "POST", path: "/held" } };
  return echoDocument(backend.url, { tools: [{ ...echoTool, description }, held] });
}

/** Sends requests, and hangs up as soon as each one has reached the backend. */
async function hangUp(count: number, begin: () => () => void, settle: () => Promise<void>): Promise<void> {
  const concurrency = 32;
  for (let done = 0; done < count; done += concurrency) {
    const before = seen.arrived;
    const leave = Array.from({ length: Math.min(concurrency, count - done) }, begin);
    await until(() => seen.arrived === before + leave.length, "the calls have arrived");
    for (const end of leave) end();
    await settle();
  }
}

/** Resolves when the backend holds nothing any more. */
function aborted(): Promise<void> {
  return until(() => held.size === 0, "all upstream requests are aborted");
}

/** Ends what the backend holds; resolves when the gateway has the answers. */
async function released(): Promise<void> {
  for (const release of held) release();
  await until(() => {
    const [upstream] = folder.gateway.status()["upstreams"] as { running: number }[]; // as GET /status shows them
    return upstream?.running === 0;
  }, "the calls have ended");
}

/** Connects; resolves when the gateway has closed the connection. */
async function turnedAway(): Promise<void> {
  const socket = connect(Number(new URL(folder.url).port), "127.0.0.1");
  socket.on("error", () => undefined); // a reset is the close that is awaited
  await once(socket, "close");
}
