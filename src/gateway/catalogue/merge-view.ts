import type { CompiledParts } from "../compile/compiled-parts.ts";
import type { McpHandle } from "../upstream-pool.ts";
import type { Exposed, ExposedResource, ExposedTemplate } from "./exposed.ts";
import { ResourceFinder } from "./resource-finder.ts";
import { encodeLists, type ListOptions, type ServerLists } from "./server-lists.ts";
import type {
  FoundResource,
  FoundTemplate,
  LeftOut,
  ServedPrompt,
  ServedTool,
  ServerView,
  ToolDrift,
  UriNamespace,
} from "./server-view.ts";

/** What of a view does not depend on any upstream. */
export interface ViewBase {
  readonly parts: CompiledParts;
  /** The document's. */
  readonly instructions: string | undefined;
  readonly lists: ListOptions;
}

/**
 * One view of a document's parts and of what its exposures show, in their order: whoever comes first
 * keeps a name, the next is left out.
 */
export function mergeView(base: ViewBase, exposed: readonly Exposed[]): ServerView {
  return new MergedView(base, exposed);
}

class MergedView implements ServerView {
  readonly tools: ReadonlyMap<string, ServedTool>;
  readonly prompts: ReadonlyMap<string, ServedPrompt>;
  readonly lists: ServerLists;
  readonly instructions: string | undefined;
  readonly leftOut: readonly LeftOut[];
  readonly drifts: readonly ToolDrift[];
  readonly #finder: ResourceFinder;
  readonly #namespaces: ReadonlyMap<McpHandle, UriNamespace | undefined>;

  constructor({ parts, instructions, lists }: ViewBase, exposed: readonly Exposed[]) {
    const leftOut = exposed.flatMap((part) => part.leftOut);
    this.tools = mergeNamed("tool", parts.tools, exposed, ({ tools }) => tools, leftOut);
    this.prompts = mergeNamed("prompt", parts.prompts, exposed, ({ prompts }) => prompts, leftOut);
    const resources = mergeResources(parts, exposed, leftOut);
    const templates = mergeTemplates(parts, exposed, leftOut);
    this.lists = encodeLists(
      {
        tools: [...this.tools.values()].map(({ definition }) => definition),
        prompts: [...this.prompts.values()].map(({ definition }) => definition),
        resources: [...parts.resources.values(), ...resources.values()].map(({ definition }) => definition),
        resourceTemplates: [...parts.resourceTemplates, ...templates.values()].map(({ definition }) => definition),
      },
      lists,
    );
    this.instructions = instructions ?? joinInstructions(exposed);
    this.leftOut = leftOut;
    this.drifts = exposed.flatMap(({ drifts }) => drifts);
    this.#finder = new ResourceFinder({ parts, exposed, resources, templates });
    this.#namespaces = new Map(exposed.map(({ upstream, namespace }) => [upstream, namespace]));
  }

  findResource(uri: string): FoundResource | undefined {
    return this.#finder.find(uri);
  }

  findTemplate(uriTemplate: string): FoundTemplate | undefined {
    return this.#finder.findTemplate(uriTemplate);
  }

  namespaceOf(upstream: McpHandle): UriNamespace | undefined {
    return this.#namespaces.get(upstream);
  }
}

type Named = { readonly name: string; readonly upstreamName: string; readonly upstream: McpHandle };

function mergeNamed<Own, Proxied extends Named>(
  kind: "tool" | "prompt",
  own: ReadonlyMap<string, Own>,
  exposed: readonly Exposed[],
  entriesOf: (part: Exposed) => readonly Proxied[],
  leftOut: LeftOut[],
): ReadonlyMap<string, Own | Proxied> {
  if (exposed.length === 0) return own;
  const merged = new Map<string, Own | Proxied>(own);
  const owners = new Map<string, string>();
  for (const entry of exposed.flatMap(entriesOf)) {
    const { name, upstreamName, upstream } = entry;
    if (!merged.has(name)) {
      merged.set(name, entry);
      owners.set(name, upstream.name);
      continue;
    }
    const winner = describeOwner(owners.get(name), kind);
    const reason = `the name ${name} belongs to ${winner}; rename it or give the exposure a prefix`;
    leftOut.push({ upstream: upstream.name, kind, name: upstreamName, reason });
  }
  return merged;
}

/** A listed resource or a template, with whose it is. */
export type Owned<Entry> = Entry & { readonly owner: Exposed };

function mergeResources(
  parts: CompiledParts,
  exposed: readonly Exposed[],
  leftOut: LeftOut[],
): ReadonlyMap<string, Owned<ExposedResource>> {
  const merged = new Map<string, Owned<ExposedResource>>();
  for (const owner of exposed) {
    for (const entry of owner.resources) {
      const { uri, upstreamUri } = entry;
      const winner = parts.resources.has(uri) ? undefined : merged.get(uri)?.owner.upstream.name;
      if (winner === undefined && !parts.resources.has(uri)) merged.set(uri, { ...entry, owner });
      else leftOut.push(takenUri(owner, "resource", upstreamUri, winner));
    }
  }
  return merged;
}

function mergeTemplates(
  parts: CompiledParts,
  exposed: readonly Exposed[],
  leftOut: LeftOut[],
): ReadonlyMap<string, Owned<ExposedTemplate>> {
  const own = new Set(parts.resourceTemplates.map(({ template }) => template.text));
  const merged = new Map<string, Owned<ExposedTemplate>>();
  for (const owner of exposed) {
    for (const entry of owner.resourceTemplates) {
      const { uriTemplate, upstreamTemplate } = entry;
      const winner = own.has(uriTemplate) ? undefined : merged.get(uriTemplate)?.owner.upstream.name;
      if (winner === undefined && !own.has(uriTemplate)) merged.set(uriTemplate, { ...entry, owner });
      else leftOut.push(takenUri(owner, "resourceTemplate", upstreamTemplate, winner));
    }
  }
  return merged;
}

function takenUri(
  { upstream }: Exposed,
  kind: "resource" | "resourceTemplate",
  name: string,
  winner: string | undefined,
): LeftOut {
  const reason = `it belongs to ${describeOwner(winner, kind)}; set resources.namespace to show both`;
  return { upstream: upstream.name, kind, name, reason };
}

function describeOwner(upstream: string | undefined, kind: LeftOut["kind"]): string {
  const noun = kind === "resourceTemplate" ? "resource template" : kind;
  return upstream === undefined ? `a ${noun} of the document` : `the upstream ${upstream}`;
}

/** Of several upstreams each text stands below its name. */
function joinInstructions(exposed: readonly Exposed[]): string | undefined {
  const texts = exposed.flatMap(({ upstream, instructions }) =>
    instructions === undefined || instructions.trim() === "" ? [] : [{ name: upstream.name, instructions }],
  );
  if (texts.length < 2) return texts[0]?.instructions;
  return texts.map(({ name, instructions }) => `## ${name}\n\n${instructions.trim()}`).join("\n\n");
}
