import { type ExposureConfig, wholeExposure } from "../../core/config/exposure-schema.ts";
import type { McpUpstreamConfig } from "../../core/config/mcp-upstream-schema.ts";
import type { DocumentPath } from "../../core/problem.ts";
import { namespaceName, uriNamespace } from "../catalogue/uri-namespace.ts";
import type { McpHandle } from "../upstream-pool.ts";
import { checkExposures } from "./check-exposures.ts";
import type { CompileContext } from "./compile-context.ts";
import { compileConfirm } from "./compile-confirm.ts";
import { type CompiledExposure, type CompiledOverride, Selection } from "./compiled-exposure.ts";

/** An MCP upstream of the document. */
interface McpEntry {
  readonly handle: McpHandle;
  readonly config: McpUpstreamConfig;
}

/**
 * What the document shows of its MCP upstreams, in the order of precedence: the entries of `expose`,
 * then the upstreams without one, whole.
 */
export function compileExposures(context: CompileContext, toolNames: ReadonlySet<string>): CompiledExposure[] {
  const { document } = context;
  const upstreams = findMcpUpstreams(context);
  checkExposures(context, toolNames);
  const isOnly = upstreams.size === 1;
  const compiled = new Map<string, CompiledExposure>();
  document.expose.forEach((config, i) => {
    const entry = upstreams.get(config.upstream);
    if (entry === undefined || compiled.has(config.upstream)) return; // reported by the checks
    compiled.set(config.upstream, compileExposure(config, entry, { path: ["expose", i], isOnly, context }));
  });
  for (const [name, entry] of upstreams) {
    if (compiled.has(name)) continue;
    const scope = { path: ["upstreams", name], isOnly, context };
    compiled.set(name, compileExposure(wholeExposure(name), entry, scope));
  }
  return [...compiled.values()];
}

function findMcpUpstreams({ document, upstreams }: CompileContext): Map<string, McpEntry> {
  const found = new Map<string, McpEntry>();
  for (const [name, config] of Object.entries(document.upstreams)) {
    const handle = upstreams.get(name);
    if (config.kind === "mcp" && handle?.kind === "mcp") found.set(name, { handle, config });
  }
  return found;
}

interface ExposureScope {
  readonly path: DocumentPath;
  /** The document has no other MCP upstream. */
  readonly isOnly: boolean;
  readonly context: Pick<CompileContext, "report">;
}

function compileExposure(config: ExposureConfig, entry: McpEntry, scope: ExposureScope): CompiledExposure {
  const { tools, prompts, resources, separator, pin } = config;
  const prefix = config.prefix ?? (scope.isOnly ? "" : config.upstream);
  return {
    upstream: entry.handle,
    prefix: prefix === "" ? "" : prefix + separator,
    tools: {
      selection: new Selection(tools),
      rename: new Map(Object.entries(tools.rename)),
      overrides: compileOverrides(config, scope),
    },
    prompts: { selection: new Selection(prompts), rename: new Map(Object.entries(prompts.rename)) },
    resources: {
      selection: new Selection(resources),
      namespace: resources.namespace ? compileNamespace(config.upstream, scope) : undefined,
    },
    timeoutMs: entry.config.timeoutMs,
    hidesWhenDown: entry.config.whenDown === "hide",
    pinning: pin === "block" ? "block" : pin ? "report" : "off",
  };
}

function compileOverrides(
  { tools }: ExposureConfig,
  { path, context }: ExposureScope,
): ReadonlyMap<string, CompiledOverride> {
  const overrides = new Map<string, CompiledOverride>();
  for (const [name, config] of Object.entries(tools.overrides)) {
    const at = [...path, "tools", "overrides", name, "confirm"];
    const confirm = config.confirm === undefined ? undefined : compileConfirm(config.confirm, at, context.report);
    overrides.set(name, { config, confirm });
  }
  return overrides;
}

function compileNamespace(name: string, { path, context }: ExposureScope): CompiledExposure["resources"]["namespace"] {
  if (!namespaceName.test(name)) {
    context.report({
      severity: "error",
      path: [...path, "resources", "namespace"],
      message: `the upstream's name "${name}" cannot begin a URI, as namespace: true wants`,
      mend: "give the upstream a name that begins with a letter and consists of a-z, 0-9, `-` and `.`",
    });
  }
  return uriNamespace(name);
}
