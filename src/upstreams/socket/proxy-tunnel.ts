import { request as httpRequest } from "node:http";
import { isIP, type Socket } from "node:net";
import { AppError } from "../../core/errors.ts";
import type { EgressGuard } from "../egress-guard.ts";
import { socksConnect } from "./socks5.ts";

export interface ProxyAddress {
  readonly kind: "http" | "socks5";
  /** Whether the connection to the proxy itself is TLS. */
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/**
 * The proxy that a setting names, if it has a value. Fails with `AppError("invalid_configuration")` that
 * names the setting, such as `upstreams.crm.proxy`, and not its value.
 */
export function proxyOf(text: string | undefined, setting: string): ProxyAddress | undefined {
  if (text === undefined) return undefined;
  const proxy = parseProxy(text);
  if (proxy !== undefined) return proxy;
  throw new AppError("invalid_configuration", `\`${setting}\` is no http:, https: or socks5: URL.`);
}

export interface TunnelTarget {
  readonly hostname: string;
  readonly port: number;
}

export interface OpenTunnel {
  readonly proxy: ProxyAddress;
  readonly guard: EgressGuard;
  readonly timeoutMs: number;
  readonly trustsUnresolved: boolean;
  connectToProxy(callback: (...args: [Error, null] | [null, Socket]) => void): void;
}

/** Reads `http:`, `https:` and `socks5:` URLs. `undefined` when the text is none. */
export function parseProxy(text: string): ProxyAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const kind = { "http:": "http", "https:": "http", "socks5:": "socks5" }[url.protocol];
  if ((kind !== "http" && kind !== "socks5") || url.hostname === "") return undefined;
  const usual = { "http:": 80, "https:": 443, "socks5:": 1080 }[url.protocol] ?? 0;
  return {
    kind,
    secure: url.protocol === "https:",
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? usual : Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

/**
 * Opens a byte stream to the target through the proxy: CONNECT (RFC 9110, 9.3.6) for http: and https:
 * targets alike, or SOCKS5 (RFC 1928). The target is judged by the guard before the proxy hears of it;
 * a SOCKS5 proxy then gets a judged address, so that it cannot resolve the name differently.
 */
export async function openTunnel(options: OpenTunnel, target: TunnelTarget): Promise<Socket> {
  const address = await judgedAddress(options, target.hostname);
  const socket = await connectToProxy(options);
  const deadline = setTimeout(() => {
    socket.destroy(new AppError("upstream_failed", `The proxy did not open a tunnel within ${options.timeoutMs} ms.`));
  }, options.timeoutMs);
  try {
    if (options.proxy.kind === "http") return await httpConnect(options.proxy, socket, target);
    await socksConnect(socket, { host: address ?? target.hostname, port: target.port }, options.proxy);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

/** An address of the target that may be reached; `undefined` when only the proxy can resolve the name. */
function judgedAddress(options: OpenTunnel, hostname: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const refusal = options.guard.judgeLiteral(hostname);
    if (refusal !== undefined) return reject(refusal);
    if (isIP(hostname) !== 0) return resolve(hostname);
    options.guard.resolve(hostname, (error, addresses) => {
      if (error === null) resolve(addresses[0]?.address);
      else if (error instanceof AppError || !options.trustsUnresolved) reject(error);
      else resolve(undefined);
    });
  });
}

function connectToProxy(options: OpenTunnel): Promise<Socket> {
  return new Promise((resolve, reject) => {
    options.connectToProxy((...args) => {
      if (args[0] === null) resolve(args[1]);
      else reject(args[0]);
    });
  });
}

function httpConnect(proxy: ProxyAddress, socket: Socket, target: TunnelTarget): Promise<Socket> {
  const host = isIP(target.hostname) === 6 ? `[${target.hostname}]` : target.hostname;
  const authority = `${host}:${target.port}`;
  const headers: Record<string, string> = { host: authority };
  if (proxy.username !== "" || proxy.password !== "") {
    const credentials = Buffer.from(`${proxy.username}:${proxy.password}`).toString("base64");
    headers["proxy-authorization"] = `Basic ${credentials}`;
  }
  return new Promise((resolve, reject) => {
    const request = httpRequest({ method: "CONNECT", path: authority, headers, createConnection: () => socket });
    request.once("error", reject);
    // Node emits this for every status; only a 2xx opens the tunnel.
    request.once("connect", (response, tunnel, head) => {
      if (response.statusCode === undefined || response.statusCode < 200 || response.statusCode > 299) {
        tunnel.destroy();
        reject(tunnelRefused(response.statusCode));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.end();
  });
}

function tunnelRefused(status: number | undefined): AppError {
  const hint = status === 407 ? " Put a user name and password into the proxy's URL." : "";
  return new AppError("upstream_failed", `The proxy refused to open a tunnel: HTTP ${status ?? "?"}.${hint}`);
}
