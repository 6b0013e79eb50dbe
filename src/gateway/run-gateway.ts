import { randomBytes } from "node:crypto";
import type { KeyRing } from "../access/key-ring.ts";
import type { ConfigNotifier, ConfigReader, SecretSource } from "../core/config-source.ts";
import type { Log } from "../core/log.ts";
import type { PinStore } from "../core/pin-store.ts";
import type { OpenTokenSource } from "../upstreams/mcp/oauth/open-token-source.ts";
import { AccessLog, type AccessLogOptions } from "./access-log.ts";
import { FirstLoad } from "./first-load.ts";
import { handleRequest } from "./gateway.ts";
import type { GatewayState } from "./gateway-state.ts";
import { HostGuard } from "../access/host-guard.ts";
import { ParkingLot } from "./input/parking-lot.ts";
import { RequestStates } from "./input/request-state.ts";
import { KeepAlive } from "./sessions/keep-alive.ts";
import { ListenHub } from "./sessions/listen-hub.ts";
import { Listener } from "./listener.ts";
import { Metrics } from "./metrics.ts";
import { Operations } from "./operations.ts";
import { Reloader, type ReloadReport } from "./reloader.ts";
import { SessionRegistry } from "./sessions/session-registry.ts";
import type { Session } from "./sessions/session.ts";
import { emptySnapshot } from "./snapshot.ts";
import { upstreamEvents } from "./upstream-events.ts";
import { UpstreamPool } from "./upstream-pool.ts";

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly opsHost: string;
  /** Undefined switches the operations port off. */
  readonly opsPort: number | undefined;
  /** Where clients reach this gateway, when a proxy stands before it. */
  readonly publicUrl: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly maxConnections: number;
  /** Longest time that running calls get when the gateway closes. */
  readonly drainMs: number;
  readonly accessLog: Pick<AccessLogOptions, "level" | "sampleRate">;
  readonly keys: KeyRing;
  readonly reader: ConfigReader;
  readonly notifiers: readonly ConfigNotifier[];
  readonly secrets: SecretSource;
  /** Closed with the gateway. */
  readonly pins: PinStore;
  /** Where bearer tokens for MCP upstreams come from; without it: as each document says. */
  readonly openTokens?: OpenTokenSource;
  readonly telemetry: {
    readonly log: Log;
    readonly writeLines: (lines: Buffer) => Promise<void>;
    readonly close: () => Promise<void>;
  };
  readonly version: string;
}

export interface RunningGateway {
  /** Where clients reach it, without `/` at the end. */
  readonly url: string;
  /** Address of the operations port; undefined when it is off. */
  readonly opsUrl: string | undefined;
  /** Reads configuration now. Fails when it cannot be read at all; what is served stays. */
  reload(): Promise<ReloadReport>;
  status(): Readonly<Record<string, unknown>>;
  /** Drains and ends: resolves when every socket is gone. May be called twice. */
  close(): Promise<void>;
}

/** Of the key that signs `requestState`; each process has its own. */
const stateKeyBytes = 32;
const pollMs = 20;
/** Idle connections stay open this long: a request may be on its way on them, and would be lost. */
const idleGraceMs = 1_000;
/** Clients that are sent away come back spread over this time. */
const reconnectSpreadMs = 5_000;

/** Starts the data plane: listens, and serves each document as soon as it is read; resolves when all are. */
export async function runGateway(options: GatewayOptions): Promise<RunningGateway> {
  const state = createState(options);
  const { reader, secrets, pins, openTokens } = options;
  const pool = new UpstreamPool({
    secrets,
    log: state.log,
    events: upstreamEvents(state),
    ...(openTokens === undefined ? {} : { openTokens }),
  });
  const reloader = new Reloader({ state, reader, pool, pins, secrets });
  const listener = await Listener.open({
    host: options.host,
    port: options.port,
    maxConnections: options.maxConnections,
    onRequest: (request, response) => {
      state.metrics.requests++;
      handleRequest(state, request, response);
    },
    onResponseClosed: ({ statusCode }) => state.metrics.countResponse(statusCode),
  });
  const operations = new Operations({ state, reloader, pool, listener, version: options.version });
  const opsListener = await openOperations(options, operations, listener);
  // Last, so that whoever is told that the gateway is ready finds everything there.
  await loadFirst(state, reloader, [listener, opsListener]);
  const reload = async (): Promise<ReloadReport> => {
    const report = await reloader.reload();
    if (report.changed) logReport(state.log, report);
    return report;
  };
  for (const notifier of options.notifiers) {
    notifier.start(() => {
      reload().catch((error: unknown) => state.log.error("reload failed; what is served stays", { error }));
    });
  }
  const url = options.publicUrl ?? `http://${hostInUrl(options.host)}:${listener.port}`;
  let closing: Promise<void> | undefined;
  return {
    url,
    opsUrl: opsListener === undefined ? undefined : `http://${hostInUrl(options.opsHost)}:${opsListener.port}`,
    reload,
    status: () => operations.status(),
    close: () => {
      closing ??= drain({ options, state, pool, listener, opsListener, operations });
      return closing;
    },
  };
}

