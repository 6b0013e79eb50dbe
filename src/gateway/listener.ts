import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import { AppError } from "../core/errors.ts";

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly maxConnections: number;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** The response was sent, or its connection is gone. */
  readonly onResponseClosed?: (response: ServerResponse) => void;
}

/** A slow header or body is a slow-loris: these bound how long a half-sent request is waited for. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
const checkIntervalMs = 1_000;
/** Idle connections are looked for this often, … */
const idleSweepMs = 5_000;
/** … and closed after this many sweeps: later than load balancers do it, so that they close first. */
const maxIdleSweeps = 15;
const maxHeaderBytes = 16_384;
const maxHeaders = 200;
const pollMs = 20;

/** What is known of an open connection. */
interface Connection {
  readonly socket: Socket;
  /** Requests on it without a whole answer; more than one when the client pipelines. */
  active: number;
  /** The sweep before its last request. */
  usedAt: number;
}

const connectionOf = Symbol("connection");
type TrackedSocket = Socket & { [connectionOf]?: Connection };

/** The listening socket of a plane. Sockets that are open when it closes are ended politely first. */
export class Listener {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #sweepTimer: NodeJS.Timeout;
  #active = 0;
  #sweeps = 0;

  constructor(options: ListenerOptions) {
    this.#server = createServer(
      {
        headersTimeout: headersTimeoutMs,
        requestTimeout: requestTimeoutMs,
        connectionsCheckingInterval: checkIntervalMs,
        maxHeaderSize: maxHeaderBytes,
        // Of two Host or Authorization headers none is picked: joined they are nobody's (RFC 9112, 3.2).
        joinDuplicateHeaders: true,
        // Node's own timer is set and cleared with every request; one sweep for all costs nothing.
        keepAliveTimeout: 0,
        noDelay: true,
      },
      (request, response) => {
        this.#requestBegins(request.socket);
        response.on("close", onClose);
        options.onRequest(request, response);
      },
    );
    const { onResponseClosed } = options;
    const requestEnds = (socket: Socket): void => this.#requestEnds(socket);
    // One function for all responses instead of one each.
    function onClose(this: ServerResponse): void {
      requestEnds(this.req.socket);
      onResponseClosed?.(this);
    }
    this.#server.maxHeadersCount = maxHeaders;
    this.#server.maxConnections = options.maxConnections;
    this.#server.on("connection", (socket: TrackedSocket) => {
      const connection: Connection = { socket, active: 0, usedAt: this.#sweeps };
      socket[connectionOf] = connection;
      this.#connections.add(connection);
      socket.once("close", () => this.#connections.delete(connection));
    });
    this.#sweepTimer = setInterval(() => this.#closeIdle(), idleSweepMs).unref();
  }

  /** @throws AppError `invalid_configuration` when the address cannot be had. */
  static open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    return new Promise((resolve, reject) => {
      const { host, port } = options;
      listener.#server.once("error", (cause: NodeJS.ErrnoException) => {
        reject(
          new AppError("invalid_configuration", `Cannot listen on ${host}:${port}: ${reasonOf(cause)}.`, { cause }),
        );
      });
      listener.#server.listen(port, host, () => resolve(listener));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // listening on TCP, so it is an AddressInfo
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Requests that have no whole answer yet, open streams included. */
  get activeRequests(): number {
    return this.#active;
  }

  /**
   * Takes no new connections but answers what comes on open ones: idle keep-alive sockets may carry
   * a request that is on its way, so they are not destroyed here.
   */
  stopAccepting(): void {
    NetServer.prototype.close.call(this.#server);
  }

  /** Waits until nothing is being answered or `deadlineAt` (`performance.now()`) has come, then ends every socket. */
  async close(deadlineAt: number): Promise<void> {
    while (this.#active > 0 && performance.now() < deadlineAt) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    this.#server.closeIdleConnections();
    this.#server.closeAllConnections();
    clearInterval(this.#sweepTimer);
    for (const { socket } of this.#connections) socket.destroy();
    if (this.#server.listening) this.stopAccepting();
  }

  #requestBegins(socket: TrackedSocket): void {
    this.#active++;
    const connection = socket[connectionOf];
    if (connection === undefined) return;
    connection.active++;
    connection.usedAt = this.#sweeps;
  }

  #requestEnds(socket: TrackedSocket): void {
    this.#active--;
    const connection = socket[connectionOf];
    if (connection !== undefined) connection.active--;
  }

  #closeIdle(): void {
    const oldest = ++this.#sweeps - maxIdleSweeps;
    for (const { socket, active, usedAt } of this.#connections) {
      if (active === 0 && usedAt < oldest) socket.end();
    }
  }
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "EADDRINUSE":
      return "the port is in use; choose another one with --port";
    case "EACCES":
      return "this port needs privileges; choose one above 1023";
    case "EADDRNOTAVAIL":
      return "this machine has no such address";
    default:
      return error.code ?? "unknown reason";
  }
}
