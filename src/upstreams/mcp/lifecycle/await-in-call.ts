import { AppError } from "../../../core/errors.ts";
import type { McpCallContext } from "../../../core/mcp-call.ts";
import type { Clock } from "./clock.ts";

/**
 * Waits for something that a call needs before it can be sent, until the call's deadline or until the
 * client has cancelled. Rejects as the promise, with `timed_out` and this message, or with `cancelled`.
 */
export function awaitInCall<T>(
  promise: Promise<T>,
  context: McpCallContext,
  clock: Clock,
  lateMessage: string,
): Promise<T> {
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
      fail(new AppError("timed_out", lateMessage)),
    );
    context.abort = () => fail(new AppError("cancelled", "The call was cancelled."));
    promise.then((value) => {
      settle();
      resolve(value);
    }, fail);
  });
}
