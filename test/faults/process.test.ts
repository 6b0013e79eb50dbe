import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { echoDocument, echoListener, toolCall } from "../fixtures/echo-document.ts";
import { fault } from "../fixtures/fault.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { type GatewayProcess, startGatewayProcess } from "../fixtures/gateway-process.ts";
import { type KeepAliveClient, openClient, repeat } from "../fixtures/keep-alive-client.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { until } from "../fixtures/resources.ts";
import { createDocumentFolder, type DocumentFolder } from "../fixtures/served-folder.ts";
import { withinMs } from "../fixtures/time-limit.ts";
import { testProgram } from "../fixtures/test-program.ts";

let backend: LocalBackend;
let folder: DocumentFolder;
let client: KeepAliveClient;

beforeEach(async () => {
  backend = await startBackend(echoListener);
  folder = await createDocumentFolder({ "echo.json": echoDocument(backend.url) });
  client = openClient(8);
});

afterEach(async () => {
  client.close();
  await folder.close();
  await backend.close();
});

describe("a process that is stopped", () => {
  fault(
    "and goes on has lost nothing: no call, no session, no trust in its upstream",
    { limit: "0 lost, 0 sessions ended, breaker closed", timeoutMs: 40_000, isLong: true, isLinux: true },
    async () => {
      const opsPort = await findFreePort();
      const gateway = await startGatewayProcess(folder.path, "tested", { PASSERELLE_OPS_PORT: String(opsPort) });
      const session = await openSession(`${gateway.url}/echo/mcp`, "2025-11-25");
      let failed = 0;
      let isOver = false;
      const load = Promise.all(
        Array.from({ length: 8 }, async () => {
          while (!isOver) if (!(await call(gateway)).includes("result")) failed += 1;
        }),
      );
      gateway.child.kill("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 5_000)); // the fault itself
      gateway.child.kill("SIGCONT");
      const begunAt = performance.now();
      await call(gateway);
      const backMs = performance.now() - begunAt;
      isOver = true;
      await load;
      expect(failed).toBe(0);
      expect((await session.post(toolCall("echo"))).status).toBe(200);
      const { text } = await client.send(`http://127.0.0.1:${opsPort}/status`);
      expect(JSON.parse(text)).toMatchObject({ sessions: 1, upstreams: [{ breaker: "closed", running: 0 }] });
      await gateway.close();
      expect(backMs).toBeLessThan(withinMs(2_000));
      return `0 lost, 1 session alive, back after ${Math.round(backMs)} ms`;
    },
  );
});

describe("a process without free file descriptors", () => {
  fault(
    "goes on with what it has, and takes connections again when some are free",
    { limit: "no crash, 0 existing calls lost, back <= 1 s", timeoutMs: 40_000, isLinux: true },
    async () => {
      const port = await findFreePort();
      const command = `ulimit -n 128; exec "${process.execPath}" "${testProgram()}" gateway --config "${folder.path}" --port ${port} --ops-port off`;
      const child = spawn("/bin/sh", ["-c", command], { stdio: "ignore" });
      const ended = once(child, "exit");
      const url = `http://127.0.0.1:${port}`;
      await until(async () => (await client.send(`${url}/readyz`).catch(() => undefined))?.status === 200, "ready");
      await repeat(32, 8, () => call({ url }));

      const flood: Socket[] = [];
      for (let i = 0; i < 500; i += 1) {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => undefined); // being turned away is one
        flood.push(socket);
      }
      let served = 0;
      await repeat(100, 8, async () => {
        if ((await call({ url })).includes("result")) served += 1;
      });
      expect(served).toBe(100);
      for (const socket of flood) socket.destroy();
      const begunAt = performance.now();
      const fresh = openClient(1);
      await until(async () => (await fresh.send(`${url}/healthz`).catch(() => undefined))?.status === 200, "back");
      const backMs = performance.now() - begunAt;
      fresh.close();
      expect(child.exitCode).toBeNull();
      client.close();
      child.kill("SIGTERM");
      expect((await ended)[0]).toBe(0);
      expect(backMs).toBeLessThan(withinMs(1_000));
      return `0 of ${served} lost, back after ${Math.round(backMs)} ms`;
    },
  );
});

describe("a log that nobody reads", () => {
  fault(
    "slows no call down: lines are dropped and counted",
    { limit: "0 lost, dropped > 0", timeoutMs: 60_000, isLong: true, isLinux: true },
    async () => {
      const opsPort = await findFreePort();
      const gateway = await startLogging(opsPort);
      gateway.child.stdout?.pause();
      let lost = 0;
      const count = 40_000; // 4 MB of lines wait; the next ones are dropped
      await repeat(count, 8, async () => {
        if (!(await call(gateway)).includes("result")) lost += 1;
      });
      const { text } = await client.send(`http://127.0.0.1:${opsPort}/metrics`);
      const dropped = Number(/^passerelle_access_log_dropped_total (\d+)$/m.exec(text)?.[1]);
      gateway.child.stdout?.resume();
      client.close();
      await gateway.close();
      expect(await gateway.ended).toBe(0);
      expect(lost).toBe(0);
      expect(dropped).toBeGreaterThan(0);
      return `0 of ${count} lost, ${dropped} lines dropped`;
    },
  );

  fault("and whose pipe is gone ends nothing", { limit: "0 lost, exit 0" }, async () => {
    const gateway = await startLogging(await findFreePort());
    gateway.child.stdout?.destroy();
    let lost = 0;
    await repeat(2_000, 8, async () => {
      if (!(await call(gateway)).includes("result")) lost += 1;
    });
    client.close();
    gateway.child.kill("SIGTERM");
    expect(await gateway.ended).toBe(0);
    expect(lost).toBe(0);
    return "0 of 2000 lost, exit 0";
  });
});

function startLogging(opsPort: number): Promise<GatewayProcess> {
  return startGatewayProcess(folder.path, "tested", {
    PASSERELLE_OPS_PORT: String(opsPort),
    PASSERELLE_LOG_LEVEL: "info",
    PASSERELLE_ACCESS_LOG: "all",
  });
}

async function call({ url }: Pick<GatewayProcess, "url">): Promise<string> {
  const { headers = {}, body } = modernRequest("tools/call", { params: { name: "echo" } });
  return client.send(`${url}/echo/mcp`, { headers, body }).then(({ text }) => text, String);
}
