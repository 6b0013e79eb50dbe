import { AppError } from "../../core/errors.ts";
import { encodeEvent } from "../../protocol/event-stream.ts";
import { rank } from "../../protocol/revisions.ts";
import { EventWriter } from "../sessions/event-writer.ts";
import type { GatewayState } from "../gateway-state.ts";
import type { Incoming } from "./incoming.ts";
import { refuse } from "./refuse.ts";

/**
 * `<prefix>/sse`: opens an HTTP+SSE session (2024-11-05, transports). The first event names the
 * address that messages are posted to; the session lives as long as this stream.
 */
export function serveSse(state: GatewayState, incoming: Incoming): void {
  const { request, response, match, principal, cors } = incoming;
  try {
    if (request.method !== "GET") {
      // Clients of later revisions try POST first and fall back to GET on this status.
      throw new AppError("method_not_allowed", "Open the event stream with GET.", { data: "GET" });
    }
    if (state.draining) throw new AppError("overloaded", "This gateway is shutting down; connect again.");
    const session = state.sessions.create(
      {
        transport: "sse",
        prefix: match.route.prefix,
        serverKey: match.server.key,
        principal,
        rank: rank["2024-11-05"],
        protocolVersion: "2024-11-05",
        clientInfo: undefined,
        capabilities: {},
      },
      match.route.config.sessions,
    );
    const writer = new EventWriter({
      response,
      headers: cors,
      keepAlive: state.keepAlive,
      keepAliveMs: match.route.config.streams.keepAliveMs,
      onClose: () => state.sessions.delete(session),
    });
    session.openChannel({
      send: (message) => writer.write(encodeEvent(message)),
      close: (retryMs) => writer.end(retryMs),
    });
    writer.write(`event: endpoint\ndata: ${state.publicPath}${match.route.prefix}/message?sessionId=${session.id}\n\n`);
  } catch (error) {
    refuse(state, { request, response, error, headers: cors });
  }
}
