import type { RouteConfig, ServerDocument } from "../../core/config/document.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { DocumentPath, Problem } from "../../core/problem.ts";
import { serverInfoKey } from "../../protocol/modern-request.ts";
import { filterDescribed, filterTool } from "../../protocol/revision-filter.ts";
import { type CompileContext, type CompileOptions, collectByName } from "./compile-context.ts";
import { compileHttpUpstream } from "../../upstreams/http/upstream-plan.ts";
import { compileMcpUpstream } from "../../upstreams/mcp/mcp-upstream-plan.ts";
import { compilePrompt } from "./compile-prompt.ts";
import { compileResources, compileResourceTemplates } from "./compile-resources.ts";
import { compileTools } from "./compile-tools.ts";
import { EncodedList, type EncodedListOptions } from "./encoded-list.ts";
import { FileRoots } from "./file-roots.ts";
import { reservedPrefixes } from "../route-table.ts";
import type { CompiledRoute, CompiledServer, ServerLists } from "./compiled-server.ts";
import type { UpstreamHandle } from "../upstream-pool.ts";

/**
 * Compiles one document without connecting to anything. The server is absent exactly when a problem
 * is an error. Relative file paths start from `baseDirectory`; without one, files cannot be read.
 */
export function compileServer(
  document: ServerDocument,
  baseDirectory: string | undefined,
  options: CompileOptions,
): { readonly server: CompiledServer | undefined; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const serverKey = `${document.tenant}/${document.name}`;
  const context: CompileContext = {
    ...options,
    serverKey,
    document,
    upstreams: compileUpstreams(document, baseDirectory, { serverKey, pool: options.pool, report }),
    files:
      document.files === undefined || baseDirectory === undefined
        ? undefined
        : new FileRoots({ ...document.files, baseDirectory }),
    report,
  };
  const server = compileParts(context);
  const refused = problems.some(({ severity }) => severity === "error");
  return { server: refused ? undefined : server, problems };
}

function compileParts(context: CompileContext): CompiledServer {
  const { document, serverKey, upstreams } = context;
  const tools = compileTools(context);
  const toolNames = new Set(tools.keys());
  const prompts = collectByName(
    document.prompts,
    "prompts",
    ({ name }) => name,
    (prompt, path) => compilePrompt(prompt, path, { ...context, toolNames }),
    context,
  );
  const resources = compileResources(context);
  const info = describeInfo(document);
  const modernMeta = `,"_meta":${JSON.stringify({ [serverInfoKey]: info })}`;
  const list = (member: string, entries: readonly JsonObject[], filter: EncodedListOptions["filter"]): EncodedList =>
    new EncodedList({ member, entries, filter, pageSize: document.pageSize, caching: document.caching, modernMeta });
  const definitionsOf = (parts: Iterable<{ readonly definition: JsonObject }>): JsonObject[] =>
    [...parts].map(({ definition }) => definition);
  const resourceTemplates = compileResourceTemplates(context, toolNames);
  const lists: ServerLists = {
    tools: list("tools", definitionsOf(tools.values()), filterTool),
    prompts: list("prompts", definitionsOf(prompts.values()), filterDescribed),
    resources: list("resources", definitionsOf(resources.values()), filterDescribed),
    resourceTemplates: list("resourceTemplates", definitionsOf(resourceTemplates), filterDescribed),
  };
  const routes = compileRoutes(context);
  return {
    key: serverKey,
    document,
    routes,
    info,
    modernMeta,
    tools,
    prompts,
    resources,
    resourceTemplates,
    lists,
    upstreams: [...upstreams.values()],
  };
}

function compileUpstreams(
  document: ServerDocument,
  baseDirectory: string | undefined,
  { serverKey, pool, report }: Pick<CompileContext, "serverKey" | "pool" | "report">,
): ReadonlyMap<string, UpstreamHandle> {
  const handles = new Map<string, UpstreamHandle>();
  for (const [name, config] of Object.entries(document.upstreams)) {
    const scope = { name, path: ["upstreams", name], baseDirectory, report };
    handles.set(
      name,
      config.kind === "http"
        ? pool.http(serverKey, compileHttpUpstream(config, scope))
        : pool.mcp(serverKey, compileMcpUpstream(config, scope)),
    );
  }
  return handles;
}

function compileRoutes({ document, report }: CompileContext): CompiledRoute[] {
  const forwarded = Object.values(document.upstreams).flatMap((upstream) =>
    upstream.kind === "http" ? upstream.forwardHeaders : [],
  );
  const prefixes = new Set<string>();
  return document.routes.map((config, i) => {
    const path: DocumentPath = ["routes", i, "prefix"];
    const reserved = reservedPrefixes.find((prefix) => isBelow(config.prefix, prefix));
    if (reserved !== undefined) {
      report({
        severity: "error",
        path,
        message: `the prefix ${config.prefix} collides with ${reserved}, which belongs to the gateway`,
        mend: "choose another prefix",
      });
    }
    if (prefixes.has(config.prefix)) {
      report({
        severity: "error",
        path,
        message: `the prefix ${config.prefix} is there twice`,
        mend: "remove one of the routes",
      });
    }
    prefixes.add(config.prefix);
    return { prefix: config.prefix, config, visibleHeaders: visibleHeadersOf(config, forwarded) };
  });
}

function visibleHeadersOf(config: RouteConfig, forwarded: readonly string[]): string[] {
  return [...new Set([...config.requestHeaders, ...forwarded].map((name) => name.toLowerCase()))];
}

function isBelow(prefix: string, reserved: string): boolean {
  return prefix === reserved || prefix.startsWith(`${reserved}/`);
}

function describeInfo({ name, title, version, description, websiteUrl, icons }: ServerDocument): JsonObject {
  return {
    name,
    ...(title === undefined ? {} : { title }),
    version,
    ...(description === undefined ? {} : { description }),
    ...(websiteUrl === undefined ? {} : { websiteUrl }),
    ...(icons === undefined ? {} : { icons: icons as unknown as JsonValue }), // plain YAML
  };
}
