import { performance } from "node:perf_hooks";
import { AppError } from "../../../core/errors.ts";
import { EgressGuard, type Resolve } from "../../egress-guard.ts";
import { Admission } from "../../http/admission.ts";
import { Deadlines } from "../../http/deadlines.ts";
import { guardedConnector } from "../../socket/guarded-connector.ts";
import type { ProxyAddress } from "../../socket/proxy-tunnel.ts";
import type { TlsMaterial } from "../../socket/tls-material.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { HttpTarget } from "./http-target.ts";
import { IdentityHeaders } from "./identity-headers.ts";
import type { HttpIdentity, McpHttpClient, McpHttpTarget, UrlStatus } from "./mcp-http-client.ts";
import { UrlHealth } from "./url-health.ts";
import type { UrlLine } from "./url-line.ts";

/** One URL of a server, checked: `http:` or `https:`, without user name and password. */
export interface McpUrl {
  readonly url: URL;
  /** How it may be shown: origin and path, or something that hides a secret. */
  readonly shown: string;
}

export interface McpHttpOptions {
  /** At least one. */
  readonly urls: readonly McpUrl[];
  /** Most calls under way at once at each URL, and most idle sockets. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly maxMessageBytes: number;
  /** CIDR ranges that may be reached although they are not public. */
  readonly allow: readonly string[];
  readonly proxy: ProxyAddress | undefined;
  /** Called when the first socket to a URL is needed: certificates may have to be read from files. */
  readonly loadTls: () => TlsMaterial;
  /** For messages: "The upstream `files`". */
  readonly label: string;
  /** The document's key for messages: "upstreams.files". */
  readonly key: string;
  /** Milliseconds on a clock that never goes back; `performance.now` without it. */
  readonly now?: () => number;
  /** From 0 up to 1; `Math.random` without it. */
  readonly random?: () => number;
  /** The system's resolver without it. */
  readonly resolve?: Resolve;
}

/** A URL with what is shown of it. */
type Replica = UrlLine & { readonly shown: string };

/** The sockets to one MCP server. Nothing is connected before the first exchange. */
export function openMcpHttp(options: McpHttpOptions): McpHttpClient {
  return new Client(options);
}

class Client implements McpHttpClient {
  readonly #replicas: readonly Replica[];
  readonly #headers = new WeakMap<HttpIdentity, IdentityHeaders>();
  /** Where the search begins, so that connections to equal URLs take turns. */
  #turn = 0;

  constructor(options: McpHttpOptions) {
    const guard = new EgressGuard({
      allow: options.allow,
      key: `${options.key}.egress.allow`,
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    });
    const lingering = new Deadlines(options.now ?? (() => performance.now()));
    this.#replicas = options.urls.map((url, index) => openReplica(options, url, index, { guard, lingering }));
  }

  pick(identity: HttpIdentity): McpHttpTarget {
    let headers = this.#headers.get(identity);
    if (headers === undefined) {
      headers = new IdentityHeaders(identity);
      this.#headers.set(identity, headers);
    }
    return new HttpTarget(this.#choose(), headers, identity);
  }

  status(): readonly UrlStatus[] {
    return this.#replicas.map(({ shown, health }) => ({
      url: shown,
      state: health.ejectedForMs > 0 ? "ejected" : "up",
      failures: health.failures,
    }));
  }

  async close(deadlineMs: number): Promise<void> {
    await Promise.all(this.#replicas.map(({ pool }) => pool.close(deadlineMs)));
  }

  #choose(): Replica {
    const { length } = this.#replicas;
    this.#turn = (this.#turn + 1) % length;
    let best: Replica | undefined;
    for (let step = 0; step < length; step++) {
      const replica = this.#replicas[(this.#turn + step) % length];
      if (replica !== undefined && (best === undefined || isBetter(replica, best))) best = replica;
    }
    if (best === undefined) throw new AppError("invalid_configuration", "An MCP upstream has no URL.");
    return best;
  }
}

/** What may be used soonest, then what is least busy. */
function isBetter(candidate: Replica, best: Replica): boolean {
  const difference = candidate.health.ejectedForMs - best.health.ejectedForMs;
  return difference === 0 ? candidate.pool.busy < best.pool.busy : difference < 0;
}

interface Shared {
  readonly guard: EgressGuard;
  readonly lingering: Deadlines;
}

function openReplica(options: McpHttpOptions, { url, shown }: McpUrl, index: number, shared: Shared): Replica {
  const { label, key, connections, connectTimeoutMs, proxy, loadTls, maxMessageBytes } = options;
  const now = options.now ?? (() => performance.now());
  const { guard, lingering } = shared;
  const connector = (): ReturnType<typeof guardedConnector> =>
    guardedConnector({
      guard,
      connectTimeoutMs,
      tls: loadTls(),
      trustsUnresolved: true,
      ...(proxy === undefined ? {} : { proxy }),
    });
  return {
    url,
    shown,
    words: { label, key, addressKey: index === 0 ? `${key}.url` : `${key}.replicas[${index - 1}]` },
    maxMessageBytes,
    pool: new ConnectionPool({ origin: url.origin, mostIdle: connections, connector, label }),
    admission: new Admission(connections),
    health: new UrlHealth({ now, random: options.random ?? Math.random }),
    lingering,
    now,
  };
}
