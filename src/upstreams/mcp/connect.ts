import type { McpUpstreamConfig } from "../../core/config/mcp-upstream-schema.ts";
import type { OpenConnection } from "./connection.ts";
import type { HttpIdentity, McpHttpClient } from "./http/mcp-http-client.ts";
import type { OpenChannel } from "./message-channel.ts";

/** How one MCP server is reached. */
export type Reach =
  | { readonly kind: "stdio"; readonly open: OpenChannel }
  | { readonly kind: "http"; readonly client: McpHttpClient; readonly identity: HttpIdentity };

/** What was found out about a server; kept by the upstream so that it is found out once. */
export interface Detected {
  transport: "stdio" | "sse" | "streamable-http" | undefined;
  era: "legacy" | "modern" | undefined;
  /** `performance.now()` of the detection; it is made again after a while. */
  at: number;
}

export interface ConnectOptions {
  readonly reach: Reach;
  readonly config: McpUpstreamConfig;
  /** For messages: "The upstream `files`". */
  readonly label: string;
  /** The document's key for messages: "upstreams.files". */
  readonly key: string;
  /** Read and written. */
  readonly detected: Detected;
}

/** How connections with this server are opened: detects transport and era unless they are configured. */
export function connector(options: ConnectOptions): OpenConnection {
  throw new Error(`not built: ${options.key}`);
}
