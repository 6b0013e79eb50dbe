import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePort } from "../fixtures/free-port.ts";
import { npxArguments, runNpx } from "./npx.ts";

/** A published MCP server and one thing that it can do. */
export interface NpmServer {
  /** Package with its exact version, and the transport. */
  readonly name: string;
  /** A tool that it lists. */
  readonly tool: string;
  /** A call and what its result holds; absent where a call would need a browser or the internet. */
  readonly call?: { readonly tool: string; readonly args: Record<string, unknown>; readonly expect: string };
  /** Its tools that ask the client, by the kind of question. */
  readonly asks?: { readonly sampling: string; readonly elicitation: string };
  /** Makes it ready to be served through; `config` is the upstream without its kind. */
  open(): Promise<{ config: object; close(): Promise<void> }>;
}

const everything = "@modelcontextprotocol/server-everything@2026.8.31";
const filesystem = "@modelcontextprotocol/server-filesystem@2026.8.31";
const memory = "@modelcontextprotocol/server-memory@2026.8.31";
const playwright = "@playwright/mcp@0.0.83";
const context7 = "@upstash/context7-mcp@4.1.1";
const startTimeoutMs = 60_000;

const everythingTools = {
  tool: "get-sum",
  call: { tool: "echo", args: { message: "Grüße" }, expect: "Echo: Grüße" },
  asks: { sampling: "trigger-sampling-request", elicitation: "trigger-elicitation-request" },
} as const;

/** What server-memory knows from the beginning. */
const remembered = { type: "entity", name: "gateway", entityType: "program", observations: ["carries calls"] };

/** The servers that the gateway has to get along with. */
export const npmServers: readonly NpmServer[] = [
  {
    name: `${everything} over stdio`,
    ...everythingTools,
    open: () => openChild(everything, "mcp-server-everything", () => ["stdio"]),
  },
  {
    name: `${everything} over HTTP+SSE`,
    ...everythingTools,
    open: () => openListening("sse", "/sse", "sse"),
  },
  {
    name: `${everything} over Streamable HTTP`,
    ...everythingTools,
    open: () => openListening("streamableHttp", "/mcp", "streamable-http"),
  },
  {
    name: filesystem,
    tool: "directory_tree",
    call: { tool: "list_directory", args: { path: "." }, expect: "hello.txt" },
    open: () => openChild(filesystem, "mcp-server-filesystem", (folder) => [folder]),
  },
  {
    name: memory,
    tool: "search_nodes",
    call: { tool: "open_nodes", args: { names: ["gateway"] }, expect: "carries calls" },
    open: () => openChild(memory, "mcp-server-memory", () => []),
  },
  { name: playwright, tool: "browser_navigate", open: () => openChild(playwright, "playwright-mcp", () => []) },
  { name: context7, tool: "resolve-library-id", open: () => openChild(context7, "context7-mcp", () => []) },
];

/** A server that the gateway starts in a folder of its own. */
async function openChild(
  name: string,
  command: string,
  args: (folder: string) => readonly string[],
): ReturnType<NpmServer["open"]> {
  await install(name);
  const folder = await mkdtemp(join(tmpdir(), "passerelle-npm-server-"));
  await writeFile(join(folder, "hello.txt"), "hello");
  await writeFile(join(folder, "memory.jsonl"), JSON.stringify(remembered));
  const config = {
    transport: "stdio",
    command: "npx",
    args: [...npxArguments([name], command), ...args(folder)],
    // All that it needs is in npm's cache by now; children inherit no proxy or certificate settings.
    env: { npm_config_offline: "true", MEMORY_FILE_PATH: join(folder, "memory.jsonl") },
    cwd: folder,
    startTimeoutMs,
  };
  return { config, close: () => rm(folder, { recursive: true, force: true }) };
}

/** server-everything as a program that listens on a free port. */
async function openListening(mode: string, path: string, transport: string): ReturnType<NpmServer["open"]> {
  await install(everything);
  const port = await findFreePort();
  const child = spawn("npx", [...npxArguments([everything], "mcp-server-everything"), mode], {
    cwd: tmpdir(),
    env: { ...process.env, PORT: String(port) },
    stdio: "ignore",
    detached: true,
  });
  const ended = once(child, "exit");
  const close = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, "SIGKILL"); // npx and what it started
    await ended;
  };
  try {
    await waitForPort(port);
  } catch (error) {
    await close();
    throw error;
  }
  return { config: { transport, url: `http://127.0.0.1:${port}${path}` }, close };
}

/** Fills npm's cache, so that starting the server needs no network. */
async function install(name: string): Promise<void> {
  const { code, stderr } = await runNpx({ packages: [name], command: "true", arguments: [], timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`npx cannot fetch ${name}: ${stderr}`);
}

/** A foreign process gives no event when it is ready, so this one asks. */
async function waitForPort(port: number): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (Date.now() < deadline) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}
