import { AppError } from "../../core/errors.ts";
import { type RpcMessage, readMessage } from "../../protocol/json-rpc.ts";
import { isModern } from "../../protocol/modern-request.ts";
import type { GatewayState } from "../gateway-state.ts";
import { writeEmpty } from "./http-json.ts";
import { type Incoming, isModernByHeader } from "./incoming.ts";
import { deleteSession, openStandaloneStream, takeLegacyBatch, takeLegacyMessage } from "./legacy-http.ts";
import { answerModern } from "./modern-http.ts";
import { receiveMessage } from "./receive-message.ts";
import { refuse } from "./refuse.ts";

/** `<prefix>/mcp`: Streamable HTTP of every revision that has it. The body tells the era. */
export function serveMcp(state: GatewayState, incoming: Incoming): void {
  const { request, response, cors } = incoming;
  switch (request.method) {
    case "POST":
      receiveMessage(state, incoming, (body) => takeBody(state, incoming, body));
      return;
    case "GET":
      openStandaloneStream(state, incoming);
      return;
    case "DELETE":
      deleteSession(state, incoming);
      return;
    default: {
      const error = new AppError("method_not_allowed", "Use POST, GET or DELETE here.", { data: "POST, GET, DELETE" });
      refuse(state, { request, response, error, headers: cors });
    }
  }
}

function takeBody(state: GatewayState, incoming: Incoming, body: unknown): void {
  if (Array.isArray(body)) {
    takeLegacyBatch(state, incoming, body);
    return;
  }
  const message = readMessage(body);
  try {
    if (!isForModern(incoming, message)) takeLegacyMessage(state, incoming, message);
    else if (message.kind === "request") answerModern(state, incoming, message);
    // 2026-07-28 has no notification or response over HTTP that means anything: taken and dropped.
    else writeEmpty(incoming.response, 202, incoming.cors);
  } catch (error) {
    const { request, response, cors } = incoming;
    const id = message.kind === "request" ? message.id : undefined;
    refuse(state, { request, response, error, id, headers: cors });
  }
}

/** The body tells; a header that claims the modern era over a body without envelope is an error of that era. */
function isForModern(incoming: Incoming, message: RpcMessage): boolean {
  if (message.kind !== "response" && isModern(message.params)) return true;
  return isModernByHeader(incoming) && !(message.kind === "request" && message.method === "initialize");
}
