import { errors, Pool } from "undici";
import type { EgressGuard } from "../egress-guard.ts";
import { Connection } from "../socket/connection.ts";
import { guardedConnector } from "../socket/guarded-connector.ts";
import type { ProxyAddress } from "../socket/proxy-tunnel.ts";
import type { TlsMaterial } from "../socket/tls-material.ts";

export interface OriginPoolsOptions {
  /** The origin of baseUrl. Only it gets the client certificate and the configured server name. */
  readonly origin: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly guard: EgressGuard;
  readonly proxy: ProxyAddress | undefined;
  /** Called once, when the first socket is needed: certificates may have to be read from files. */
  readonly loadTls: () => TlsMaterial;
}

/** Redirects may lead anywhere, so the sockets that they leave behind are bounded. */
const mostForeignOrigins = 16;
const connectionsToForeignOrigin = 8;

/** Keep-alive sockets of one upstream, a pool per origin, opened when first needed. */
export class OriginPools {
  readonly #options: OriginPoolsOptions;
  #main: Pool | undefined;
  readonly #foreign = new Map<string, Pool>();
  #tls: TlsMaterial | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: OriginPoolsOptions) {
    this.#options = options;
  }

  /**
   * Fails with `AppError("upstream_failed")` when a certificate file cannot be read, and with undici's
   * `ClientClosedError` instead of opening a pool that nobody would close.
   */
  get(origin: string): Pool {
    if (origin === this.#options.origin) {
      this.#main ??= this.#open(origin, this.#options.connections);
      return this.#main;
    }
    let pool = this.#foreign.get(origin);
    if (pool === undefined) {
      this.#dropOldest();
      pool = this.#open(origin, connectionsToForeignOrigin);
      this.#foreign.set(origin, pool);
    }
    return pool;
  }

  /** Lets requests under way finish for `deadlineMs`, then cuts them. May be called twice. */
  close(deadlineMs: number): Promise<void> {
    this.#closing ??= Promise.all(this.#all().map((pool) => closePool(pool, deadlineMs))).then(() => undefined);
    return this.#closing;
  }

  #all(): readonly Pool[] {
    return this.#main === undefined ? [...this.#foreign.values()] : [this.#main, ...this.#foreign.values()];
  }

  #open(origin: string, connections: number): Pool {
    const { guard, connectTimeoutMs, proxy, loadTls } = this.#options;
    if (this.#closing !== undefined) throw new errors.ClientClosedError();
    this.#tls ??= loadTls();
    const isOwn = origin === this.#options.origin;
    const { ca } = this.#tls;
    return new Pool(origin, {
      connections,
      factory: (url, options) => new Connection(url, options),
      pipelining: 1,
      // Calls have one deadline of their own, which also covers reading; undici's timers would cost more.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: guardedConnector({
        guard,
        connectTimeoutMs,
        tls: isOwn ? this.#tls : ca === undefined ? {} : { ca },
        trustsUnresolved: isOwn,
        ...(proxy === undefined ? {} : { proxy }),
      }),
    });
  }

  #dropOldest(): void {
    if (this.#foreign.size < mostForeignOrigins) return;
    for (const [origin, pool] of this.#foreign) {
      this.#foreign.delete(origin);
      // Requests under way in it finish; undici then closes its sockets. Closing a pool never fails.
      void pool.close();
      return;
    }
  }
}

async function closePool(pool: Pool, deadlineMs: number): Promise<void> {
  const deadline = setTimeout(() => {
    void pool.destroy();
  }, deadlineMs);
  await pool.close();
  clearTimeout(deadline);
}
