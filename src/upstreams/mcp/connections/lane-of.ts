import type { Lane } from "../http/mcp-http-client.ts";
import type { McpRequest } from "../mcp-request.ts";

/**
 * Whether a request stands in line with the calls. What asks if the server still answers does not: behind
 * slow calls it would find a busy server dead.
 */
export function laneOf({ method }: McpRequest): Lane {
  return method === "ping" || method === "server/discover" ? "side" : "call";
}
