import type { Socket } from "node:net";
import { callbackify } from "node:util";
import { buildConnector } from "undici";
import type { EgressGuard } from "../egress-guard.ts";
import { type OpenTunnel, openTunnel, type ProxyAddress } from "./proxy-tunnel.ts";
import type { TlsMaterial } from "./tls-material.ts";

export interface ConnectorOptions {
  readonly guard: EgressGuard;
  readonly connectTimeoutMs: number;
  readonly tls: TlsMaterial;
  readonly proxy?: ProxyAddress;
  /** Through a proxy: whether a target name that this machine cannot resolve is left to the proxy. */
  readonly trustsUnresolved: boolean;
}

/**
 * A socket that is silent for so long is probed by the kernel, each second and ten times, so that a peer
 * which went away without a word is noticed within half a minute also where nothing is sent: under a
 * stream that stays open.
 */
const keepAliveDelayMs = 15_000;

/**
 * How an undici pool opens its sockets: judged by the egress guard, straight to the target or through
 * a proxy. TLS is always with the target, end to end. Fails with `EgressRefusal`, with `AppError` of
 * the proxy, or with what Node's socket says.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { guard, connectTimeoutMs, tls, proxy } = options;
  const connect = buildConnector({
    ...tls,
    timeout: connectTimeoutMs,
    lookup: guard.lookup,
    keepAliveInitialDelay: keepAliveDelayMs,
  });
  // The lookup is not called for literals (net.connect), so these are judged first.
  const connectDirectly: buildConnector.connector = (target, callback) => {
    const refusal = guard.judgeLiteral(target.hostname);
    if (refusal !== undefined) callback(refusal, null);
    else connect(target, callback);
  };
  if (proxy === undefined) return connectDirectly;

  const tunnel: OpenTunnel = {
    proxy,
    guard,
    timeoutMs: connectTimeoutMs,
    trustsUnresolved: options.trustsUnresolved,
    connectToProxy: (callback) =>
      connectDirectly(
        {
          hostname: proxy.hostname,
          host: proxy.hostname,
          protocol: proxy.secure ? "https:" : "http:",
          port: String(proxy.port),
        },
        callback,
      ),
  };
  return (target, callback) => {
    const port = target.port === "" ? (target.protocol === "https:" ? 443 : 80) : Number(target.port);
    open(tunnel, { hostname: target.hostname, port }, (error: Error | null, socket: Socket) => {
      if (error !== null) callback(error, null);
      else if (target.protocol === "https:") connect({ ...target, httpSocket: socket }, callback);
      else callback(null, socket);
    });
  };
}

const open = callbackify(openTunnel);
