import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../core/errors.ts";
import type { Incoming } from "./endpoints/incoming.ts";
import { serveMcp } from "./endpoints/mcp-endpoint.ts";
import { serveMessage } from "./endpoints/message-endpoint.ts";
import { refuse } from "./endpoints/refuse.ts";
import { serveSse } from "./endpoints/sse-endpoint.ts";
import type { GatewayState } from "./gateway-state.ts";
import { authenticate } from "./guards/access-guard.ts";
import { answerPreflight, checkOrigin } from "./guards/cors.ts";
import { answerProbe } from "./probes.ts";
import { pathOf } from "./route-table.ts";

/**
 * Takes one HTTP request of the data plane: finds its route, lets the guards look at it and hands it
 * to its endpoint. Every answer, refusals included, is written below this function.
 */
export function handleRequest(state: GatewayState, request: IncomingMessage, response: ServerResponse): void {
  if (state.draining) response.setHeader("Connection", "close");
  let cors: readonly string[] = [];
  try {
    state.hostGuard.checkHost(request.headers.host);
    const path = pathOf(request.url ?? "/");
    const { snapshot } = state;
    const match = snapshot.routes.match(path);
    if (match === undefined) {
      if (answerProbe(state, path, response)) return;
      if (state.loading !== undefined) {
        // Its document may still be on the way.
        state.loading.wait(() => handleRequest(state, request, response));
        return;
      }
      throw new AppError("not_found", "Nothing is served at this path; servers answer at PREFIX/mcp and PREFIX/sse.");
    }
    cors = checkOrigin(request, match.route, state.hostGuard);
    if (request.method === "OPTIONS") {
      answerPreflight(request, response, cors);
      return;
    }
    if (state.loading !== undefined && !state.keys.isComplete && match.route.config.access !== "public") {
      state.loading.wait(() => handleRequest(state, request, response)); // its key may still be on the way
      return;
    }
    const principal = authenticate(request, match, state.keys);
    // The first call compiles the document; here, where a failure still becomes an answer.
    void match.server.document;
    serve(state, { request, response, path, principal, cors, match, snapshot });
  } catch (error) {
    refuse(state, { request, response, error, headers: cors });
  }
}

function serve(state: GatewayState, incoming: Incoming): void {
  switch (incoming.match.endpoint) {
    case "mcp":
      serveMcp(state, incoming);
      return;
    case "sse":
      serveSse(state, incoming);
      return;
    case "message":
      serveMessage(state, incoming);
      return;
  }
}
