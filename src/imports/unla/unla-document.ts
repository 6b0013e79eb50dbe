import { AppError } from "../../core/errors.ts";
import { identifierPattern } from "../../core/document-rules.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { toIdentifier } from "../document/identifier.ts";
import { egressFor } from "../document/private-address.ts";
import { literalText, templateText } from "../document/template-text.ts";
import type { ImportNote, ReportedEntry } from "../report/import-report.ts";
import { isCredential } from "../secrets/credential-look.ts";
import type { NeededSecrets } from "../secrets/needed-secrets.ts";
import { parseGoTemplate } from "./template/parse-go-template.ts";
import { TemplateScope } from "./template/template-scope.ts";
import { textPieces } from "./template/text-source.ts";
import { unlaRoot } from "./unla-root.ts";
import type { UnlaConfig, UnlaMcpServer, UnlaPrompt, UnlaRouter, UnlaServer } from "./unla-schema.ts";
import { translateTool } from "./unla-tool.ts";
import { UnlaUpstreams } from "./unla-upstreams.ts";

/** Where values of a configuration stand; `path` leads from its root. */
export type LineOf = (path: readonly (string | number)[]) => number;

export interface UnlaContext {
  readonly config: UnlaConfig;
  readonly lineOf: LineOf;
  readonly secrets: NeededSecrets;
  readonly entries: ReportedEntry[];
}

/** The document of a server with REST tools. */
export function restDocument(server: UnlaServer, index: number, context: UnlaContext): JsonObject {
  const { config, lineOf, secrets, entries } = context;
  const upstreams = new UnlaUpstreams();
  const requestHeaders = new Set<string>();
  const values = Object.entries(server.config ?? {}).map(
    ([key, text]) => [key, { text, line: lineOf(["servers", index, "config", key]) }] as const,
  );
  const tools = (config.tools ?? []).flatMap((tool, at): JsonObject[] => {
    const source = `tools.${tool.name}`;
    if (server.allowedTools && !server.allowedTools.includes(tool.name)) return [];
    const notes: ImportNote[] = [];
    try {
      const translated = translateTool(tool, {
        config: new Map(values),
        secrets,
        upstreams,
        owner: server.name,
        onHeader: (name) => void requestHeaders.add(name),
        note: (note) => void notes.push(note),
        lineOf: (path) => lineOf(["tools", at, ...path]),
      });
      entries.push({ outcome: notes.length > 0 ? "changed" : "taken", source, tool: tool.name, notes });
      return [translated];
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "unprocessable") throw error;
      entries.push({
        outcome: "refused",
        source,
        notes: [...notes, { code: "not-translated", message: `${error.message}.` }],
      });
      return [];
    }
  });
  const prompts = (config.prompts ?? []).map(promptOf);
  return {
    ...headOf(server.name, context, [...requestHeaders]),
    ...(server.description ? { description: server.description } : {}),
    upstreams: upstreams.toObject(),
    ...(tools.length > 0 ? { tools } : {}),
    ...(prompts.length > 0 ? { prompts } : {}),
  };
}

/** The document of an MCP server that is served through; absent when it says nothing of how it is reached. */
export function mcpDocument(server: UnlaMcpServer, index: number, context: UnlaContext): JsonObject | undefined {
  const { lineOf, secrets, entries } = context;
  const source = `mcpServers.${server.name}`;
  const root = unlaRoot({
    args: [],
    config: new Map(),
    secrets,
    owner: server.name,
    place: "request",
    onHeader: () => undefined,
  });
  const render = (text: string, name: string, path: readonly (string | number)[]): string => {
    if (!text.includes("{{") && isCredential(name, text)) {
      return `\${${secrets.reference(/^[A-Z]/.test(name) ? name : `${server.name}_${name}`, `\`${name}\` of ${source}`, text)}}`;
    }
    const nodes = parseGoTemplate(text, lineOf(["mcpServers", index, ...path]));
    return templateText(textPieces(nodes, new TemplateScope(root)));
  };
  const keys = server.url ? urlKeys(server, render) : programKeys(server, render);
  if (keys === undefined) {
    const message = `${source} has neither a command nor a url.`;
    entries.push({ outcome: "refused", source, notes: [{ code: "not-reachable", message }] });
    return undefined;
  }
  entries.push({ outcome: "taken", source, notes: [] });
  const upstream = { kind: "mcp", ...keys, ...(server.policy === "onStart" ? { eager: true } : {}) };
  return { ...headOf(server.name, context, []), upstreams: { [toIdentifier(server.name, "server")]: upstream } };
}

type Render = (text: string, name: string, path: readonly (string | number)[]) => string;

function urlKeys({ type, url }: UnlaMcpServer, render: Render): JsonObject {
  const egress = egressFor(url ?? "");
  const transport = type === "sse" || type === "streamable-http" ? { transport: type } : {};
  return { ...transport, url: render(url ?? "", "url", ["url"]), ...(egress === undefined ? {} : { egress }) };
}

function programKeys({ command, args, env }: UnlaMcpServer, render: Render): JsonObject | undefined {
  if (!command) return undefined;
  const variables = Object.entries(env ?? {}).map(([name, text]) => [name, render(text, name, ["env", name])]);
  return {
    command,
    ...(args && args.length > 0 ? { args: args.map((arg, at) => render(arg, "", ["args", at])) } : {}),
    ...(variables.length > 0 ? { env: Object.fromEntries(variables) } : {}),
  };
}

function headOf(serverName: string, { config }: UnlaContext, requestHeaders: readonly string[]): JsonObject {
  const name = toIdentifier(serverName, "server");
  const tenant = config.tenant ?? "default";
  const routers = (config.routers ?? []).filter(({ server }) => server === serverName);
  const routes = routers.map((router) => routeOf(router, requestHeaders));
  return {
    name,
    ...(tenant === "default" || tenant === ""
      ? {}
      : { tenant: identifierPattern.test(tenant) ? tenant : toIdentifier(tenant, "default") }),
    routes,
  };
}

/** Whoever could call without a key can still; sign-in with OAuth has no counterpart, so a key is asked for. */
function routeOf({ prefix, cors, auth }: UnlaRouter, requestHeaders: readonly string[]): JsonObject {
  const origins: readonly JsonValue[] = cors?.allowOrigins ?? [];
  return {
    prefix: `/${prefix.replace(/^\/+|\/+$/g, "")}`,
    access: auth?.mode ? "key" : "public",
    ...(origins.length > 0 ? { origins } : {}),
    ...(requestHeaders.length > 0 ? { requestHeaders } : {}),
  };
}

/** `{name}` in a text is the argument of that name. */
function promptOf({ name, description, arguments: args, promptResponse }: UnlaPrompt): JsonObject {
  const names = new Set((args ?? []).map((argument) => argument.name));
  const messages = (promptResponse ?? []).map(({ role, content }) => ({
    role: role === "assistant" ? "assistant" : "user",
    content: { text: promptText(content.text, names) },
  }));
  return {
    name,
    ...(description ? { description } : {}),
    ...(names.size > 0
      ? {
          arguments: (args ?? []).map((argument) => ({
            name: argument.name,
            ...(argument.description ? { description: argument.description } : {}),
            ...(argument.required === true ? { required: true } : {}),
          })),
        }
      : {}),
    messages,
  };
}

function promptText(text: string, names: ReadonlySet<string>): string {
  return literalText(text).replace(/(?<!\$)\{([\w.-]+)\}/g, (whole, name: string) =>
    names.has(name) ? `\${args[${JSON.stringify(name)}]}` : whole,
  );
}
