/**
 * One event of a `text/event-stream` (HTML standard, server-sent events). `data` must hold no line
 * break; JSON text never does.
 */
export function encodeEvent(data: string, id?: string): string {
  return id === undefined ? `event: message\ndata: ${data}\n\n` : `id: ${id}\nevent: message\ndata: ${data}\n\n`;
}

/** The first event of a resumable stream: an id without data, and how long to wait before coming back (SEP-1699). */
export function encodePrimingEvent(id: string, retryMs: number): string {
  return `retry: ${retryMs}\nid: ${id}\ndata:\n\n`;
}

/** Tells the client how long to wait before it reconnects; carries no event. */
export function encodeRetry(retryMs: number): string {
  return `retry: ${retryMs}\n\n`;
}

/** A comment that keeps intermediaries from closing an idle stream. */
export const keepAliveComment = ": keep-alive\n\n";

export const eventStreamType = "text/event-stream";
