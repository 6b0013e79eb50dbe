import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { AppError } from "../core/errors.ts";

/** A slow header or body is a slow-loris: these bound how long a half-sent request is waited for. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
const checkIntervalMs = 1_000;
/** Longer than load balancers keep idle connections, so that they close first. */
const keepAliveTimeoutMs = 75_000;
const maxHeaderBytes = 16_384;
const maxHeaders = 100;
const maxConnections = 5_000;

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly fetch: Parameters<typeof getRequestListener>[0];
}

/** A listening server that ends politely. */
export interface DrainingServer {
  readonly port: number;
  readonly isDraining: boolean;
  /** Requests without a whole answer. */
  readonly activeRequests: number;
  /** Takes no new connections, lets running requests finish for `deadlineMs`, then ends every socket. */
  close(deadlineMs: number): Promise<void>;
}

/** @throws AppError `invalid_configuration` when the address cannot be had. */
export async function listen({ host, port, fetch }: ListenOptions): Promise<DrainingServer> {
  const answer = getRequestListener(fetch, { overrideGlobalObjects: false });
  let active = 0;
  let isDraining = false;
  let onIdle: (() => void) | undefined;
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: checkIntervalMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
      // Of two Host or Authorization headers none is picked: joined they are nobody's (RFC 9112, 3.2).
      joinDuplicateHeaders: true,
    },
    (request, response) => {
      active++;
      if (isDraining) response.setHeader("connection", "close");
      response.once("close", () => {
        active--;
        if (!isDraining) return;
        server.closeIdleConnections();
        if (active === 0) onIdle?.();
      });
      void answer(request, response); // it answers its own failures
    },
  );
  server.maxHeadersCount = maxHeaders;
  server.maxConnections = maxConnections;
  await startListening(server, host, port);
  return {
    port: (server.address() as AddressInfo).port, // listening on TCP, so it is an AddressInfo
    get isDraining() {
      return isDraining;
    },
    get activeRequests() {
      return active;
    },
    close: async (deadlineMs) => {
      isDraining = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      if (active > 0) await firstOf(deadlineMs, (done) => (onIdle = done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function startListening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === "EADDRINUSE" ? "the port is in use; choose another one" : (cause.code ?? "unknown");
      reject(new AppError("invalid_configuration", `Cannot listen on ${host}:${port}: ${reason}.`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function firstOf(deadlineMs: number, subscribe: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, deadlineMs);
    subscribe(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
