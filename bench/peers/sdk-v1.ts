// Peer: the official SDK, version 1, as its documentation shows it: one server and one stateful
// transport per session, JSON answers.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { serve } from "../programs/serve.ts";
import { userLookup, userTool } from "./user-tool.ts";

const lookup = userLookup(process.argv[2] ?? "");
const sessions = new Map<string, StreamableHTTPServerTransport>();

async function openSession(): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    enableJsonResponse: true,
    onsessioninitialized: (id) => {
      sessions.set(id, transport);
    },
  });
  const server = new McpServer({ name: "peer", version: "1.0.0" });
  server.registerTool(userTool.name, { description: userTool.description, inputSchema: userTool.inputShape }, lookup);
  await server.connect(transport);
  return transport;
}

serve(
  createServer((request, response) => {
    const session = request.headers["mcp-session-id"];
    const known = typeof session === "string" ? sessions.get(session) : undefined;
    const opening = known === undefined ? openSession() : Promise.resolve(known);
    opening
      .then((transport) => transport.handleRequest(request, response))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  }),
);
