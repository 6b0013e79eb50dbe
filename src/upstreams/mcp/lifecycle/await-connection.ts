import { AppError } from "../../../core/errors.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import type { McpConnection } from "../connection.ts";
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
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      cancelTimer();
      context.abort = undefined;
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const cancelTimer = clock.after(Math.max(0, context.deadlineAt - clock.now()), () =>
      fail(new AppError("timed_out", `${label} was not connected within the time of the call.`)),
    );
    context.abort = () => fail(new AppError("cancelled", "The call was cancelled."));
    slot.open().then((connection) => {
      settle();
      resolve(connection);
    }, fail);
  });
}
