import type { ServerResponse } from "node:http";
import type { CallStream } from "../../core/call.ts";

/** A reader that takes nothing for this long is cut off. */
const stalledReaderMs = 60_000;

/**
 * Hands a streamed result to a response at the reader's pace: the upstream is paused while the
 * socket is full. `onEnd` runs once, when all is handed over or the reader is gone.
 */
export function pumpStream(response: ServerResponse, stream: CallStream, close: string, onEnd: () => void): void {
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const finish = (): void => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    response.off("drain", onDrain);
    response.off("close", finish);
    onEnd();
  };
  const onDrain = (): void => {
    clearTimeout(timer);
    timer = undefined;
    stream.resume();
  };
  response.on("drain", onDrain);
  response.once("close", finish);
  stream.start({
    onData(escaped) {
      if (ended || response.destroyed) return true;
      if (response.write(escaped)) return true;
      timer ??= setTimeout(() => response.destroy(), stalledReaderMs);
      return false;
    },
    onEnd(tail) {
      if (!ended && !response.destroyed) response.end(tail + close);
      finish();
    },
  });
}
