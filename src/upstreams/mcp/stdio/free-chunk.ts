import { MessageChannel, type MessagePort } from "node:worker_threads";

let closedPort: MessagePort | undefined;

/**
 * Gives the memory of a chunk back at once; the chunk is empty afterwards. The collector sees a small
 * object in each and lets 40 MB of a flood pile up. What is transferred to a closed port is freed
 * (measured: 1 GB read within +8 MB, and faster, for the allocator gives the same block again).
 */
export function freeChunk({ buffer, length }: Buffer): void {
  // A chunk that shares its memory with others is left alone.
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== length) return;
  closedPort ??= openClosedPort();
  closedPort.postMessage(undefined, [buffer]);
}

function openClosedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  return port1;
}
