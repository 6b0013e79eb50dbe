import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";
import type { Caller } from "../access/caller.ts";
import { HostGuard } from "../access/host-guard.ts";
import type { IdempotencyStore } from "../core/idempotency-store.ts";
import { hostInUrl } from "../core/host-in-url.ts";
import type { Log } from "../core/log.ts";
import { AccessLines } from "./access-lines.ts";
import { ApiMetrics } from "./api-metrics.ts";
import { type AnsweredRequest, createApp } from "./app.ts";
import { clientAddresses } from "./client-address.ts";
import { type DrainingServer, listen } from "./listen.ts";
import type { AnyOperation } from "./operation.ts";
import { addPages } from "./pages/add-pages.ts";
import { addWeb } from "./web/add-web.ts";
import { addApiPage, apiDescriptionOperation } from "./api-page.ts";
import { addProbes, type Dependency } from "./probes.ts";
import { RateLimiter } from "./rate-limiter.ts";

export interface ApiserverOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Where people reach it, when a proxy stands before it. */
  readonly publicUrl: string | undefined;
  /** Host headers that are taken besides the own names. */
  readonly allowedHosts: readonly string[];
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Longest time that running requests get when it closes. */
  readonly drainMs: number;
  readonly accessLog: "all" | "errors" | "off";
  /** All but the description, which is made of them. */
  readonly operations: readonly AnyOperation[];
  readonly authenticate: (request: Request) => Promise<Caller | undefined>;
  /** Whether a request carries the token of gateways; without it nobody is one. */
  readonly isGateway?: (request: Request) => boolean;
  readonly idempotency: IdempotencyStore;
  /** What `/readyz` asks. */
  readonly dependencies: readonly Dependency[];
  readonly version: string;
  readonly log: Log;
  /** Takes whole lines of the access log as UTF-8; rejects when they were dropped. */
  readonly writeLines: (lines: Buffer) => Promise<void>;
}

export interface RunningApiserver {
  /** Where people reach it, without `/` at the end. */
  readonly url: string;
  /** Takes no new requests, lets running ones finish until `drainMs`, ends every socket. May be called twice. */
  close(): Promise<void>;
}

/** Requests without a caller that one address may make in a minute. */
const refusalsPerMinute = 120;

/**
 * Starts the control plane over its operations. The stores behind them are the caller's to close, afterwards.
 *
 * @throws AppError `invalid_configuration` when the address cannot be had
 */
export async function runApiserver(options: ApiserverOptions): Promise<RunningApiserver> {
  const { authenticate, publicUrl, version, log } = options;
  const metrics = new ApiMetrics();
  const accessLines = new AccessLines({ write: options.writeLines, level: options.accessLog, now: Date.now });
  const limiter = new RateLimiter(() => performance.now());
  const addressOf = addressReader(options.trustedProxies);
  const onAnswered = (request: AnsweredRequest): void => {
    metrics.count(request);
    accessLines.add(request);
  };
  const operations: readonly AnyOperation[] = [
    ...options.operations,
    apiDescriptionOperation(() => operations, version),
  ];
  const app = createApp({
    operations,
    authenticate,
    limitRate: ({ id, access }, ip) => {
      if (access.kind === "public") limiter.take(id, ip, access.limit);
    },
    limitRefusals: (ip) => limiter.take("unauthenticated", ip, refusalsPerMinute),
    ...(options.isGateway === undefined ? {} : { isGateway: options.isGateway }),
    addressOf,
    idempotency: options.idempotency,
    checkHost: hostCheck(options),
    onAnswered,
    log,
  });
  const listening: { server?: DrainingServer } = {};
  addProbes(app, {
    dependencies: options.dependencies,
    isDraining: () => listening.server?.isDraining ?? false,
    metrics,
    activeRequests: () => listening.server?.activeRequests ?? 0,
    authenticate,
    isLocal,
    now: () => performance.now(),
  });
  addApiPage(app, () => operations, version);
  addPages(app);
  addWeb(app, authenticate);
  const server = await listen({ host: options.host, port: options.port, fetch: app.fetch });
  listening.server = server;
  const url = publicUrl ?? `http://${hostInUrl(options.host)}:${server.port}`;
  log.info("apiserver listens", { url });
  let closing: Promise<void> | undefined;
  return {
    url,
    close: () => {
      closing ??= server.close(options.drainMs).then(() => accessLines.close());
      return closing;
    },
  };
}

type ReadAddress = (context: Context) => string;

function addressReader(trustedProxies: readonly string[]): ReadAddress {
  const addressFrom = clientAddresses(trustedProxies);
  return (context) => addressFrom({ peer: peerOf(context), forwardedFor: context.req.header("x-forwarded-for") });
}

function peerOf(context: Context): string {
  return getConnInfo(context).remote.address ?? "unknown";
}

/** Whether a request came from this machine and from no proxy on it. */
function isLocal(context: Context): boolean {
  const peer = peerOf(context).replace(/^::ffff:/i, "");
  const isForwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].some((name) => context.req.header(name));
  return !isForwarded && (peer === "::1" || peer.startsWith("127."));
}

/** A page that resolves its own name to this machine is refused (DNS rebinding). */
function hostCheck({ host, publicUrl, allowedHosts }: ApiserverOptions): (host: string | undefined) => void {
  const own = publicUrl === undefined ? [] : [new URL(publicUrl).host];
  const guard = new HostGuard({ listenHost: host, allowedHosts: [...allowedHosts, ...own] });
  return (given) => guard.checkHost(given);
}
