// Peer: fastmcp as its documentation shows it, stateful on HTTP, with a tool that calls the backend.
// Its package is installed by the benchmark (harness/npm-peers.ts): argv is backend port, own port, module.
import { z } from "zod";
import { userLookup, userTool } from "./user-tool.ts";

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
  execute: userLookup(backendPort),
});
await server.start({ transportType: "httpStream", httpStream: { port: Number(port), host: "127.0.0.1" } });
process.once("disconnect", () => process.exit(0));
