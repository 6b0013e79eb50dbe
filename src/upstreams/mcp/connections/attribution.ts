import type { McpCallContext } from "../../../core/mcp-call.ts";
import type { CallsUnderWay } from "./calls-under-way.ts";
import type { PendingCall } from "./pending-call.ts";

/** Whose call a message belongs to that names none: one call's, no call's, or that of one of several strangers. */
export type Attribution = PendingCall | "nobody" | "strangers";

/**
 * The legacy era does not say which request a question or log message of the server belongs to, unless it
 * comes on that request's own stream. It is the only call's under way; of several, the newest one's if one
 * client makes them all. It is never passed to somebody who may be the wrong one.
 *
 * @param calls those of clients, in the order in which they started
 */
export function attribute(calls: readonly PendingCall[]): Attribution {
  const newest = calls.at(-1);
  if (newest?.context === undefined) return "nobody";
  const { context } = newest;
  const isOneClient = calls.every((call) => call.context !== undefined && isSameClient(call.context, context));
  return isOneClient ? newest : "strangers";
}

/**
 * The same for a message that came on the own stream of a call, if it did.
 *
 * @param all the calls under way on the connection
 */
export function attributeOn(stream: PendingCall | undefined, all: CallsUnderWay): Attribution {
  if (stream === undefined) return attribute(all.ofClients());
  return stream.context === undefined ? "nobody" : stream;
}

function isSameClient(one: McpCallContext, other: McpCallContext): boolean {
  if (one === other) return true;
  if (one.sessionId !== undefined && one.sessionId === other.sessionId) return true;
  const { kind, id } = one.principal;
  return kind !== "anonymous" && kind === other.principal.kind && id === other.principal.id;
}
