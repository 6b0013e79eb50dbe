import { isIP, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { buildConnector } from "undici";
import { AppError } from "../../core/errors.ts";
import type { ProbeStep } from "../../core/upstream-probe.ts";
import type { EgressGuard, ResolvedAddress } from "../egress-guard.ts";
import { describeFailure, type FailureWords } from "../http/failure.ts";
import { guardedConnector } from "../socket/guarded-connector.ts";
import type { ProxyAddress } from "../socket/proxy-tunnel.ts";
import type { TlsMaterial } from "../socket/tls-material.ts";
import type { StepMaker } from "./step-maker.ts";

export interface NetworkTarget {
  readonly url: URL;
  /** Addresses of a host that is a secret are not shown. */
  readonly hidesHost: boolean;
  readonly guard: EgressGuard;
  readonly connectTimeoutMs: number;
  readonly loadTls: () => TlsMaterial;
  readonly proxy: ProxyAddress | undefined;
  readonly words: FailureWords;
}

/** Resolving has no limit of its own. */
const dnsMs = 10_000;
/** A certificate that ends sooner is worth a warning. */
const soonMs = 14 * 86_400_000;

/**
 * DNS, TCP and TLS with the connector that calls use. The socket is closed again.
 *
 * @returns whether the host can be reached
 */
export async function* probeNetwork(
  target: NetworkTarget,
  steps: StepMaker,
): AsyncGenerator<ProbeStep, boolean, undefined> {
  const isNamed = yield* probeName(target, steps);
  if (!isNamed) return false;
  let socket: Socket | undefined;
  try {
    const { guard, connectTimeoutMs, proxy, loadTls } = target;
    const connect = guardedConnector({
      guard,
      connectTimeoutMs,
      tls: loadTls(),
      trustsUnresolved: true,
      ...(proxy === undefined ? {} : { proxy }),
    });
    steps.begin();
    socket = await open(connect, { ...addressOf(target.url), protocol: "http:" });
    yield steps.step("tcp", { outcome: "ok", message: describeConnection(target, socket) });
    if (target.url.protocol !== "https:") {
      yield steps.skipped("tls", "The URL begins with http://: nothing is encrypted.");
      return true;
    }
    socket = await secure(target, socket);
    yield steps.step("tls", describeTls(socket));
    return true;
  } catch (error) {
    yield steps.failed(socket === undefined ? "tcp" : "tls", describeFailure(error, target.words).error, "");
    return false;
  } finally {
    socket?.destroy();
  }
}

async function* probeName(
  { url, guard, proxy, hidesHost, words }: NetworkTarget,
  steps: StepMaker,
): AsyncGenerator<ProbeStep, boolean, undefined> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(hostname) !== 0) {
    const refusal = guard.judgeLiteral(hostname);
    if (refusal === undefined) yield steps.skipped("dns", "The URL holds an address, not a name.");
    else yield steps.failed("dns", refusal, "");
    return refusal === undefined;
  }
  try {
    const addresses = await resolve(guard, hostname);
    const message = `The name has ${addresses.length} ${addresses.length === 1 ? "address" : "addresses"} that may be reached.`;
    const details = { addresses: addresses.map(({ address }) => address).join(", ") };
    yield steps.step("dns", { outcome: "ok", message, ...(hidesHost ? {} : { details }) });
    return true;
  } catch (error) {
    if (proxy !== undefined && !(error instanceof AppError)) {
      yield steps.skipped("dns", "The name is not known here; it is left to the proxy.");
      return true;
    }
    yield steps.failed("dns", describeFailure(error, words).error, "");
    return false;
  }
}

function resolve(guard: EgressGuard, hostname: string): Promise<readonly ResolvedAddress[]> {
  return new Promise((settle, reject) => {
    const timer = setTimeout(
      () => reject(new AppError("timed_out", `The name was not resolved within ${dnsMs} ms. Check the resolver.`)),
      dnsMs,
    );
    guard.resolve(hostname, (error, addresses) => {
      clearTimeout(timer);
      if (error === null) settle(addresses);
      else reject(error);
    });
  });
}

function addressOf(url: URL): Omit<buildConnector.Options, "protocol"> {
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return { hostname: url.hostname, host: url.host, port };
}

function open(connect: buildConnector.connector, target: buildConnector.Options): Promise<Socket> {
  return new Promise((settle, reject) => {
    connect(target, (...outcome) => {
      if (outcome[0] === null) settle(outcome[1]);
      else reject(outcome[0]);
    });
  });
}

/** TLS over a socket that stands, end to end also through a proxy. */
function secure({ url, guard, connectTimeoutMs, loadTls }: NetworkTarget, httpSocket: Socket): Promise<Socket> {
  const connect = guardedConnector({ guard, connectTimeoutMs, tls: loadTls(), trustsUnresolved: true });
  return open(connect, { ...addressOf(url), protocol: "https:", httpSocket });
}

function describeConnection({ proxy, hidesHost }: NetworkTarget, { remoteAddress, remotePort }: Socket): string {
  if (proxy !== undefined) return "The proxy has opened a connection.";
  return hidesHost
    ? "The connection stands."
    : `The connection with ${remoteAddress ?? "?"}, port ${remotePort ?? "?"}, stands.`;
}

function describeTls(socket: Socket): ReturnType<typeof describeCertificate> {
  if (!(socket instanceof TLSSocket)) throw new AppError("internal", "TLS gives a TLS socket.");
  return describeCertificate(socket);
}

function describeCertificate(socket: TLSSocket): {
  readonly outcome: "ok" | "warning";
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
} {
  const { subject, issuer, valid_to: validTo } = socket.getPeerCertificate();
  const details = {
    protocol: socket.getProtocol() ?? "unknown",
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    validTo,
  };
  const leftMs = Date.parse(validTo) - Date.now();
  if (leftMs > soonMs) return { outcome: "ok", message: `The certificate is accepted, until ${validTo}.`, details };
  return { outcome: "warning", message: `The certificate ends on ${validTo}. Renew it soon.`, details };
}

function nameOf(name: { readonly CN?: string | string[]; readonly O?: string | string[] } | undefined): string {
  return [name?.CN ?? name?.O ?? "unknown"].flat().join(", ");
}