/** Requests for documents that are not read yet wait; probes say that the gateway is not ready. */
async function loadFirst(
  state: GatewayState,
  reloader: Reloader,
  listeners: readonly (Listener | undefined)[],
): Promise<void> {
  const { loading } = state;
  try {
    logReport(state.log, await reloader.reload());
  } catch (error) {
    for (const listener of listeners) await listener?.close(0);
    throw error;
  } finally {
    state.loading = undefined;
    loading?.progressed();
  }
}

function createState(options: GatewayOptions): GatewayState {
  const { publicUrl, allowedHosts, telemetry } = options;
  const publicAddress = publicUrl === undefined ? undefined : new URL(publicUrl);
  const state: GatewayState = {
    snapshot: emptySnapshot(),
    loading: new FirstLoad(),
    draining: false,
    publicPath: publicAddress?.pathname.replace(/\/+$/, "") ?? "",
    sessions: new SessionRegistry(
      () => performance.now(),
      (session) => endAtUpstreams(state, session),
    ),
    listeners: new ListenHub(),
    parking: new ParkingLot(new RequestStates(randomBytes(stateKeyBytes), Date.now)),
    keepAlive: new KeepAlive(),
    hostGuard: new HostGuard({
      listenHost: options.host,
      allowedHosts: publicAddress === undefined ? allowedHosts : [...allowedHosts, publicAddress.host],
    }),
    keys: options.keys,
    metrics: new Metrics(),
    accessLog: new AccessLog({ ...options.accessLog, write: telemetry.writeLines, random: Math.random }),
    log: telemetry.log,
  };
  return state;
}

/** What upstreams opened for this session alone ends with it. */
function endAtUpstreams({ snapshot }: GatewayState, { serverKey, id }: Session): void {
  for (const upstream of snapshot.servers.get(serverKey)?.upstreams ?? []) {
    if (upstream.kind === "mcp") upstream.running?.sessionEnded(id);
  }
}

async function openOperations(
  options: GatewayOptions,
  operations: Operations,
  listener: Listener,
): Promise<Listener | undefined> {
  if (options.opsPort === undefined) return undefined;
  try {
    return await Listener.open({
      host: options.opsHost,
      port: options.opsPort,
      maxConnections: 1_000,
      onRequest: (request, response) => operations.handle(request, response),
    });
  } catch (error) {
    await listener.close(0);
    throw error;
  }
}

interface Draining {
  readonly options: GatewayOptions;
  readonly state: GatewayState;
  readonly pool: UpstreamPool;
  readonly listener: Listener;
  readonly opsListener: Listener | undefined;
  readonly operations: Operations;
}

/** No new connections; running calls finish; idle streams end and ask their clients to come back. */
async function drain({ options, state, pool, listener, opsListener, operations }: Draining): Promise<void> {
  const deadlineAt = performance.now() + options.drainMs;
  const graceEndsAt = performance.now() + Math.min(idleGraceMs, options.drainMs);
  state.draining = true;
  await Promise.all(options.notifiers.map((notifier) => notifier.close()));
  listener.stopAccepting();
  state.listeners.end();
  const retryMs = (): number => 500 + Math.floor(Math.random() * reconnectSpreadMs);
  for (;;) {
    state.sessions.drain(retryMs);
    const now = performance.now();
    const isIdle = listener.activeRequests === 0 && (listener.connections === 0 || now >= graceEndsAt);
    if (isIdle || now >= deadlineAt) break;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  state.sessions.close();
  state.parking.close();
  await listener.close(deadlineAt);
  state.keepAlive.close();
  await pool.close();
  await options.pins.close();
  state.accessLog.close();
  operations.close();
  await opsListener?.close(0);
  state.log.info("closed");
  await options.telemetry.close();
}

function logReport(log: Log, report: ReloadReport): void {
  const refused = report.documents.filter(({ state }) => state !== "served");
  log.info("configuration served", {
    revision: report.revision,
    documents: report.documents.length,
    refused: refused.length,
  });
  for (const { key, state, problems } of refused) {
    const first = problems.find(({ severity }) => severity === "error");
    log.warn("document refused", {
      document: key,
      lastGoodVersionServes: state === "kept",
      problem: first && `${first.file}:${first.line}:${first.column}: ${first.message}`,
      problems: problems.length,
    });
  }
}

function hostInUrl(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
