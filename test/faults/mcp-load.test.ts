import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { toolCall } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { type GatewayProcess, startGatewayProcess } from "../fixtures/gateway-process.ts";
import { type KeepAliveClient, openClient, repeat } from "../fixtures/keep-alive-client.ts";
import { initializeRequest } from "../fixtures/legacy-session.ts";
import { FaultServer } from "../fixtures/mcp-fault-server.ts";
import { callTool, documentOf, httpUpstream } from "../fixtures/mcp-fault-site.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { postBytes } from "../fixtures/raw-socket.ts";
import { countHandles, measureHeap, megabytes, residentBytes, until } from "../fixtures/resources.ts";
import { createDocumentFolder, type DocumentFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { withinMs } from "../fixtures/time-limit.ts";

const resultBytes = 4 * 1_048_576;

let server: FaultServer;
let client: KeepAliveClient;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  const large = "large result. ".repeat(resultBytes / 14);
  server = await FaultServer.open({ onCall: ({ args, answer }) => answer(args["text"] ?? large) });
  client = openClient(64);
});

afterEach(async () => {
  client.close();
  for (const close of closing.splice(0)) await close();
  await server.close();
});

function document(changes: object = {}): object {
  return documentOf("served", httpUpstream(server.url, changes));
}

describe("clients that read nothing of large results", () => {
  fault(
    "of an MCP server hold these results and no more, and slow nobody",
    { limit: "RSS <= 5 results each, p99 of others <= 2x + 100 ms", timeoutMs: 60_000, isLinux: true },
    async () => {
      const folder: DocumentFolder = await createDocumentFolder({ "served.json": document() });
      closing.push(() => folder.close());
      const opsPort = await findFreePort();
      const gateway = await startGatewayProcess(folder.path, "tested", {
        PASSERELLE_OPS_PORT: String(opsPort),
        PASSERELLE_DRAIN_MS: "0",
      });
      closing.unshift(() => gateway.close());
      const pid = gateway.child.pid ?? 0;
      for (let warm = 0; warm < 4; warm += 1) await callTool(client, `${gateway.url}/served/mcp`, "run");
      await measure(gateway); // warm
      const calm = await measure(gateway);
      const before = residentBytes(pid);
      const count = times(8, 32);
      const stalled: Socket[] = [];
      for (let i = 0; i < count; i += 1) stalled.push(await stall(gateway));
      const p99 = await measure(gateway);
      const each = (residentBytes(pid) - before) / count;
      for (const socket of stalled) socket.destroy();
      const connections = async (): Promise<number> => {
        const { text } = await client.send(`http://127.0.0.1:${opsPort}/status`);
        return (JSON.parse(text) as { readonly connections: number }).connections;
      };
      await until(async () => (await connections()) <= 8, "the connections are gone");
      // A message is whole before anything of it goes on: as received, as text, as sent. RSS holds garbage as well.
      expect(each).toBeLessThan(5 * resultBytes);
      expect(p99).toBeLessThan(withinMs(2 * calm + 100));
      return `${count} stalled with ${megabytes(resultBytes)}, ${megabytes(each)} each; p99 of others ${calm.toFixed(0)} -> ${p99.toFixed(0)} ms`;
    },
  );
});

describe("sessions that come and go", () => {
  fault(
    "each with a session of its own at the server, leave nothing at either end",
    { limit: "0 lost, 0 sessions left, heap +2 MB, handles +0", timeoutMs: 240_000 },
    async () => {
      const folder = await serveDocuments({
        "served.json": document({ sharing: "per-session", maxConnections: 20_000 }),
      });
      closing.unshift(() => folder.close());
      const url = `${folder.url}/served/mcp`;
      let wrong = 0;
      /** All at once: as many sessions are open as are in the wave. */
      const wave = async (count: number): Promise<void> => {
        const ids: string[] = [];
        await repeat(count, 64, async () => {
          const { headers } = await client.send(url, { body: initializeRequest("2025-11-25") });
          const id = String(headers["mcp-session-id"]);
          ids.push(id);
          const { text } = await client.send(url, { headers: of(id), body: toolCall("run", { text: id }) });
          if (!text.includes(`"${id}"`)) wrong += 1;
        });
        expect(server.sessions.size).toBeGreaterThanOrEqual(count);
        await repeat(count, 64, (i) => client.send(url, { method: "DELETE", headers: of(ids[i] ?? "") }));
        await server.until(() => server.sessions.size <= 1); // one is the gateway's own
        expect(folder.gateway.status()).toMatchObject({ sessions: 0 });
      };
      const count = times(100, 5_000);
      await wave(count); // warm
      const [heap, handles] = [await measureHeap(), countHandles()];
      await wave(count);
      const grown = (await measureHeap()) - heap;
      await until(() => countHandles() <= handles + 8, "handles are gone");
      const upstreams = folder.gateway.status()["upstreams"] as readonly { readonly connections: number }[]; // as GET /status shows them
      expect(upstreams.map(({ connections }) => connections)).toEqual([1]);
      expect(wrong).toBe(0);
      expect(grown).toBeLessThan(2 * 1_048_576);
      return `0 of ${2 * count} lost, 0 left; heap ${megabytes(grown)}`;
    },
  );
});

function of(sessionId: string): Readonly<Record<string, string>> {
  return { "mcp-session-id": sessionId, "mcp-protocol-version": "2025-11-25" };
}

/** A call of the large result that is not read beyond its first bytes. */
async function stall({ url }: GatewayProcess): Promise<Socket> {
  const endpoint = `${url}/served/mcp`;
  const { headers = {}, body } = modernRequest("tools/call", { params: { name: "run" } });
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(postBytes(endpoint, body, headers));
  await once(socket, "data");
  socket.pause();
  return socket;
}

/** The 99th percentile of small calls, in milliseconds. */
async function measure({ url }: GatewayProcess): Promise<number> {
  const took: number[] = [];
  await repeat(300, 4, async () => {
    const { said, tookMs } = await callTool(client, `${url}/served/mcp`, "run", { text: "small" });
    expect(said).toBe("small");
    took.push(tookMs);
  });
  return took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? 0;
}
