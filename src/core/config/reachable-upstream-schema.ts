import * as z from "zod";
import { mcpUpstream } from "./mcp-upstream-schema.ts";
import { httpUpstream } from "./upstream-schema.ts";

/** An MCP server at a URL: what would start a program is no key of it. */
const reachableMcpUpstream = mcpUpstream
  .omit({ command: true, args: true, env: true, cwd: true, maxMemoryBytes: true })
  .extend({ transport: z.enum(["auto", "sse", "streamable-http"]).default("auto") });

/** An upstream that is reached over the network. Starting a program cannot be said in it. */
export const reachableUpstream = z.discriminatedUnion("kind", [httpUpstream, reachableMcpUpstream]);

export type ReachableUpstream = z.output<typeof reachableUpstream>;
