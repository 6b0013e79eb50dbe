import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../../core/errors.ts";
import type { CompiledRoute } from "../compile/compiled-server.ts";
import type { HostGuard } from "../../access/host-guard.ts";

const none: readonly string[] = [];
const exposed = "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, X-Request-Id";
const methods = "GET, POST, DELETE, OPTIONS";
const maxAgeSeconds = "600";

/**
 * Checks the Origin of a request and gives the CORS headers of its response. Requests without an
 * Origin do not come from a web page.
 *
 * @throws AppError `forbidden` (403, specification, transports) when the page may not call.
 */
export function checkOrigin(request: IncomingMessage, route: CompiledRoute, guard: HostGuard): readonly string[] {
  const { origin } = request.headers;
  if (origin === undefined) return none;
  if (!guard.allowsOrigin(origin, route.config.origins)) {
    throw new AppError(
      "forbidden",
      "Web pages of this origin may not call here; the operator can add it to the route's origins.",
    );
  }
  return ["Access-Control-Allow-Origin", origin, "Vary", "Origin", "Access-Control-Expose-Headers", exposed];
}

/** Answers a preflight request whose Origin was found to be allowed. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse, cors: readonly string[]): void {
  const requested = request.headers["access-control-request-headers"];
  response.writeHead(204, [
    ...cors,
    "Access-Control-Allow-Methods",
    methods,
    // The route decides who may call; which headers they send decides nothing.
    "Access-Control-Allow-Headers",
    typeof requested === "string" && /^[A-Za-z0-9\-_, ]{1,1000}$/.test(requested) ? requested : "Content-Type",
    "Access-Control-Max-Age",
    maxAgeSeconds,
    "Content-Length",
    "0",
  ]);
  response.end();
}
