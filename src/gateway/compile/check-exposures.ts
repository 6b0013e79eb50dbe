import type { ExposureConfig } from "../../core/config/exposure-schema.ts";
import type { DocumentPath } from "../../core/problem.ts";
import type { CompileContext } from "./compile-context.ts";
import { Selection } from "./compiled-exposure.ts";

/** Reports what is wrong with `expose` as far as it can be seen without asking the upstreams. */
export function checkExposures(context: CompileContext, toolNames: ReadonlySet<string>): void {
  const seen = new Set<string>();
  const renamed: RenameOwners = {
    tools: new Map([...toolNames].map((name) => [name, "a tool of the document"])),
    prompts: new Map(context.document.prompts.map(({ name }) => [name, "a prompt of the document"])),
  };
  context.document.expose.forEach((exposure, i) => {
    const path = ["expose", i];
    checkUpstream(exposure, path, seen, context);
    seen.add(exposure.upstream);
    checkRenames(exposure, path, renamed, context);
    checkOverrides(exposure, path, context);
  });
  checkSharing(context);
}

function checkUpstream(
  { upstream }: ExposureConfig,
  path: DocumentPath,
  seen: ReadonlySet<string>,
  { document, report }: CompileContext,
): void {
  const config = Object.hasOwn(document.upstreams, upstream) ? document.upstreams[upstream] : undefined;
  const at = [...path, "upstream"];
  if (config === undefined) {
    const known = Object.keys(document.upstreams).filter((name) => document.upstreams[name]?.kind === "mcp");
    const mend =
      known.length === 0 ? "add it to upstreams, with kind: mcp" : `name one of kind mcp: ${known.join(", ")}`;
    report({ severity: "error", path: at, message: `unknown upstream "${upstream}"`, mend });
  } else if (config.kind !== "mcp") {
    report({
      severity: "error",
      path: at,
      message: `the upstream "${upstream}" is of kind ${config.kind}, which offers nothing of its own to show`,
      mend: "write tools that call it, or name an upstream of kind mcp",
    });
  } else if (seen.has(upstream)) {
    report({
      severity: "error",
      path: at,
      message: `the upstream "${upstream}" is there twice in expose`,
      mend: "put both entries into one",
    });
  }
}

/** Who has each name already, in words. */
type RenameOwners = Readonly<Record<"tools" | "prompts", Map<string, string>>>;

function checkRenames(
  exposure: ExposureConfig,
  path: DocumentPath,
  owners: RenameOwners,
  { report }: CompileContext,
): void {
  for (const kind of ["tools", "prompts"] as const) {
    for (const [upstreamName, name] of Object.entries(exposure[kind].rename)) {
      const owner = owners[kind].get(name);
      if (owner === undefined) {
        owners[kind].set(name, `${upstreamName} of the upstream "${exposure.upstream}"`);
        continue;
      }
      report({
        severity: "error",
        path: [...path, kind, "rename", upstreamName],
        message: `the name ${name} belongs to ${owner} already`,
        mend: "choose another name",
      });
    }
  }
}

/** Changes of tools that are not shown are mistakes, most likely of a glob. */
function checkOverrides({ tools }: ExposureConfig, path: DocumentPath, { report }: CompileContext): void {
  const selection = new Selection(tools);
  for (const key of ["rename", "overrides"] as const) {
    for (const name of Object.keys(tools[key])) {
      if (selection.selects(name)) continue;
      report({
        severity: "warning",
        path: [...path, "tools", key, name],
        message: `the tool ${name} is not among those that are shown`,
        mend: "add it to include, or take it out of exclude; names are the upstream's",
        atKey: true,
      });
    }
  }
}

/** Strangers whom nothing tells apart cannot share a connection that remembers its caller. */
function checkSharing({ document, report }: CompileContext): void {
  const open = document.routes.find(({ access }) => access === "public");
  if (open === undefined) return;
  for (const [name, upstream] of Object.entries(document.upstreams)) {
    if (upstream.kind !== "mcp" || upstream.sharing === "shared") continue;
    report({
      severity: "warning",
      path: ["upstreams", name, "sharing"],
      message: `the route ${open.prefix} is public: anonymous clients without a session get a connection of their own for each call of the upstream "${name}"`,
      mend: "set `sharing: shared` if the server keeps nothing about its callers, or `access: key` for the route",
    });
  }
}
