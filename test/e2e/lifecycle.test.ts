import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { echoDocument, echoListener } from "../fixtures/echo-document.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { type GatewayProcess, startGatewayProcess } from "../fixtures/gateway-process.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { type RawAnswer, send } from "../fixtures/raw-http.ts";
import { postBytes, RawSocket } from "../fixtures/raw-socket.ts";
import { until } from "../fixtures/resources.ts";
import { createDocumentFolder, type DocumentFolder } from "../fixtures/served-folder.ts";
import { openSseSession } from "../fixtures/sse-session.ts";
import { testProgram } from "../fixtures/test-program.ts";

let backend: LocalBackend;
let folder: DocumentFolder;

beforeAll(async () => {
  backend = await startBackend((request, response) => {
    if (request.url !== "/held") return echoListener(request, response);
    backend.server.once("release", () => response.end("released"));
    return response.writeHead(200, { "content-type": "text/plain" }).flushHeaders();
  });
  const held = { name: "held", upstream: "api", request: { path: "/held" } };
  const document = echoDocument(backend.url) as { tools: readonly object[] };
  folder = await createDocumentFolder({ "echo.json": { ...document, tools: [...document.tools, held] } });
});

afterAll(async () => {
  await folder.close();
  await backend.close();
});

describe("a gateway that is told to end", () => {
  let gateway: GatewayProcess;
  let opsUrl: string;

  beforeEach(async () => {
    const opsPort = await findFreePort();
    opsUrl = `http://127.0.0.1:${opsPort}`;
    gateway = await startGatewayProcess(folder.path, "tested", { PASSERELLE_OPS_PORT: String(opsPort) });
  });

  afterEach(() => gateway.close());

  it("is alive but not ready, and says so to load balancers, while a call finishes", async () => {
    expect((await send(`${opsUrl}/readyz`)).status).toBe(200);
    const call = beginHeldCall();
    await once(backend.server, "request");
    gateway.child.kill("SIGTERM");
    await until(async () => (await send(`${opsUrl}/readyz`)).status === 503, "the gateway is not ready");
    expect((await send(`${opsUrl}/healthz`)).status).toBe(200);
    expect((await send(`${opsUrl}/status`)).json()).toMatchObject({ draining: true });
    backend.server.emit("release");
    expect((await call).text).toContain("released");
    expect(await gateway.ended).toBe(0);
  });

  it("answers the request that is on its way on an idle connection, and then closes it", async () => {
    const client = await RawSocket.open(gateway.url);
    client.write(postBytes(mcpUrl(), { jsonrpc: "2.0", method: "notifications/initialized" }));
    expect((await client.answer())?.head).not.toMatch(/connection: close/i);
    gateway.child.kill("SIGTERM");
    await until(async () => (await send(`${opsUrl}/readyz`)).status === 503, "the gateway is not ready");
    const { headers = {}, body } = modernRequest("tools/call", {
      params: { name: "echo", arguments: { text: "in time" } },
    });
    client.write(postBytes(mcpUrl(), body, headers));
    const answer = await client.answer();
    expect(answer?.body).toContain("in time");
    expect(answer?.head).toMatch(/connection: close/i);
    await client.closed();
    expect(await gateway.ended).toBe(0);
  });

  it("ends streams with the time to come back, each client's another one", async () => {
    const sessions = await Promise.all(Array.from({ length: 4 }, () => openSession(mcpUrl(), "2025-11-25")));
    const streams = await Promise.all(sessions.map((session) => session.listen()));
    const sse = await openSseSession(`${gateway.url}/echo`);
    gateway.child.kill("SIGTERM");
    for (const stream of [...streams, sse.stream]) while ((await stream.next()) !== undefined);
    const retries = [...streams, sse.stream].map(({ retryMs }) => retryMs ?? 0);
    expect(Math.min(...retries)).toBeGreaterThanOrEqual(500);
    expect(new Set(retries).size).toBeGreaterThan(1);
    expect(await gateway.ended).toBe(0);
  });

  it("cuts a call that outlasts the drain", async () => {
    await gateway.close();
    gateway = await startGatewayProcess(folder.path, "tested", { PASSERELLE_DRAIN_MS: "200" });
    const call = beginHeldCall();
    const failed = call.then((started) => started, String);
    await once(backend.server, "request");
    gateway.child.kill("SIGTERM");
    expect(await gateway.ended).toBe(0);
    expect(await failed).toMatch(/socket hang up|ECONNRESET/);
    backend.server.emit("release");
  });

  it("leaves neither a port nor a socket behind when it is killed", async () => {
    const call = beginHeldCall().then(() => "answered", String);
    await once(backend.server, "request");
    gateway.child.kill("SIGKILL");
    expect(await gateway.ended).toBe("SIGKILL");
    expect(await call).not.toBe("answered");
    await until(() => backend.sockets.size === 0, "the backend sees that it is gone");
    const { port } = new URL(gateway.url);
    const again = createServer().listen(Number(port), "127.0.0.1");
    await once(again, "listening");
    again.close();
  });

  function mcpUrl(): string {
    return `${gateway.url}/echo/mcp`;
  }

  /** Resolves with the answer. The backend has the call when its event has come. */
  function beginHeldCall(): Promise<RawAnswer> {
    return send(mcpUrl(), modernRequest("tools/call", { params: { name: "held" } }));
  }
});

describe("a port that is in use", () => {
  it.each(["--port", "--ops-port"])("of %s ends the start with 74 and says what to do", async (flag) => {
    const owner = createServer().listen(0, "127.0.0.1");
    await once(owner, "listening");
    const address = owner.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const free = flag === "--port" ? ["--ops-port", "0"] : ["--port", "0"];
    const child = spawn(process.execPath, [testProgram(), "gateway", "--config", folder.path, flag, port, ...free]);
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = (await once(child, "close")) as [number]; // the exit code comes first
    expect(code).toBe(74);
    expect(output).toMatch(new RegExp(`^passerelle: .*127.0.0.1:${port}.*port is in use.*\\n$`));
    owner.close();
  });
});

it("a command whose reader has seen enough ends without a complaint", async () => {
  const child = spawn(process.execPath, [testProgram(), "gateway", "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number]; // the exit code comes first
  expect({ code, complaint }).toEqual({ code: 0, complaint: "" });
});
