import { ownedByConnection } from "../../http/header-plan.ts";
import { isHeaderName } from "../../http/wire-text.ts";
import type { HeaderList, HttpIdentity } from "./mcp-http-client.ts";

/**
 * What a document cannot set: what belongs to the connection (RFC 9110, 7.6.1) or is written by the HTTP
 * client, and what the protocol says of each request by itself.
 */
const ownHeaders = new Set([
  ...ownedByConnection,
  "accept",
  "content-encoding",
  "content-type",
  "last-event-id",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "mcp-session-id",
]);

/** Whether `headers` of an MCP upstream may set this one. */
export function isSettableHeader(name: string): boolean {
  return isHeaderName(name) && !ownHeaders.has(name.toLowerCase());
}

/** The headers that go with every request of one identity, as undici takes them. */
export class IdentityHeaders {
  readonly post: HeaderList;
  readonly get: HeaderList;
  readonly delete: HeaderList;

  constructor(identity: HttpIdentity) {
    const common = commonHeaders(identity);
    this.post = ["accept", "application/json, text/event-stream", "content-type", "application/json", ...common];
    this.get = ["accept", "text/event-stream", ...common];
    this.delete = ["accept", "application/json, text/event-stream", ...common];
  }
}

/**
 * Bodies are asked for unpacked: unpacking costs more than the bytes on the networks that servers stand
 * on, and an unpacked answer cannot be a bomb. A document may ask otherwise; what comes back is unpacked.
 */
function commonHeaders({ headers, tokens }: HttpIdentity): HeaderList {
  const common: string[] = [];
  const names = new Set<string>();
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = (headers[index] ?? "").toLowerCase();
    // A token of its own takes the place of a configured one.
    if (!isSettableHeader(name) || (name === "authorization" && tokens !== undefined)) continue;
    names.add(name);
    common.push(name, headers[index + 1] ?? "");
  }
  if (!names.has("accept-encoding")) common.push("accept-encoding", "identity");
  if (!names.has("user-agent")) common.push("user-agent", "passerelle");
  return common;
}
