import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Rank } from "../../protocol/revisions.ts";

/** One request to an MCP server, in no era's dress: connections add envelope, ids and tokens. */
export interface McpRequest {
  readonly method: string;
  /**
   * JSON text of `params` without `_meta` and without the closing brace: `{` or `{"name":"x"`. Names and
   * URIs are the upstream's own.
   */
  readonly params: string;
  /** The client's `_meta` without progress token and without what belongs to an envelope; forwarded. */
  readonly meta: JsonObject | undefined;
  /** What `Mcp-Name` mirrors in 2026-07-28: the tool's or prompt's name, or the URI. */
  readonly name: string | undefined;
  /** `Mcp-Param-*` headers for 2026-07-28 over HTTP: name, value, name, value… */
  readonly mirrored: readonly string[];
  /** Sending it twice does no harm: it may be repeated after a lost session or connection. */
  readonly isIdempotent: boolean;
}

/** A result as the upstream wrote it. */
export interface McpResult {
  readonly kind: "result";
  /** JSON text of the result object, without line breaks. This is what is forwarded. */
  readonly text: string;
  /** The same, read by `JSON.parse`: to look at, not to forward (large integers are rounded). */
  readonly value: JsonObject;
  /** The revision that the upstream speaks. */
  readonly rank: Rank;
}

/** A JSON-RPC error of the upstream. */
export interface McpError {
  readonly kind: "error";
  readonly code: number;
  readonly message: string;
  readonly data: JsonValue | undefined;
  readonly rank: Rank;
}

/** What an MCP server answered. What is no answer (no connection, time-out, garbage) is an `AppError`. */
export type McpReply = McpResult | McpError;
