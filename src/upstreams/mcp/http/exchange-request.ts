import type { TokenSource } from "../../oauth/token-source.ts";
import type { HeaderList, Lane } from "./mcp-http-client.ts";

/** One request to an MCP server, ready to be written. */
export interface ExchangeRequest {
  readonly method: "POST" | "GET" | "DELETE";
  /** Path and query. */
  readonly path: string;
  /** All but `authorization` of a token. */
  readonly headers: HeaderList;
  readonly body: string | undefined;
  readonly lane: Lane;
  readonly tokens: TokenSource | undefined;
}
