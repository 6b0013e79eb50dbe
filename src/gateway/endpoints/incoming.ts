import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../../core/principal.ts";
import { modernRevision } from "../../protocol/revisions.ts";
import type { RouteMatch } from "../route-table.ts";
import type { Snapshot } from "../snapshot.ts";

/** One HTTP request that passed the guards, with what it leads to. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** Asked for again when a reload has come before the body. */
  principal: Principal;
  /** CORS headers of every response. */
  readonly cors: readonly string[];
  /** Route and snapshot; looked up again after the body has arrived. */
  match: RouteMatch;
  snapshot: Snapshot;
}

/** The single value of a header; undefined when absent, the first one when repeated. */
export function headerOf(incoming: Incoming, name: string): string | undefined {
  const value = incoming.request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Whether the client can read an event stream. A missing Accept, or a wildcard, counts as yes. */
export function acceptsEvents(incoming: Incoming): boolean {
  const { accept } = incoming.request.headers;
  return (
    accept === undefined || accept.includes("text/event-stream") || accept.includes("*/*") || accept.includes("text/*")
  );
}

/** Whether the headers claim 2026-07-28; the body has the last word. */
export function isModernByHeader(incoming: Incoming): boolean {
  return headerOf(incoming, "mcp-protocol-version") === modernRevision;
}
