import { AppError } from "../../core/errors.ts";
import { encodeError, describeError, readMessage, rpcCodeOf, type RpcMessage } from "../../protocol/json-rpc.ts";
import type { GatewayState } from "../gateway-state.ts";
import type { ReplySink } from "../reply-sink.ts";
import type { Session } from "../sessions/session.ts";
import type { Incoming } from "./incoming.ts";
import { answerLegacy, readBatch, readHandshake, takeQuiet } from "./legacy-messages.ts";
import { receiveMessage } from "./receive-message.ts";
import { refuse } from "./refuse.ts";

const accepted = Buffer.from("Accepted");
const acceptedHeaders = ["Content-Type", "text/plain", "Content-Length", String(accepted.length)];

/** `<prefix>/message`: takes the messages of an HTTP+SSE session; answers come on its stream. */
export function serveMessage(state: GatewayState, incoming: Incoming): void {
  const { request, response, match, principal, cors } = incoming;
  try {
    if (request.method !== "POST") throw new AppError("method_not_allowed", "Post messages here.", { data: "POST" });
    const id = sessionIdOf(request.url ?? "");
    if (id === undefined) throw new AppError("bad_request", "The query parameter sessionId is missing.");
    const session = state.sessions.find(id, {
      transport: "sse",
      prefix: match.route.prefix,
      principal,
    });
    if (session === undefined) throw new AppError("session_not_found", "Session not found; open the stream again.");
    receiveMessage(state, incoming, (body) => takeBody(state, incoming, session, body));
  } catch (error) {
    refuse(state, { request, response, error, headers: cors });
  }
}

function sessionIdOf(target: string): string | undefined {
  const match = /[?&]sessionId=([A-Za-z0-9_-]{1,128})(?:&|$)/.exec(target);
  return match?.[1];
}

function takeBody(state: GatewayState, incoming: Incoming, session: Session, body: unknown): void {
  const messages = readMessages(body, session);
  const { response, cors } = incoming;
  response.writeHead(202, cors.length === 0 ? acceptedHeaders : [...acceptedHeaders, ...cors]);
  response.end(accepted);
  const sink = new ChannelSink(session);
  for (const message of messages) takeMessage(state, incoming, session, message, sink);
}

function readMessages(body: unknown, session: Session): RpcMessage[] {
  if (!Array.isArray(body)) return [readMessage(body)];
  return readBatch(body, session.rank);
}

function takeMessage(
  state: GatewayState,
  incoming: Incoming,
  session: Session,
  message: RpcMessage,
  sink: ReplySink,
): void {
  if (message.kind !== "request") {
    takeQuiet(session, message);
    return;
  }
  try {
    if (message.method === "initialize" && !session.initialized) session.accept(readHandshake(message.params));
    const { rank: receiver, protocolVersion } = session;
    answerLegacy({ state, incoming, session, rank: receiver, protocolVersion, sink }, message);
  } catch (error) {
    const { code, message: reason, data } = describeError(error);
    sink.reply(200, encodeError(message.id, rpcCodeOf(code), reason, data), "");
  }
}

/** Answers go out on the session's stream, whose events are never interleaved: no streamed results. */
class ChannelSink implements ReplySink {
  readonly acceptsMessages = true;
  readonly acceptsStream = false;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  send(message: string): void {
    this.#session.send(message);
  }

  reply(_httpStatus: number, head: string, tail: string | Buffer): void {
    this.#session.send(head + tail.toString());
  }

  stream(): void {
    throw new AppError("internal", "A streamed result on a shared stream.");
  }

  abandon(): void {
    // The client has cancelled: nothing is sent (specification, cancellation).
  }
}
