import { stringify as stringifyToml } from "smol-toml";
import type { JsonObject } from "../core/json.ts";
import { type ClientFile, filesOf } from "./client-files.ts";
import { type ClientId, clientIds } from "./client-ids.ts";
import { curlSnippet, shellQuoted } from "./shell-snippets.ts";

/** An endpoint that clients are to be connected with. */
export interface Endpoint {
  /** What the client shall call it. */
  readonly name: string;
  /** Of Streamable HTTP: ends with `/mcp`. */
  readonly url: string;
  /** Whether the route asks for an API key. */
  readonly needsKey: boolean;
  /** The key; `KEY` stands in its place when absent. */
  readonly key?: string | undefined;
}

/** What connects one client. */
export interface ClientSnippet {
  readonly client: ClientId;
  readonly title: string;
  readonly format: "json" | "toml" | "sh";
  /** Where it is put; none for commands. */
  readonly files: readonly ClientFile[];
  readonly text: string;
  /** Opens the client with the server filled in, where the client has such links. */
  readonly link?: string;
  /** What else there is to know, one sentence. */
  readonly note?: string;
}

/** Snippets for every client, or for those that are named. The same endpoint always gives the same texts. */
export function clientSnippets(endpoint: Endpoint, clients: readonly ClientId[] = clientIds): ClientSnippet[] {
  return clients.map((client) => ({ client, files: filesOf(client), ...writers[client](endpoint) }));
}

type Written = Omit<ClientSnippet, "client" | "files">;

const writers: Readonly<Record<ClientId, (endpoint: Endpoint) => Written>> = {
  "claude-code": (endpoint) => ({
    title: "Claude Code",
    format: "sh",
    text: `claude mcp add --transport http ${shellQuoted(endpoint.name)} ${shellQuoted(endpoint.url)}${headerOption("--header", endpoint)}`,
  }),
  "claude-desktop": (endpoint) => ({
    title: "Claude Desktop",
    format: "json",
    text: jsonText({ mcpServers: { [endpoint.name]: bridgeServer(endpoint) } }),
    note: "Claude Desktop starts programs only; mcp-remote carries its messages and needs Node.js.",
  }),
  cursor: (endpoint) => ({
    title: "Cursor",
    format: "json",
    text: jsonText({ mcpServers: { [endpoint.name]: { url: endpoint.url, ...headersOf(endpoint) } } }),
    link: cursorLink(endpoint),
  }),
  "vs-code": (endpoint) => ({
    title: "VS Code",
    format: "json",
    text: jsonText({ ...vsCodeInputs(endpoint), servers: { [endpoint.name]: vsCodeServer(endpoint) } }),
    link: vsCodeLink(endpoint),
    ...(endpoint.needsKey && endpoint.key === undefined ? { note: "VS Code asks for the key once and keeps it." } : {}),
  }),
  codex: (endpoint) => ({
    title: "Codex",
    format: "toml",
    text: stringifyToml({ mcp_servers: { [endpoint.name]: { url: endpoint.url, ...codexKey(endpoint) } } }),
    ...(endpoint.needsKey && endpoint.key === undefined
      ? { note: `The key is read from the variable ${keyVariable}.` }
      : {}),
  }),
  "gemini-cli": (endpoint) => ({
    title: "Gemini CLI",
    format: "json",
    text: jsonText({ mcpServers: { [endpoint.name]: { httpUrl: endpoint.url, ...headersOf(endpoint) } } }),
  }),
  cline: (endpoint) => ({
    title: "Cline",
    format: "json",
    text: jsonText({
      mcpServers: { [endpoint.name]: { type: "streamableHttp", url: endpoint.url, ...headersOf(endpoint) } },
    }),
  }),
  windsurf: (endpoint) => ({
    title: "Windsurf",
    format: "json",
    text: jsonText({ mcpServers: { [endpoint.name]: { serverUrl: endpoint.url, ...headersOf(endpoint) } } }),
  }),
  zed: (endpoint) => ({
    title: "Zed",
    format: "json",
    text: jsonText({ context_servers: { [endpoint.name]: { url: endpoint.url, ...headersOf(endpoint) } } }),
  }),
  inspector: (endpoint) => ({
    title: "Inspector",
    format: "sh",
    text: `npx -y @modelcontextprotocol/inspector --cli ${shellQuoted(endpoint.url)} --transport http${headerOption("--header", endpoint)} --method tools/list`,
  }),
  curl: (endpoint) => ({
    title: "curl",
    format: "sh",
    text: curlSnippet(endpoint.url, endpoint.needsKey ? authorizationOf(endpoint) : undefined),
  }),
};

const keyVariable = "PASSERELLE_KEY";

function authorizationOf({ key = "KEY" }: Endpoint): string {
  return `Bearer ${key}`;
}

function headersOf(endpoint: Endpoint): JsonObject {
  return endpoint.needsKey ? { headers: { Authorization: authorizationOf(endpoint) } } : {};
}

function headerOption(option: string, endpoint: Endpoint): string {
  return endpoint.needsKey ? ` ${option} ${shellQuoted(`Authorization: ${authorizationOf(endpoint)}`)}` : "";
}

/** The key is in the environment: spaces in arguments are lost on some systems. */
function bridgeServer(endpoint: Endpoint): JsonObject {
  const { protocol, hostname } = new URL(endpoint.url);
  const isPlain = protocol === "http:" && hostname !== "localhost" && hostname !== "127.0.0.1";
  const key = endpoint.needsKey ? ["--header", "Authorization:${AUTHORIZATION}"] : [];
  return {
    command: "npx",
    args: ["-y", "mcp-remote", endpoint.url, ...(isPlain ? ["--allow-http"] : []), ...key],
    ...(endpoint.needsKey ? { env: { AUTHORIZATION: authorizationOf(endpoint) } } : {}),
  };
}

function codexKey({ needsKey, key }: Endpoint): { [key: string]: string | { Authorization: string } } {
  if (!needsKey) return {};
  return key === undefined
    ? { bearer_token_env_var: keyVariable }
    : { http_headers: { Authorization: `Bearer ${key}` } };
}

function vsCodeInputs({ needsKey, key }: Endpoint): JsonObject {
  if (!needsKey || key !== undefined) return {};
  return { inputs: [{ type: "promptString", id: "key", description: "API key", password: true }] };
}

function vsCodeServer(endpoint: Endpoint): JsonObject {
  const { url, needsKey, key } = endpoint;
  const asked = { headers: { Authorization: "Bearer ${input:key}" } };
  return { type: "http", url, ...(needsKey && key === undefined ? asked : headersOf(endpoint)) };
}

function cursorLink(endpoint: Endpoint): string {
  const config = Buffer.from(JSON.stringify({ url: endpoint.url, ...headersOf(endpoint) })).toString("base64");
  return `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(endpoint.name)}&config=${encodeURIComponent(config)}`;
}

function vsCodeLink(endpoint: Endpoint): string {
  const config = { name: endpoint.name, ...vsCodeServer(endpoint), ...vsCodeInputs(endpoint) };
  return `vscode:mcp/install?${encodeURIComponent(JSON.stringify(config))}`;
}

function jsonText(value: JsonObject): string {
  return JSON.stringify(value, undefined, 2);
}
