// What the benchmark asks of a server, as bytes on the wire. Shared by load and suites.

/** The tools/call that every call row makes: a call with checked arguments and a small answer. */
export const userArguments = {
  id: "u-1042",
  email: "ada@example.org",
  q: "everything about engines",
  limit: 10,
} as const;

/** Least size of the backend's large answer. */
export const largeBytes = 10_485_760;

/** How a client speaks: revision and transport. */
export type Dialect = "bare" | "legacy" | "modern" | "sse";

/** What is asked again and again. */
export type Work = "call" | "ping" | "list" | "large";

export const legacyRevision = "2025-11-25";
export const modernRevision = "2026-07-28";

/** Ids have seven digits, so that every request of a kind has the same length and only its id is rewritten. */
export const firstId = 1_000_000;
export const lastId = 9_999_999;

const methods: Readonly<Record<Work, string>> = {
  call: "tools/call",
  ping: "ping",
  list: "tools/list",
  large: "tools/call",
};

const clientInfo = { name: "bench", version: "1.0.0" };

const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": modernRevision,
  "io.modelcontextprotocol/clientInfo": clientInfo,
  "io.modelcontextprotocol/clientCapabilities": {},
};

export interface RequestOptions {
  readonly path: string;
  readonly dialect: Dialect;
  readonly work: Work;
  /** Legacy session id; absent without a session. */
  readonly session?: string | undefined;
}

/** A whole HTTP request with `firstId` as its JSON-RPC id. */
export function requestBytes(options: RequestOptions): Buffer {
  const { dialect, work } = options;
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: firstId,
    method: methods[work],
    ...parametersOf(dialect, work),
  });
  return httpRequest("POST", options.path, headersOf(options), body);
}

function parametersOf(dialect: Dialect, work: Work): { params?: object } {
  const call = toolCallOf(work);
  if (dialect === "modern") return { params: { ...call, _meta: modernMeta } };
  return call === undefined ? {} : { params: call };
}

function toolCallOf(work: Work): { readonly name: string; readonly arguments: object } | undefined {
  if (work === "call") return { name: "get_user", arguments: userArguments };
  if (work === "large") return { name: "get_everything", arguments: {} };
  return undefined;
}

function headersOf({ dialect, work, session }: RequestOptions): Record<string, string> {
  const revision = dialect === "modern" ? modernRevision : legacyRevision;
  const headers: Record<string, string> = { "mcp-protocol-version": revision };
  if (session !== undefined && dialect !== "sse") headers["mcp-session-id"] = session;
  if (dialect === "modern") {
    headers["mcp-method"] = methods[work];
    const call = toolCallOf(work);
    if (call !== undefined) headers["mcp-name"] = call.name;
  }
  return headers;
}

/** The first message of a legacy client. */
export function initializeBytes(path: string): Buffer {
  const params = { protocolVersion: legacyRevision, capabilities: {}, clientInfo };
  return httpRequest("POST", path, {}, JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params }));
}

/** The notification that ends a legacy handshake. */
export function initializedBytes(path: string, session: string | undefined): Buffer {
  const headers = headersOf({ path, dialect: "legacy", work: "ping", session });
  return httpRequest("POST", path, headers, JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
}

/** Opens an event stream: the GET stream of a session, or the stream of the HTTP+SSE transport. */
export function streamBytes(path: string, session?: string): Buffer {
  const headers: Record<string, string> = { accept: "text/event-stream" };
  if (session !== undefined) {
    headers["mcp-session-id"] = session;
    headers["mcp-protocol-version"] = legacyRevision;
  }
  return httpRequest("GET", path, headers, undefined);
}

/** Ends a legacy session. */
export function httpDelete(path: string, session: string): Buffer {
  return httpRequest("DELETE", path, headersOf({ path, dialect: "legacy", work: "ping", session }), undefined);
}

function httpRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Buffer {
  const all: Record<string, string> = { host: "127.0.0.1", ...headers };
  if (body !== undefined) {
    all["accept"] ??= "application/json, text/event-stream";
    all["content-type"] = "application/json";
    all["content-length"] = String(Buffer.byteLength(body));
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`);
}

/** Where in a request its id stands. */
export function idOffset(request: Buffer): number {
  const offset = request.lastIndexOf(`"id":${firstId}`);
  if (offset < 0) throw new Error("The request has no id to rewrite.");
  return offset + 5;
}

/** Writes a seven-digit id into a request in place. */
export function writeId(request: Buffer, offset: number, id: number): void {
  let rest = id;
  for (let at = offset + 6; at >= offset; at--) {
    request[at] = 48 + (rest % 10);
    rest = (rest / 10) | 0;
  }
}
