import type { IncomingMessage, ServerResponse } from "node:http";

/** So much of a refused body is read, so that clients with small ones need not wait. */
const mostDiscardedBytes = 65_536;
/** Longest time that a client gets to read its refusal before its connection is closed. */
const lingerMs = 1_000;

/**
 * Writes the whole answer to a request whose body was not read to its end. The connection must not carry
 * another request, but closing it while the client still sends would reset it and take the answer
 * away. So it is closed when the body has ended, or some time later.
 */
export function answerUnread(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: string,
  headers: readonly string[],
): void {
  if (response.headersSent || response.destroyed) return;
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, [
    "Content-Type",
    "application/json",
    "Content-Length",
    length,
    "Connection",
    "close",
    ...headers,
  ]);
  // All that was announced, without the end that makes Node close the connection.
  response.write(body);
  const timer = setTimeout(() => response.end(), lingerMs).unref();
  response.once("close", () => clearTimeout(timer));
  let discarded = 0;
  request.on("data", (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > mostDiscardedBytes) request.pause();
  });
  request.once("end", () => response.end());
}
