// Peer: the official SDK, version 2, as its documentation shows it: one server and one stateful
// transport per session, JSON answers.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { NodeStreamableHTTPServerTransport } from "@modelcontextprotocol/node";
import { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { serve } from "../programs/serve.ts";
import { userLookup, userTool } from "./user-tool.ts";

const lookup = userLookup(process.argv[2] ?? "");
const inputSchema = z.object(userTool.inputShape);
const sessions = new Map<string, NodeStreamableHTTPServerTransport>();

async function openSession(): Promise<NodeStreamableHTTPServerTransport> {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    enableJsonResponse: true,
    onsessioninitialized: (id) => {
      sessions.set(id, transport);
    },
  });
  const server = new McpServer({ name: "peer", version: "1.0.0" });
  server.registerTool(userTool.name, { description: userTool.description, inputSchema }, lookup);
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
