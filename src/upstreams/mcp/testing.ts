import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import type { McpCallContext } from "../../core/mcp-call.ts";
import { anonymous, type Principal } from "../../core/principal.ts";
import { type McpUpstreamConfig, mcpUpstream } from "../../core/config/mcp-upstream-schema.ts";
import { rank } from "../../protocol/revisions.ts";
import type { Binding, Caller } from "./binding.ts";
import type { ConnectionListener, McpConnection, OpenConnection, ServerDescription } from "./connection.ts";
import type { Clock } from "./lifecycle/clock.ts";
import type { McpReply, McpRequest } from "./mcp-request.ts";
import { McpUpstream } from "./mcp-upstream.ts";
import { compileMcpUpstream } from "./mcp-upstream-plan.ts";
import type { OpenedReach } from "./open-reach.ts";

/** Lets everything happen that needs no time. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  /** What `random` gives. */
  chance = 0.5;
  #now = 1_000;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.chance;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#now + delayMs, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Goes on by this time, stopping at every timer. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

/** A request that a fake connection got and that waits for its answer. */
export interface FakeCall {
  readonly request: McpRequest;
  readonly context: McpCallContext;
  readonly answer: (text?: string) => void;
  readonly fail: (error: AppError) => void;
}

/** A connection in memory. */
export class FakeConnection implements McpConnection {
  readonly server: ServerDescription;
  readonly isStateless: boolean;
  readonly principal: Principal;
  readonly calls: FakeCall[] = [];
  /** What it was told to watch, one list per time. */
  readonly watched: string[][] = [];
  /** Methods of the gateway's own requests, in order. */
  readonly own: string[] = [];
  pings = 0;
  isClosed = false;
  inFlight = 0;
  readonly #listener: ConnectionListener;
  readonly #fake: FakeMcpServer;
  readonly #pending = new Set<(error: AppError) => void>();

  constructor(fake: FakeMcpServer, principal: Principal, listener: ConnectionListener) {
    this.#fake = fake;
    this.#listener = listener;
    this.principal = principal;
    this.isStateless = fake.isStateless;
    this.server = {
      rank: fake.isStateless ? rank["2026-07-28"] : rank["2025-11-25"],
      protocolVersion: fake.isStateless ? "2026-07-28" : "2025-11-25",
      info: { name: "fake", version: "1" },
      capabilities: fake.capabilities,
      instructions: undefined,
    };
  }

