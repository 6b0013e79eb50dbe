import type { Clock } from "./clock.ts";

/** Resolves when the promise has settled, one way or the other, or when the time is over. */
export function settledWithin(promise: Promise<unknown>, timeoutMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutMs, resolve);
    const settle = (): void => {
      cancel();
      resolve();
    };
    promise.then(settle, settle);
  });
}
