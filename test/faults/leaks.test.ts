import { afterAll, beforeAll, describe, expect } from "vitest";
import { echoDocument, echoListener, echoTool, localUpstream, toolCall } from "../fixtures/echo-document.ts";
import { fault, times } from "../fixtures/fault.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { type GatewayProcess, startGatewayProcess } from "../fixtures/gateway-process.ts";
import { type KeepAliveClient, openClient, repeat } from "../fixtures/keep-alive-client.ts";
import { initializeRequest } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { openEvents } from "../fixtures/raw-http.ts";
import { until } from "../fixtures/resources.ts";
import { createDocumentFolder, type DocumentFolder } from "../fixtures/served-folder.ts";

// Canaries: values that must be in no log line, status, metric or answer. The gateway is the program, with
// everything logged that it can log.

const canaries = {
  header: "canary-header-31f2a9",
  query: "canary-query-88c01d",
  path: "canary-path-5e77b0",
  body: "canary-body-0b64e2",
  proxy: "canary-proxy-a1d9c4",
  key: "canary-key-4fd1c2b7a9e8d3",
  wrongKey: "canary-wrong-key-9ce1f0",
  clientHeader: "canary-client-header-77aa01",
  argument: "canary-argument-12bc9d",
};

let backend: LocalBackend;
let folder: DocumentFolder;
let gateway: GatewayProcess;
let client: KeepAliveClient;
let opsUrl: string;
/** Ids of sessions: as good as keys, so they are canaries too. */
const sessionIds: string[] = [];
/** Every answer that clients got, with its headers but that of the session. */
let answers = "";

beforeAll(async () => {
  backend = await startBackend((request, response) => {
    if (request.url?.startsWith("/broken") === true) request.socket.destroy();
    else if (request.url?.startsWith("/fail") === true) response.writeHead(500).end("backend says no");
    else echoListener(request, response);
  });
  folder = await createDocumentFolder({ "echo.json": document(), "broken.json": brokenDocument() });
  const opsPort = await findFreePort();
  opsUrl = `http://127.0.0.1:${opsPort}`;
  gateway = await startGatewayProcess(folder.path, "tested", {
    PASSERELLE_OPS_PORT: String(opsPort),
    PASSERELLE_LOG_LEVEL: "debug",
    PASSERELLE_API_KEYS: `ada=${canaries.key}`,
    PASSERELLE_SECRET_HEADER: canaries.header,
    PASSERELLE_SECRET_QUERY: canaries.query,
    PASSERELLE_SECRET_PATH: canaries.path,
    PASSERELLE_SECRET_BODY: canaries.body,
    PASSERELLE_SECRET_PROXY: canaries.proxy,
  });
  client = openClient(8);
});

afterAll(async () => {
  client.close();
  await gateway.close();
  await folder.close();
  await backend.close();
});

describe("what nobody may read", () => {
  fault(
    "is in no log line, status, metric, answer or command line",
    { limit: "0 of all canaries", timeoutMs: 60_000 },
    async () => {
      await provoke();
      expect(answers).toContain("backend says no");
      expect(answers).toContain("isError");
      await folder.write("echo.json", { ...document(), title: "Another title" });
      gateway.child.kill("SIGHUP");
      const status = await read("/status?documents=1");
      const metrics = await read("/metrics");
      expect(metrics).toContain('tool="fail"');
      expect(status).toContain("broken.json");
      await until(() => gateway.output().includes('"method":"tools/call"'), "the access log is written");
      gateway.child.kill("SIGTERM");
      await gateway.ended;
      const log = gateway.output();
      expect(log).toContain('"event":"closed"');

      const found: string[] = [];
      for (const [name, canary] of [
        ...Object.entries(canaries),
        ...sessionIds.map((id) => ["session id", id] as const),
      ]) {
        const isTheirs = name === "argument"; // who sent it may read it
        for (const [place, text] of Object.entries({ log, status, metrics, answers: isTheirs ? "" : answers })) {
          if (text.includes(canary)) found.push(`${name} in ${place}`);
        }
      }
      expect(found).toEqual([]);
      expect(gateway.child.spawnargs.join(" ")).not.toContain("canary");
      return `0 of ${Object.keys(canaries).length + sessionIds.length} in ${Math.round(log.length / 1_024)} kB of log`;
    },
  );
});

describe("metrics", () => {
  fault("have no series that a client made", { limit: "0 new series" }, async () => {
    const opsPort = await findFreePort();
    opsUrl = `http://127.0.0.1:${opsPort}`;
    gateway = await startGatewayProcess(folder.path, "tested", {
      PASSERELLE_OPS_PORT: String(opsPort),
      PASSERELLE_API_KEYS: `ada=${canaries.key}`,
      PASSERELLE_ACCESS_LOG: "off",
      PASSERELLE_LOG_LEVEL: "error",
    });
    await wander(64);
    const before = countSeries(await read("/metrics"));
    const count = times(1_000, 100_000);
    await wander(count);
    const after = countSeries(await read("/metrics"));
    expect(after).toBe(before);
    return `0 of ${count} distinct tools, paths, methods and clients; ${after} series`;
  });
});