  request(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    return this.#track((resolve, reject) => {
      this.calls.push({ request, context, answer: (text = "{}") => resolve(this.#result(text)), fail: reject });
    });
  }

  async requestOwn({ method, params }: McpRequest, deadlineAt: number): Promise<McpReply> {
    this.own.push(method);
    if (this.isClosed) throw new AppError("upstream_failed", "closed");
    const reply = await this.#track((resolve, reject) => {
      const answered = this.#fake.list(method, `${params}}`, deadlineAt);
      answered.then((reply) => resolve(typeof reply === "string" ? this.#result(reply) : reply), reject);
    });
    return reply;
  }

  watch(uris: ReadonlySet<string>): Promise<void> {
    this.watched.push([...uris]);
    return this.#fake.watching;
  }

  ping(): Promise<void> {
    this.pings++;
    return this.#fake.pingFailure === undefined ? Promise.resolve() : Promise.reject(this.#fake.pingFailure);
  }

  close(): Promise<void> {
    this.isClosed = true;
    for (const fail of this.#pending) fail(new AppError("cancelled", "The connection was closed."));
    return this.#fake.closing;
  }

  /** Ends by itself. */
  crash(): void {
    this.isClosed = true;
    const error = new AppError("upstream_failed", "The program ended with code 1.");
    for (const fail of this.#pending) fail(error);
    this.#listener.onClosed(error);
  }

  notify(method: string, params: JsonObject = {}): void {
    this.#listener.onNotification(method, params);
  }

  #result(text: string): McpReply {
    return { kind: "result", text, value: JSON.parse(text) as JsonObject, rank: this.server.rank };
  }

  #track(start: (resolve: (reply: McpReply) => void, reject: (error: AppError) => void) => void): Promise<McpReply> {
    this.inFlight++;
    return new Promise((resolve, reject) => {
      const fail = (error: AppError): void => {
        if (!this.#pending.delete(fail)) return;
        this.inFlight--;
        reject(error);
      };
      this.#pending.add(fail);
      start((reply) => {
        if (!this.#pending.delete(fail)) return;
        this.inFlight--;
        resolve(reply);
      }, fail);
    });
  }
}

/** An MCP server in memory, as upstreams reach it. */
export class FakeMcpServer implements OpenedReach {
  detected = { transport: "stdio" as "stdio" | "streamable-http", era: "legacy" as const, at: 0 };
  isStateless = false;
  capabilities: JsonObject = { tools: { listChanged: true } };
  /** Every connection that was opened, in order. */
  readonly opened: FakeConnection[] = [];
  attempts = 0;
  /** Attempts to open fail with this. */
  failure: AppError | undefined;
  /** Attempts to open wait for this. */
  gate: Promise<void> = Promise.resolve();
  /** Closing a connection takes this long. */
  closing: Promise<void> = Promise.resolve();
  /** What is watched comes into effect with this. */
  watching: Promise<void> = Promise.resolve();
  pingFailure: AppError | undefined;
  tools: readonly string[] = ["first"];
  /** Answers to `…/list`; JSON text of a result, or an error. */
  list: (method: string, params: string, deadlineAt: number) => Promise<string | McpReply> = (method) =>
    Promise.resolve(
      method === "tools/list" ? JSON.stringify({ tools: this.tools.map((name) => ({ name, inputSchema: {} })) }) : "{}",
    );
  isClosed = false;

  connect(principal: Principal): OpenConnection {
    return async (listener, signal) => {
      this.attempts++;
      await this.gate;
      if (signal.aborted) throw signal.reason;
      if (this.failure !== undefined) throw this.failure;
      const connection = new FakeConnection(this, principal, listener);
      this.opened.push(connection);
      return connection;
    };
  }

  urls(): undefined {
    return undefined;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  /** A connection that was opened. */
  connection(index: number): FakeConnection {
    const connection = this.opened[index];
    if (connection === undefined) throw new Error(`only ${this.opened.length} connections were opened`);
    return connection;
  }
}

export interface TestUpstream {
  readonly upstream: McpUpstream;
  readonly server: FakeMcpServer;
  readonly clock: ManualClock;
  /** Arguments of `catalogueChanged`, in order. */
  readonly changes: (string | undefined)[];
  readonly notified: { readonly binding: Binding; readonly method: string }[];
  readonly logged: string[];
  readonly call: (caller?: Partial<Caller>, request?: Partial<McpRequest>) => StartedCall;
}

/** A call that was started; `outcome` is its reply, or its error. */
export interface StartedCall {
  readonly context: McpCallContext;
  readonly outcome: Promise<McpReply | AppError>;
}

/** An upstream in front of a server in memory. */
export function testUpstream(
  config: Partial<McpUpstreamConfig> = {},
  server: FakeMcpServer = new FakeMcpServer(),
): TestUpstream {
  const clock = new ManualClock();
  const changes: (string | undefined)[] = [];
  const notified: { binding: Binding; method: string }[] = [];
  const logged: string[] = [];
  const record = (event: string): void => {
    logged.push(event);
  };
  const log: Log = { debug: record, info: record, warn: record, error: record };
  const reached = config.url === undefined ? { command: "fake" } : {};
  const plan = compileMcpUpstream(mcpUpstream.parse({ kind: "mcp", ...reached, ...config }), {
    name: "files",
    path: ["upstreams", "files"],
    baseDirectory: undefined,
    report: ({ severity, message }) => {
      if (severity === "error") throw new Error(message);
    },
  });
  const upstream = new McpUpstream(plan, {
    secrets: { get: () => undefined },
    log,
    clock,
    reach: server,
    events: {
      catalogueChanged: (principalId) => changes.push(principalId),
      notified: (binding, method) => notified.push({ binding, method }),
    },
  });
  const call = (caller: Partial<Caller> = {}, request: Partial<McpRequest> = {}): StartedCall => {
    const context = testContext(clock, caller);
    const outcome = upstream.request(testRequest(request), context).catch((error: AppError) => error);
    return { context, outcome };
  };
  return { upstream, server, clock, changes, notified, logged, call };
}

/** Somebody who holds an API key. */
export function keyHolder(id: string): Principal {
  return { kind: "key", id, name: id };
}

function testRequest(request: Partial<McpRequest>): McpRequest {
  return {
    method: "tools/call",
    params: '{"name":"first"',
    meta: undefined,
    name: "first",
    mirrored: [],
    isIdempotent: false,
    ...request,
  };
}

function testContext(clock: Clock, { principal = anonymous, sessionId }: Partial<Caller>): McpCallContext {
  const ignore = (): void => undefined;
  return {
    args: {},
    request: { headers: {} },
    principal,
    sessionId,
    deadlineAt: clock.now() + 60_000,
    acceptsStream: false,
    abort: undefined,
    client: { info: undefined, capabilities: {} },
    logLevel: undefined,
    wantsProgress: false,
    progress: ignore,
    log: ignore,
    notify: ignore,
    requestInput: () => Promise.resolve({ kind: "error", code: -32601, message: "no" }),
  };
}
