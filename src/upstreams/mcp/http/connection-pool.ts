import type { buildConnector } from "undici";
import { AppError } from "../../../core/errors.ts";
import { Connection } from "../../socket/connection.ts";

export interface ConnectionPoolOptions {
  readonly origin: string;
  /** Most connections that are kept when idle. */
  readonly mostIdle: number;
  /** Called once, when the first connection is needed: certificates may have to be read from files. */
  readonly connector: () => buildConnector.connector;
  /** For messages: "The upstream `files`". */
  readonly label: string;
}

/**
 * Keep-alive connections to one URL, one request on each; the one that was used last is used first, and
 * the others close by themselves. A pool of undici would do but for streams that stay open: it looks for
 * a free connection among all, and it cannot let a call that became a stream make room for another.
 * How many there are at once is up to its user.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  #connector: buildConnector.connector | undefined;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  #closing: Promise<void> | undefined;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** Connections with a request on them. */
  get busy(): number {
    return this.#all.size - this.#idle.length;
  }

  /** A free connection; `give` it back. Fails with `AppError("upstream_failed")`: certificates, or closed. */
  take(): Connection {
    if (this.#closing !== undefined) {
      const message = `${this.#options.label} is being closed because its configuration changed.`;
      throw new AppError("upstream_failed", message);
    }
    return this.#idle.pop() ?? this.#open();
  }

  /** The request on it is over, in whatever way; undici may still be tidying up behind it. */
  give(connection: Connection): void {
    if (this.#closing !== undefined) return;
    if (this.#idle.length < this.#options.mostIdle) {
      this.#idle.push(connection);
      return;
    }
    this.#all.delete(connection);
    // Nothing is on it, so this only closes its socket, which never fails.
    void connection.close();
  }

  /** Lets requests under way finish for `deadlineMs`, then cuts them. May be called twice. */
  close(deadlineMs: number): Promise<void> {
    this.#closing ??= closeAll([...this.#all], deadlineMs);
    return this.#closing;
  }

  #open(): Connection {
    this.#connector ??= this.#options.connector();
    const connection = new Connection(this.#options.origin, {
      pipelining: 1,
      // Calls have one deadline of their own, which also covers reading; undici's timers would cost more.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: this.#connector,
    });
    this.#all.add(connection);
    return connection;
  }
}

async function closeAll(connections: readonly Connection[], deadlineMs: number): Promise<void> {
  const deadline = setTimeout(() => {
    for (const connection of connections) void connection.destroy();
  }, deadlineMs);
  await Promise.all(connections.map((connection) => connection.close()));
  clearTimeout(deadline);
}
