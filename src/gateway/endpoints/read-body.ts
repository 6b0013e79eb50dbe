import type { IncomingMessage } from "node:http";
import { AppError } from "../../core/errors.ts";

/**
 * Reads a request body of at most `maxBytes`, counted as announced and as received. Calls back once:
 * with the bytes, with an AppError `payload_too_large`, or never when the client goes away first.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  callback: (error: AppError | undefined, body: Buffer) => void,
): void {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxBytes) {
    callback(tooLarge(maxBytes), Buffer.alloc(0));
    return;
  }
  let first: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  let received = 0;
  let done = false;
  request.on("data", (chunk: Buffer) => {
    if (done) return;
    received += chunk.length;
    if (received > maxBytes) {
      done = true;
      request.pause();
      callback(tooLarge(maxBytes), Buffer.alloc(0));
    } else if (first === undefined) first = chunk;
    else if (chunks === undefined) chunks = [first, chunk];
    else chunks.push(chunk);
  });
  request.on("end", () => {
    if (done) return;
    done = true;
    // One chunk is the common case and needs no copy.
    callback(undefined, chunks === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(chunks, received));
  });
}

function tooLarge(maxBytes: number): AppError {
  return new AppError(
    "payload_too_large",
    `The message is larger than the ${maxBytes} bytes this route takes (maxBodyBytes).`,
  );
}
