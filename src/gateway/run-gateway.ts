import { randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { KeyRing } from "../access/key-ring.ts";
import type { ConfigNotifier, ConfigReader, TenantSecrets } from "../core/config-source.ts";
import type { ReportReceiver } from "../core/gateway-registry.ts";
import type { KeySource } from "../core/key-source.ts";
import { hostInUrl } from "../core/host-in-url.ts";
import type { JudgementStore } from "../core/judgement.ts";
import type { Log } from "../core/log.ts";
import type { PinStore } from "../core/pin-store.ts";
import type { OpenTokenSource } from "../upstreams/mcp/oauth/open-token-source.ts";
import { AccessLog, type AccessLogOptions } from "./access-log.ts";
import { drainGateway } from "./drain-gateway.ts";
import { FirstLoad } from "./first-load.ts";
import { handleRequest } from "./gateway.ts";
import type { GatewayState } from "./gateway-state.ts";
import { HostGuard } from "../access/host-guard.ts";
import { ParkingLot } from "./input/parking-lot.ts";
import { RequestStates } from "./input/request-state.ts";
import { KeyFollower } from "./key-follower.ts";
import { Reporter } from "./reporter.ts";
import { systemClock } from "../upstreams/mcp/lifecycle/clock.ts";
import { KeepAlive } from "./sessions/keep-alive.ts";
import { ListenHub } from "./sessions/listen-hub.ts";
import { Listener } from "./listener.ts";
import { Metrics } from "./metrics.ts";
import { Operations } from "./operations.ts";
import { Reloader, type ReloadReport } from "./reloader.ts";
import { SessionRegistry } from "./sessions/session-registry.ts";
import type { Session } from "./sessions/session.ts";
import { emptySnapshot } from "./snapshot.ts";
import type { ReceiveNotice } from "./take-notice.ts";
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
  /** Judges what comes to `POST /notify` of the operations port; its hints come from one of `notifiers`. */
  readonly receiveNotice?: ReceiveNotice | undefined;
  readonly secrets: TenantSecrets;
  /** Closed with the gateway. */
  readonly pins: PinStore;
  /** What is known of documents from earlier starts. Closed with the gateway. */
  readonly judgements?: JudgementStore | undefined;
  /** Where bearer tokens for MCP upstreams come from; without it: as each document says. */
  readonly openTokens?: OpenTokenSource;
  readonly telemetry: {
    readonly log: Log;
    readonly writeLines: (lines: Buffer) => Promise<void>;
    readonly close: () => Promise<void>;
  };
  readonly version: string;
  /** Where API keys come from besides `keys`. */
  readonly keySource?: KeySource | undefined;
  /** How often `keySource` is asked besides hints; 5,000 when absent. */
  readonly keyPollMs?: number | undefined;
  /** Is told what this gateway serves. Closed with the gateway. */
  readonly registry?: ReportReceiver | undefined;
  /** Name in reports; the host's when absent. */
  readonly name?: string | undefined;
}

export interface RunningGateway {
  /** Where clients reach it, without `/` at the end. */
  readonly url: string;
  /** Address of the operations port; undefined when it is off. */
  readonly opsUrl: string | undefined;
  /** Reads configuration now. Fails when it cannot be read at all; what is served stays. */
  reload(): Promise<ReloadReport>;
  status(): Readonly<Record<string, unknown>>;
  /** Its running upstreams, for previews: they are used by nobody else and never closed through it. */
  readonly upstreams: Pick<UpstreamPool, "find">;
  /** Drains and ends: resolves when every socket is gone. May be called twice. */
  close(): Promise<void>;
}

/** Of the key that signs `requestState`; each process has its own. */
const stateKeyBytes = 32;
const defaultKeyPollMs = 5_000;

/** Starts the data plane: listens, and serves each document as soon as it is read; resolves when all are. */
export async function runGateway(options: GatewayOptions): Promise<RunningGateway> {
  const state = createState(options);
  const { reader, secrets, pins, judgements, openTokens } = options;
  const pool = new UpstreamPool({
    log: state.log,
    events: upstreamEvents(state),
    ...(openTokens === undefined ? {} : { openTokens }),
  });
  const reloader = new Reloader({ state, reader, pool, pins, secrets, judgements, onMisjudged: reloadByHint });
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
  const operations = new Operations({
    state,
    reloader,
    pool,
    listener,
    version: options.version,
    receiveNotice: options.receiveNotice,
  });
  const opsListener = await openOperations(options, operations, listener);
  const url = options.publicUrl ?? `http://${hostInUrl(options.host)}:${listener.port}`;
  const keys = followKeys(state, options);
  const reporter = openReporter(state, options, url);
  // Last, so that whoever is told that the gateway is ready finds everything there.
  await loadFirst({ state, reloader, keys, reporter, listeners: [listener, opsListener] });
  for (const notifier of options.notifiers) notifier.start(reloadByHint);

  async function reload(): Promise<ReloadReport> {
    const [report] = await Promise.all([reloader.reload(), keys?.refresh()]);
    if (report.changed) logReport(state.log, report);
    reporter?.reloaded(report);
    return report;
  }
  function reloadByHint(): void {
    reload().catch((error: unknown) => state.log.error("reload failed; what is served stays", { error }));
  }

  let closing: Promise<void> | undefined;
  return {
    url,
    opsUrl: opsListener === undefined ? undefined : `http://${hostInUrl(options.opsHost)}:${opsListener.port}`,
    reload,
    status: () => operations.status(),
    upstreams: pool,
    close: () => {
      closing ??= drainGateway({ options, state, pool, listener, opsListener, operations, keys, reporter });
      return closing;
    },
  };
}

interface FirstLoadParts {
  readonly state: GatewayState;
  readonly reloader: Reloader;
  readonly keys: KeyFollower | undefined;
  readonly reporter: Reporter | undefined;
  readonly listeners: readonly (Listener | undefined)[];
}

function followKeys(state: GatewayState, { keys, keySource, keyPollMs }: GatewayOptions): KeyFollower | undefined {
  if (keySource === undefined) return undefined;
  const pollMs = keyPollMs ?? defaultKeyPollMs;
  return new KeyFollower({ state, keys, source: keySource, clock: systemClock, pollMs });
}

function openReporter(state: GatewayState, options: GatewayOptions, url: string): Reporter | undefined {
  const { registry, name = hostname(), version } = options;
  if (registry === undefined) return undefined;
  return new Reporter({
    registry,
    facts: { id: randomUUID(), name, version, url, startedAt: Date.now() },
    count: () => ({ servers: state.snapshot.servers.size, sessions: state.sessions.size }),
    clock: systemClock,
    now: Date.now,
    log: state.log,
  });
}

/** Requests for documents that are not read yet wait; probes say that the gateway is not ready. */
async function loadFirst({ state, reloader, keys, reporter, listeners }: FirstLoadParts): Promise<void> {
  const { loading } = state;
  try {
    const [report] = await Promise.all([reloader.reload(), keys?.refresh()]);
    logReport(state.log, report);
    reporter?.reloaded(report);
  } catch (error) {
    for (const listener of listeners) await listener?.close(0);
    await Promise.all([keys?.close(), reporter?.close()]);
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
