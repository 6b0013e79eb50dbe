import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { answer } from "./shop-routes.ts";
import { createShopData } from "./shop-data.ts";

export interface DemoBackend {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Ends it with every connection. */
  close(): Promise<void>;
}

export interface DemoBackendOptions {
  /** 0 (when absent) takes a free port. */
  readonly port?: number;
  /** Pause between two steps of the turnover report; 400 when absent. */
  readonly stepMs?: number;
}

/** Starts the REST service of the demo, a small shop, on this machine only. */
export async function startDemoBackend(options: DemoBackendOptions = {}): Promise<DemoBackend> {
  const shop = { data: createShopData(), stepMs: options.stepMs ?? 400 };
  const server = createServer((request, response) => {
    answer(shop, request, response).catch(() => fail(request, response));
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

/** The client has gone, or what it sent could not be read: there is at most a status left to say. */
function fail(request: IncomingMessage, response: ServerResponse): void {
  request.destroy();
  if (response.headersSent) response.destroy();
  else response.writeHead(400).end();
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
