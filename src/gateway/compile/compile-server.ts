import type { RouteConfig, ServerDocument } from "../../core/config/document.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Judgement } from "../../core/judgement.ts";
import type { DocumentPath, Problem, Report, SecretUse } from "../../core/problem.ts";
import { serverInfoKey } from "../../protocol/modern-request.ts";
import { type CompileContext, type CompileOptions, collectByName } from "./compile-context.ts";
import { compileHttpUpstream } from "../../upstreams/http/upstream-plan.ts";
import { compileMcpUpstream } from "../../upstreams/mcp/mcp-upstream-plan.ts";
import { compilePrompt } from "./compile-prompt.ts";
import { compileResources, compileResourceTemplates } from "./compile-resources.ts";
import { compileTools } from "./compile-tools.ts";
import { FileRoots } from "./file-roots.ts";
import { judgeServer } from "./judge-server.ts";
import { findMissingSecrets, namesOf } from "./secret-uses.ts";
import { reservedPrefixes } from "../../core/document-rules.ts";
import { constantCatalogue } from "../catalogue/constant-catalogue.ts";
import { KeyScopedCatalogue } from "../catalogue/key-scoped-catalogue.ts";
import { LiveCatalogue } from "../catalogue/live-catalogue.ts";
import type { ViewBase } from "../catalogue/merge-view.ts";
import type { ServerCatalogue } from "../catalogue/server-view.ts";
import { compileExposures } from "./compile-exposures.ts";
import type { CompiledParts } from "./compiled-parts.ts";
import type { CompiledRoute, CompiledServer } from "./compiled-server.ts";
import type { UpstreamHandle } from "../upstream-pool.ts";

export interface CompiledDocument {
  /** Absent exactly when a problem is an error. */
  readonly server: CompiledServer | undefined;
  readonly problems: readonly Problem[];
  /** Names of the secrets that its templates read. */
  readonly secretNames: readonly string[];
  /** What to know of it, apart from its secrets; absent when that is not enough to serve it, or it has an error. */
  readonly judgement: Judgement | undefined;
}

/**
 * Compiles one document without connecting to anything. Relative file paths start from `baseDirectory`;
 * without one, files cannot be read.
 */
export function compileServer(
  document: ServerDocument,
  baseDirectory: string | undefined,
  options: CompileOptions,
): CompiledDocument {
  const { secrets, missingSecret } = options;
  const problems: Problem[] = [];
  const uses: SecretUse[] = [];
  const report: Report = Object.assign((problem: Problem) => void problems.push(problem), {
    secret: (use: SecretUse) => void uses.push(use),
  });
  const serverKey = `${document.tenant}/${document.name}`;
  const context: CompileContext = {
    ...options,
    serverKey,
    document,
    upstreams: compileUpstreams(document, baseDirectory, { serverKey, pool: options.pool, secrets, report }),
    files:
      document.files === undefined || baseDirectory === undefined
        ? undefined
        : new FileRoots({ ...document.files, baseDirectory }),
    report,
  };
  const server = compileWhole(context);
  const judgement = problems.some(isError) ? undefined : judgeServer(server, uses);
  problems.push(...findMissingSecrets(uses, secrets, missingSecret));
  const refused = problems.some(isError);
  return { server: refused ? undefined : server, problems, secretNames: namesOf(uses), judgement };
}

const isError = ({ severity }: Problem): boolean => severity === "error";

function compileWhole(context: CompileContext): CompiledServer {
  const { document, serverKey, upstreams } = context;
  const parts = compileParts(context);
  const info = describeInfo(document);
  const modernMeta = `,"_meta":${JSON.stringify({ [serverInfoKey]: info })}`;
  const { tenant, name, pageSize, caching, instructions, resources, resourceTemplates } = document;
  return {
    key: serverKey,
    tenant,
    name,
    sizes: {
      tools: document.tools.length,
      prompts: document.prompts.length,
      resources: resources.length + resourceTemplates.length,
    },
    isCompiled: true,
    document,
    readDocument: () => document,
    routes: compileRoutes(context),
    info,
    modernMeta,
    parts,
    catalogue: openCatalogue({ parts, instructions, lists: { pageSize, caching, modernMeta } }, context),
    upstreams: [...upstreams.values()],
  };
}

function openCatalogue(base: ViewBase, context: CompileContext): ServerCatalogue {
  const exposures = compileExposures(context, new Set(base.parts.tools.keys()));
  return new KeyScopedCatalogue(
    exposures.length === 0 ? constantCatalogue(base) : new LiveCatalogue({ ...context, base, exposures }),
  );
}

function compileParts(context: CompileContext): CompiledParts {
  const tools = compileTools(context);
  const prompts = collectByName(
    context.document.prompts,
    "prompts",
    ({ name }) => name,
    (prompt, path) => compilePrompt(prompt, path, { ...context, tools }),
    context,
  );
  const resources = compileResources(context);
  return { tools, prompts, resources, resourceTemplates: compileResourceTemplates(context, tools) };
}

function compileUpstreams(
  document: ServerDocument,
  baseDirectory: string | undefined,
  { serverKey, pool, secrets, report }: Pick<CompileContext, "serverKey" | "pool" | "secrets" | "report">,
): ReadonlyMap<string, UpstreamHandle> {
  const handles = new Map<string, UpstreamHandle>();
  for (const [name, config] of Object.entries(document.upstreams)) {
    const scope = { name, path: ["upstreams", name], baseDirectory, report };
    handles.set(
      name,
      config.kind === "http"
        ? pool.http(serverKey, compileHttpUpstream(config, scope), secrets)
        : pool.mcp(serverKey, compileMcpUpstream(config, scope), secrets),
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
