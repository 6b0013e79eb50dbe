import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import { AppError } from "../core/errors.ts";

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly maxConnections: number;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A slow header or body is a slow-loris: these bound how long a half-sent request is waited for. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
const checkIntervalMs = 1_000;
/** Longer than load balancers keep idle connections, so that they close first. */
const keepAliveTimeoutMs = 75_000;
const maxHeaderBytes = 16_384;
const maxHeaders = 200;
const pollMs = 20;

/** The listening socket of a plane. Sockets that are open when it closes are ended politely first. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #active = 0;

  constructor(options: ListenerOptions) {
    this.#server = createServer(
      {
        headersTimeout: headersTimeoutMs,
        requestTimeout: requestTimeoutMs,
        connectionsCheckingInterval: checkIntervalMs,
        maxHeaderSize: maxHeaderBytes,
        keepAliveTimeout: keepAliveTimeoutMs,
        noDelay: true,
      },
      (request, response) => {
        this.#active++;
        response.once("close", () => this.#active--);
        options.onRequest(request, response);
      },
    );
    this.#server.maxHeadersCount = maxHeaders;
    this.#server.maxConnections = options.maxConnections;
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
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
    return this.#sockets.size;
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
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) this.stopAccepting();
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
