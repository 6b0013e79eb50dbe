import { AppError } from "../../core/errors.ts";
import { parseStrictJson } from "../../protocol/strict-json.ts";
import { authenticate } from "../guards/access-guard.ts";
import type { GatewayState } from "../gateway-state.ts";
import type { Incoming } from "./incoming.ts";
import { readBody } from "./read-body.ts";
import { refuse } from "./refuse.ts";

/**
 * Reads and parses the JSON body of a POST, then hands it on together with the route as it is served
 * by then. Refusals are answered here.
 */
export function receiveMessage(state: GatewayState, incoming: Incoming, onMessage: (body: unknown) => void): void {
  const { request, response, cors } = incoming;
  if (!isJson(request.headers["content-type"])) {
    const error = new AppError("unsupported_media_type", "Content-Type must be application/json.");
    refuse(state, { request, response, error, headers: cors });
    return;
  }
  readBody(request, incoming.match.route.config.maxBodyBytes, (tooLarge, body) => {
    try {
      if (tooLarge !== undefined) throw tooLarge;
      const value = parseStrictJson(body);
      refreshMatch(state, incoming);
      onMessage(value);
    } catch (error) {
      refuse(state, { request, response, error, headers: cors });
    }
  });
}

function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  return contentType === "application/json" || /^application\/json\s*(;|$)/i.test(contentType);
}

/**
 * A reload, or the end of a key, may have come between the headers and the body: a message is answered from
 * one snapshot, and for a caller who may call it.
 */
function refreshMatch(state: GatewayState, incoming: Incoming): void {
  if (incoming.snapshot === state.snapshot && state.keys.isCurrent(incoming.principal)) return;
  const match = state.snapshot.routes.match(incoming.path);
  if (match === undefined) throw new AppError("not_found", "Nothing is served at this path any more.");
  incoming.match = match;
  incoming.snapshot = state.snapshot;
  incoming.principal = authenticate(incoming.request, match, state.keys);
}
