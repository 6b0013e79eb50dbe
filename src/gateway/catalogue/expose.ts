import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Catalogue } from "../../upstreams/mcp/catalogue.ts";
import type { CompiledExposure, Selection } from "../compile/compiled-exposure.ts";
import type { ExposeContext } from "./expose-context.ts";
import { exposeResources, exposeTemplates } from "./expose-resources.ts";
import { exposeTools } from "./expose-tools.ts";
import type { Exposed } from "./exposed.ts";
import { plainUri } from "./plain-uri.ts";
import type { ProxiedPrompt } from "./server-view.ts";

/** Applies an exposure to what its upstream offers. Entries are the upstream's own, but for what the exposure changes. */
export function expose(exposure: CompiledExposure, catalogue: Catalogue, context: ExposeContext): Exposed {
  const { upstream, resources } = exposure;
  const shown = exposure.hidesWhenDown && catalogue.state === "stale" ? nothingOf(catalogue) : catalogue;
  const { tools, leftOut, drifts } = exposeTools(exposure, shown.tools, context);
  return {
    upstream,
    tools,
    prompts: exposePrompts(exposure, shown.prompts),
    resources: exposeResources(exposure, shown.resources),
    resourceTemplates: exposeTemplates(exposure, shown.resourceTemplates),
    namespace: resources.namespace,
    readsUnlisted: isJsonObject(catalogue.server?.capabilities["resources"]),
    isExcluded: (uri) => isExcluded(resources.selection, uri),
    isIncluded: (uri) => resources.selection.includes(uri) && resources.selection.includes(plainUri(uri) ?? uri),
    instructions: catalogue.server?.instructions,
    leftOut,
    drifts,
  };
}

/** By whatever spelling: what is left out must not be read by a URI that the server takes for the same. */
function isExcluded(selection: Selection, uri: string): boolean {
  if (selection.isEverything) return false;
  const plain = plainUri(uri);
  return plain === undefined || selection.excludes(uri) || selection.excludes(plain);
}

function nothingOf(catalogue: Catalogue): Catalogue {
  return { ...catalogue, tools: [], prompts: [], resources: [], resourceTemplates: [] };
}

/** Names of prompts may hold anything (specification, prompts): they are not cleaned. */
function exposePrompts(
  { upstream, prefix, prompts }: CompiledExposure,
  offered: readonly JsonObject[],
): ProxiedPrompt[] {
  const exposed: ProxiedPrompt[] = [];
  for (const entry of offered) {
    const upstreamName = entry["name"];
    if (typeof upstreamName !== "string" || !prompts.selection.selects(upstreamName)) continue;
    const name = prompts.rename.get(upstreamName) ?? prefix + upstreamName;
    const definition = name === upstreamName ? entry : { ...entry, name };
    exposed.push({ kind: "mcp", name, upstreamName, definition, upstream });
  }
  return exposed;
}
