import { AppError } from "../../core/errors.ts";
import type { ProbeStep } from "../../core/upstream-probe.ts";

/**
 * Steps as lines of JSON, each as soon as it is there, and a last line that says how all of it ended. There are few:
 * they do not wait for a slow reader.
 *
 * @param cancel called when the reader goes away
 */
export function streamLines(steps: AsyncIterable<ProbeStep>, cancel: () => void): ReadableStream<Uint8Array> {
  let isCancelled = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (line: object): void => {
        if (!isCancelled) controller.enqueue(Buffer.from(`${JSON.stringify(line)}\n`));
      };
      const finish = (line: object): void => {
        write(line);
        if (!isCancelled) controller.close();
      };
      // Not awaited: a stream that has not started yet could not be cancelled.
      tell(steps, write, () => isCancelled).then(
        (outcome) => finish({ done: true, outcome }),
        (error: unknown) => finish({ done: true, outcome: "failed", message: wordsOf(error) }),
      );
    },
    cancel() {
      isCancelled = true;
      cancel();
    },
  });
}

async function tell(
  steps: AsyncIterable<ProbeStep>,
  write: (step: ProbeStep) => void,
  isOver: () => boolean,
): Promise<"ok" | "failed"> {
  let outcome: "ok" | "failed" = "ok";
  for await (const step of steps) {
    write(step);
    if (step.outcome === "failed") outcome = "failed";
    if (isOver()) break;
  }
  return outcome;
}

function wordsOf(error: unknown): string {
  return error instanceof AppError ? error.message : "The probe failed.";
}
