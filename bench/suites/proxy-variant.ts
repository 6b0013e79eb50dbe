import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import type { Variant } from "../harness/rounds.ts";
import type { Workshop } from "../harness/workshop.ts";
import { type FleetVariantOptions, variant } from "./fleet-variant.ts";
import { onePrefix } from "./one-server.ts";

/** The MCP server behind the gateway. */
export interface ProxiedServer {
  readonly kind: "http" | "stdio";
  readonly era: "legacy" | "modern";
  readonly tools: number;
}

/** The gateway under load, in front of a minimal MCP server that everybody shares. */
export function proxyVariant(server: ProxiedServer, options: FleetVariantOptions): Variant {
  return variant(options, () => startProxy(options.workshop, options.name, server));
}

async function startProxy(workshop: Workshop, name: string, server: ProxiedServer): Promise<Gateway> {
  const upstream = await startUpstream(workshop, server);
  const document = proxyDocument({ ...upstream.keys, era: server.era, sharing: "shared" });
  const gateway = await startGateway(workshop, { config: await writeDocument(workshop, name, document) });
  return {
    ...gateway,
    stop: async () => {
      await gateway.stop();
      await upstream.stop();
    },
  };
}

async function startUpstream(
  workshop: Workshop,
  { kind, tools }: ProxiedServer,
): Promise<{ keys: object; stop(): Promise<void> }> {
  if (kind === "stdio") return { keys: childKeys(workshop, tools), stop: async () => undefined };
  const server = await workshop.serve("mcp-server", { role: "surroundings", args: [String(tools)] });
  const keys = {
    transport: "streamable-http",
    url: `http://127.0.0.1:${server.port}/mcp`,
    egress: { allow: ["127.0.0.0/8"] },
  };
  return { keys, stop: () => server.stop() };
}

/** How a document names the minimal child. */
export function childKeys(workshop: Workshop, tools: number): object {
  return { transport: "stdio", command: process.execPath, args: [workshop.programPath("mcp-child"), String(tools)] };
}

/** A document whose only upstream is an MCP server. JSON is YAML too. */
export function proxyDocument(upstream: object): string {
  return JSON.stringify({
    name: onePrefix.slice(1),
    routes: [{ prefix: onePrefix, access: "public" }],
    upstreams: { server: { kind: "mcp", ...upstream } },
  });
}

/** Writes the document into a folder of its own; gives the file. */
export async function writeDocument(workshop: Workshop, name: string, document: string): Promise<string> {
  const folder = join(workshop.folder, name);
  await mkdir(folder, { recursive: true });
  const config = join(folder, "bench.yaml");
  await writeFile(config, document);
  return config;
}
