import type { CompiledParts } from "../compile/compiled-parts.ts";
import type { Exposed, ExposedResource, ExposedTemplate } from "./exposed.ts";
import type { FoundResource, FoundTemplate } from "./server-view.ts";

export interface FinderOptions {
  readonly parts: CompiledParts;
  readonly exposed: readonly Exposed[];
  /** By the URI that clients know. */
  readonly resources: ReadonlyMap<string, ExposedResource & { readonly owner: Exposed }>;
  /** By the template that clients know, in the order of the list. */
  readonly templates: ReadonlyMap<string, ExposedTemplate & { readonly owner: Exposed }>;
}

/** Finds out who reads a URI. A URI that nobody lists has at most one upstream that may know it. */
export class ResourceFinder {
  readonly #options: FinderOptions;
  #origins: ReadonlyMap<string, Exposed> | undefined;

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  find(uri: string): FoundResource | undefined {
    const { parts, resources } = this.#options;
    const own = parts.resources.get(uri);
    if (own !== undefined) return { kind: "resource", resource: own };
    const listed = resources.get(uri);
    if (listed !== undefined) return proxied(uri, listed.upstreamUri, listed.owner);
    for (const template of parts.resourceTemplates) {
      const args = template.template.match(uri);
      if (args !== undefined) return { kind: "template", template, args };
    }
    return this.#findByTemplate(uri) ?? this.#findUnlisted(uri);
  }

  findTemplate(uriTemplate: string): FoundTemplate | undefined {
    const { parts, templates } = this.#options;
    const own = parts.resourceTemplates.find(({ template }) => template.text === uriTemplate);
    if (own !== undefined) return { kind: "template", template: own };
    const found = templates.get(uriTemplate);
    if (found === undefined) return undefined;
    return { kind: "mcp", upstream: found.owner.upstream, upstreamTemplate: found.upstreamTemplate };
  }

  #findByTemplate(uri: string): FoundResource | undefined {
    for (const { owner, matches } of this.#options.templates.values()) {
      const upstreamUri = toUpstream(owner, uri);
      if (upstreamUri === undefined || owner.isExcluded(upstreamUri)) continue;
      if (matches(upstreamUri)) return proxied(uri, upstreamUri, owner);
    }
    return undefined;
  }

  /** The only upstream with resources, else the one that lists URIs of the same scheme and authority. */
  #findUnlisted(uri: string): FoundResource | undefined {
    const candidates = this.#options.exposed.filter((part) => {
      if (!part.readsUnlisted) return false;
      const upstreamUri = toUpstream(part, uri);
      return upstreamUri !== undefined && !part.isExcluded(upstreamUri) && part.isIncluded(upstreamUri);
    });
    const namespaced = candidates.find(({ namespace }) => namespace !== undefined);
    const owner = namespaced ?? (this.#readers() === 1 ? candidates[0] : this.#ownerOfOrigin(uri, candidates));
    const upstreamUri = owner && toUpstream(owner, uri);
    return upstreamUri === undefined || owner === undefined ? undefined : proxied(uri, upstreamUri, owner);
  }

  #readers(): number {
    return this.#options.exposed.filter(({ readsUnlisted }) => readsUnlisted).length;
  }

  #ownerOfOrigin(uri: string, candidates: readonly Exposed[]): Exposed | undefined {
    this.#origins ??= collectOrigins(this.#options);
    const owner = this.#origins.get(originOf(uri));
    return owner !== undefined && candidates.includes(owner) ? owner : undefined;
  }
}

function proxied(uri: string, upstreamUri: string, { upstream }: Exposed): FoundResource {
  return { kind: "mcp", uri, upstreamUri, upstream };
}

function toUpstream({ namespace }: Exposed, uri: string): string | undefined {
  return namespace === undefined ? uri : namespace.toUpstream(uri);
}

function collectOrigins({ resources, templates }: FinderOptions): ReadonlyMap<string, Exposed> {
  const origins = new Map<string, Exposed>();
  const add = (text: string, owner: Exposed): void => {
    const origin = originOf(text);
    if (!origins.has(origin)) origins.set(origin, owner);
  };
  for (const { uri, owner } of resources.values()) add(uri, owner);
  for (const { uriTemplate, owner } of templates.values()) add(uriTemplate, owner);
  return origins;
}

/** Scheme and authority as they are written; templates may leave the authority open. */
function originOf(uri: string): string {
  const schemeEnd = uri.indexOf(":");
  if (!uri.startsWith("//", schemeEnd + 1)) return uri.slice(0, schemeEnd + 1);
  const pathStart = uri.indexOf("/", schemeEnd + 3);
  return pathStart === -1 ? uri : uri.slice(0, pathStart);
}
