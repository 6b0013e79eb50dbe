import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { defaultPrefix, takeName, toIdentifier } from "../document/identifier.ts";
import type { ImportedDocuments, NamingOptions } from "../document/imported-documents.ts";
import type { ImportNote, ReportedEntry } from "../report/import-report.ts";
import { NeededSecrets } from "../secrets/needed-secrets.ts";
import { type ForeignServer, findServers } from "./find-servers.ts";
import type { ClientInput } from "./foreign-text.ts";
import { makeUpstream } from "./make-upstream.ts";
import { readClientConfig } from "./read-client-config.ts";
import { textOf } from "./server-address.ts";

export interface McpJsonOptions extends NamingOptions {
  /** One document for each server instead of one with all. */
  readonly separate: boolean;
}

/**
 * Makes documents of the MCP servers that a client's configuration lists (Claude, Cursor, VS Code, Codex, Gemini CLI,
 * Cline, Windsurf, Zed and others that have the same keys). Servers that are switched off are left out.
 *
 * @throws AppError `unprocessable` when the text cannot be read, or lists no server
 */
export function importMcpJson(text: string, { name, prefix, separate }: McpJsonOptions): ImportedDocuments {
  const config = readClientConfig(text);
  const servers = findServers(config);
  if (servers.length === 0) {
    throw new AppError(
      "unprocessable",
      "No MCP server is listed. They are looked for under mcpServers, servers, mcp.servers, mcp_servers, context_servers and mcp.",
    );
  }
  const secrets = new NeededSecrets();
  const inputs = readInputs(config);
  const taken = new Set<string>();
  const made: MadeServer[] = [];
  const entries = servers.map((server) => {
    const { entry, upstream } = importServer(server, inputs, secrets, taken);
    if (upstream !== undefined) made.push(upstream);
    return entry;
  });
  const documents = separate
    ? made.map((server) => {
        const documentName = made.length === 1 && name !== undefined ? toIdentifier(name, server.name) : server.name;
        return documentOf(
          documentName,
          prefix === undefined ? defaultPrefix(documentName) : `${prefix}/${documentName}`,
          [server],
        );
      })
    : joined(made, name, prefix);
  return { documents, report: { entries, notes: [] }, secrets: secrets.list(documents) };
}

interface MadeServer {
  readonly name: string;
  readonly upstream: JsonObject;
  readonly tools: JsonObject | undefined;
}

function joined(made: readonly MadeServer[], name: string | undefined, prefix: string | undefined): JsonObject[] {
  if (made.length === 0) return [];
  const documentName = toIdentifier(name ?? (made.length === 1 ? (made[0]?.name ?? "") : ""), "mcp-servers");
  return [documentOf(documentName, prefix ?? defaultPrefix(documentName), made)];
}

function documentOf(name: string, prefix: string, servers: readonly MadeServer[]): JsonObject {
  const expose = servers.flatMap(({ name, tools }) => (tools === undefined ? [] : [{ upstream: name, tools }]));
  return {
    name,
    routes: [{ prefix }],
    upstreams: Object.fromEntries(servers.map(({ name, upstream }) => [name, upstream])),
    ...(expose.length > 0 ? { expose } : {}),
  };
}

function importServer(
  server: ForeignServer,
  inputs: ReadonlyMap<string, ClientInput>,
  secrets: NeededSecrets,
  taken: Set<string>,
): { readonly entry: ReportedEntry; readonly upstream?: MadeServer } {
  const { source, pointer, config } = server;
  const notes: ImportNote[] = [];
  const note = (code: string, message: string): void => void notes.push({ code, message, pointer });
  if (config["disabled"] === true || config["enabled"] === false || config["isActive"] === false) {
    note("disabled", "It is switched off in the client; switch it on there to import it.");
    return { entry: { outcome: "left-out", source, notes } };
  }
  const result = makeUpstream(server, { inputs, secrets, owner: server.key, note });
  if (result.kind === "refused") {
    note("not-reachable", `${source} cannot be an upstream: ${result.reason}.`);
    return { entry: { outcome: "refused", source, notes } };
  }
  const name = takeName(toIdentifier(server.key, "server"), taken, "-");
  if (name !== server.key)
    note("renamed", `Names of upstreams are of a-z, 0-9, \`-\`, \`_\` and \`.\`: it is called ${name}.`);
  return {
    entry: { outcome: notes.length > 0 ? "changed" : "taken", source, notes },
    upstream: { name, upstream: result.upstream, tools: result.tools },
  };
}

/** `inputs` of VS Code, beside the servers or beside `mcp.servers`. */
function readInputs(config: JsonObject): ReadonlyMap<string, ClientInput> {
  const { mcp } = config;
  const list = config["inputs"] ?? (isJsonObject(mcp) ? mcp["inputs"] : undefined);
  const inputs = new Map<string, ClientInput>();
  for (const input of Array.isArray(list) ? list : []) {
    const id = isJsonObject(input) ? textOf(input["id"]) : undefined;
    if (id === undefined || !isJsonObject(input)) continue;
    inputs.set(id, {
      description: textOf(input["description"]),
      default: input["password"] === true ? undefined : textOf(input["default"]),
      isChoice: input["type"] === "pickString",
    });
  }
  return inputs;
}
