import type { McpCallContext } from "../../../core/mcp-call.ts";
import type { McpConnection } from "../connection.ts";
import { awaitInCall } from "./await-in-call.ts";
import type { Clock } from "./clock.ts";
import type { ConnectionSlot } from "./connection-slot.ts";

/**
 * Waits for the connection of a slot until the call's deadline, or until the client has cancelled.
 * Rejects as `ConnectionSlot.open`, with `timed_out` or with `cancelled`.
 */
export function awaitConnection(
  slot: ConnectionSlot,
  context: McpCallContext,
  clock: Clock,
  label: string,
): Promise<McpConnection> {
  return awaitInCall(slot.open(), context, clock, `${label} was not connected within the time of the call.`);
}
