import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChildProcess } from "node:child_process";
import { httpGet } from "./http-get.ts";
import type { Workshop } from "./workshop.ts";

export interface GatewayOptions {
  /** File or folder with configuration documents. */
  readonly config?: string;
  /** Address of a store that it follows. */
  readonly store?: string;
  /** Where it keeps what it has read. */
  readonly stateDir?: string;
  /** 30,000 when absent. */
  readonly readyWithinMs?: number;
  /** Pinned to the measured CPU; without it the kernel places it. */
  readonly isPinned?: boolean;
}

/** A running gateway, as operators start it: every feature on, its log written to a file. */
export interface Gateway {
  readonly pid: number;
  readonly port: number;
  readonly operationsPort: number;
  /** Sends SIGHUP. */
  reload(): void;
  stop(): Promise<void>;
}

const usuallyReadyWithinMs = 30_000;
const retryMs = 2;
let started = 0;

/** Starts a gateway and waits until it is ready. Fails with the end of its log when it does not get there. */
export async function startGateway(workshop: Workshop, options: GatewayOptions): Promise<Gateway> {
  const gateway = await spawnGateway(workshop, options);
  await gateway.ready();
  return gateway;
}

export interface SpawnedGateway extends Gateway {
  /** Resolves when `/readyz` says so. */
  ready(): Promise<void>;
}

/** Starts a gateway without waiting for anything. Fails when the program is not built. */
export async function spawnGateway(workshop: Workshop, options: GatewayOptions): Promise<SpawnedGateway> {
  const { readyWithinMs = usuallyReadyWithinMs } = options;
  const [port, operationsPort] = await freePorts();
  const logFile = join(workshop.folder, `gateway-${++started}.log`);
  const program = fileURLToPath(new URL("../../bin/passerelle", import.meta.url));
  const plain = [process.execPath, ...workshop.profileFlags("gateway"), program, "gateway", ...sourcesOf(options)];
  const command = [...plain, "--port", String(port), "--ops-port", String(operationsPort), "--host", "127.0.0.1"];
  const output = openSync(logFile, "a");
  const child = await workshop.children.start({
    command: options.isPinned === false ? command : workshop.pinning.measured(command),
    env: withoutSettings(process.env),
    output,
  });
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) throw new Error("A process that was started has an id.");
  return {
    pid,
    port,
    operationsPort,
    ready: () => awaitReady(child, { operationsPort, logFile, readyWithinMs }),
    reload: () => {
      child.kill("SIGHUP");
    },
    stop: () => workshop.children.stop(child, 20_000),
  };
}

function sourcesOf({ config, store, stateDir }: GatewayOptions): readonly string[] {
  return [
    ...(config === undefined ? [] : ["--config", config]),
    ...(store === undefined ? [] : ["--store", store]),
    ...(stateDir === undefined ? [] : ["--state-dir", stateDir]),
  ];
}

/** The environment without anything that would configure the gateway: it is measured with its defaults. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("PASSERELLE_")));
}

interface Awaited {
  readonly operationsPort: number;
  readonly logFile: string;
  readonly readyWithinMs: number;
}

async function awaitReady(child: ChildProcess, { operationsPort, logFile, readyWithinMs }: Awaited): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const answer = await httpGet(operationsPort, "/readyz").catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  const log = await readFile(logFile, "utf8");
  const how = child.exitCode === null ? `was not ready within ${readyWithinMs} ms` : `exited with ${child.exitCode}`;
  throw new Error(`The gateway ${how}. The end of its log: ${log.slice(-2_000)}`);
}

/** Two ports that were free a moment ago. */
export async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("A TCP server has an address.");
    ports.push(address.port);
  }
  for (const server of servers) server.close();
  const [first = 0, second = 0] = ports;
  return [first, second];
}