const key = { authorization: `Bearer ${canaries.key}` };

/** Everything that can go wrong, and some that goes well. */
async function provoke(): Promise<void> {
  const url = `${gateway.url}/echo/mcp`;
  const opening = await send(url, { ...key, "x-client": canaries.clientHeader }, initializeRequest("2025-11-25"));
  const session = { ...key, "mcp-session-id": opening };
  sessionIds.push(opening);
  const stream = await openEvents(`${gateway.url}/echo/sse`, { headers: key });
  sessionIds.push(/sessionId=([\w-]+)/.exec((await stream.next())?.data ?? "")?.[1] ?? "");
  const messages = `${gateway.url}/echo/message?sessionId=${sessionIds[1] ?? ""}`;
  for (const name of ["echo", "fail", "broken", "unreachable", "proxied", "none", canaries.argument]) {
    const call = toolCall(name, { text: canaries.argument });
    await send(url, session, call);
    await send(messages, key, call);
    const { headers = {}, body } = modernRequest("tools/call", { params: { name, arguments: {} } });
    await send(url, { ...headers, ...key }, body);
  }
  await send(url, { authorization: `Bearer ${canaries.wrongKey}` }, toolCall("echo"));
  await send(url, { ...key, "mcp-session-id": `${opening}x` }, toolCall("echo"));
  await send(`${messages}x`, key, toolCall("echo"));
  await send(`${url}?key=${canaries.wrongKey}`, session, { jsonrpc: "2.0", id: 1, method: canaries.argument });
  await send(url, session, { jsonrpc: "2.0", id: 1, method: "resources/read", params: { uri: "secret:///note" } });
  await send(url, session, { jsonrpc: "1.0", token: canaries.argument });
  stream.close();
}

/** Posts a message; answers the id of the session that was opened, or nothing. */
async function send(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<string> {
  const answer = await client.send(url, { headers, body });
  const { "mcp-session-id": id, ...others } = answer.headers;
  answers += `${JSON.stringify(others)} ${answer.text}\n`;
  return String(id ?? "");
}

/** Requests that differ in everything that a client chooses. */
async function wander(count: number): Promise<void> {
  await repeat(count, 8, async (i) => {
    const { headers = {}, body } = modernRequest(i % 2 === 0 ? "tools/call" : `method/${i}`, {
      id: `id-${i}`,
      params: { name: i % 4 === 0 ? "fail" : `tool-${i}`, arguments: { [`key-${i}`]: i } },
      meta: { "io.modelcontextprotocol/clientInfo": { name: `client-${i}`, version: String(i) } },
    });
    const path = i % 3 === 0 ? `/wander/${i}` : "/echo/mcp";
    await client.send(`${gateway.url}${path}`, { headers: { ...headers, ...key, "user-agent": `agent-${i}` }, body });
  });
}

async function read(path: string): Promise<string> {
  return (await client.send(`${opsUrl}${path}`)).text;
}

/** Lines that are no comment, without their values. */
function countSeries(metrics: string): number {
  return new Set(
    metrics
      .split("\n")
      .filter((line) => !line.startsWith("#"))
      .map((line) => line.split(" ")[0]),
  ).size;
}

function document(): object {
  const secretHeaders = { authorization: "Bearer ${secrets.HEADER}" };
  const tool = (name: string, upstream: string, path: string): object => ({
    name,
    upstream,
    request: {
      method: "POST",
      path,
      query: { token: "${secrets.QUERY}" },
      body: { json: { token: "${secrets.BODY}" } },
    },
  });
  return echoDocument(backend.url, {
    routes: [{ prefix: "/echo", requestHeaders: ["x-client"] }],
    upstreams: {
      api: localUpstream(backend.url),
      secretive: localUpstream(`${backend.url}/fail/\${secrets.PATH}`, { headers: secretHeaders }),
      broken: localUpstream(`${backend.url}/broken/\${secrets.PATH}`, {
        headers: secretHeaders,
        retry: { attempts: 0 },
      }),
      unreachable: localUpstream("http://127.0.0.1:1/${secrets.PATH}", { retry: { attempts: 0 } }),
      proxied: localUpstream(backend.url, {
        proxy: "http://user:${secrets.PROXY}@127.0.0.1:1",
        retry: { attempts: 0 },
      }),
    },
    tools: [
      echoTool,
      tool("fail", "secretive", "/"),
      tool("broken", "broken", "/"),
      tool("unreachable", "unreachable", "/"),
      tool("proxied", "proxied", "/"),
    ],
    resources: [{ name: "note", uri: "secret:///note", upstream: "broken", request: { path: "/note" } }],
  });
}

/** Refused: its problems are logged and shown. */
function brokenDocument(): object {
  return echoDocument(backend.url, {
    name: "broken",
    routes: [{ prefix: "/broken" }],
    upstreams: { api: localUpstream(backend.url, { headers: { authorization: "${secrets.HEADER + }" } }) },
  });
}
