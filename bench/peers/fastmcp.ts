// Peer: fastmcp as its documentation shows it, stateful on HTTP, with a tool that fetches from the backend.
// Its package is installed by the benchmark (harness/npm-peers.ts): argv is backend port, own port, module.
import { z } from "zod";
import { userTool } from "./user-tool.ts";

interface FastMcpServer {
  addTool(tool: {
    readonly name: string;
    readonly description: string;
    readonly parameters: unknown;
    readonly execute: (args: unknown) => Promise<unknown>;
  }): void;
  start(options: object): Promise<void>;
}

const [, , backendPort = "", port = "", module = ""] = process.argv;
// The part of the package's interface that is used here; it is not installed when types are checked.
const { FastMCP } = (await import(module)) as { FastMCP: new (options: object) => FastMcpServer };
const server = new FastMCP({ name: "peer", version: "1.0.0" });
server.addTool({
  name: userTool.name,
  description: userTool.description,
  parameters: z.object(userTool.inputShape),
  execute: async (args) => {
    const answer = await fetch(`http://127.0.0.1:${backendPort}/users`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(args),
    });
    return answer.text();
  },
});
await server.start({ transportType: "httpStream", httpStream: { port: Number(port), host: "127.0.0.1" } });
process.once("disconnect", () => process.exit(0));
