import type { CallContext } from "../core/call.ts";
import type { McpReply } from "./mcp/mcp-request.ts";

/** A request as it goes on the wire, without the headers that belong to the connection. */
export interface TappedHttpRequest {
  /** Key of the upstream in the document. */
  readonly upstream: string;
  readonly method: string;
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | string | undefined;
}

/** Hears the answer to one request: `answered`, pieces, then exactly one of `ended` and `failed`. */
export interface HttpAnswerTap {
  answered(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  /** A piece of the body as it came, before it is unpacked. */
  received(chunk: Buffer): void;
  ended(): void;
  failed(error: unknown): void;
}

/** A request to an MCP server, before a connection has dressed it. */
export interface TappedMcpRequest {
  /** Key of the upstream in the document. */
  readonly upstream: string;
  readonly method: string;
  /** JSON text of `params`, without what belongs to the connection. */
  readonly params: string;
}

/** Hears the answer to one request: exactly one of them. */
export interface McpAnswerTap {
  answered(reply: McpReply): void;
  failed(error: unknown): void;
}

/**
 * Looks on while calls go out, attempt by attempt, and changes nothing. What it does happens on the way of the
 * call: it must be quick and never throw. The values that it is shown hold secrets.
 */
export interface UpstreamTap {
  /** Undefined when nobody wants to know about this call. */
  httpSent(context: CallContext, request: TappedHttpRequest): HttpAnswerTap | undefined;
  /** A token was got for an upstream: a secret that no document names. */
  tokenObtained(upstream: string, token: string): void;
  mcpSent(context: CallContext, request: TappedMcpRequest): McpAnswerTap | undefined;
}
