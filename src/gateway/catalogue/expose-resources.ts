import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { parseUriTemplate } from "../../protocol/uri-template.ts";
import type { CompiledExposure } from "../compile/compiled-exposure.ts";
import type { ExposedResource, ExposedTemplate } from "./exposed.ts";

/** The resources that an exposure shows. */
export function exposeResources({ resources }: CompiledExposure, offered: readonly JsonObject[]): ExposedResource[] {
  const { selection, namespace } = resources;
  const exposed: ExposedResource[] = [];
  for (const entry of offered) {
    const upstreamUri = entry["uri"];
    if (typeof upstreamUri !== "string" || !selection.selects(upstreamUri)) continue;
    const uri = namespace?.toClient(upstreamUri) ?? upstreamUri;
    exposed.push({ uri, upstreamUri, definition: namespace === undefined ? entry : { ...entry, uri } });
  }
  return exposed;
}

/** The resource templates that an exposure shows; globs are compared with the template's text. */
export function exposeTemplates({ resources }: CompiledExposure, offered: readonly JsonObject[]): ExposedTemplate[] {
  const { selection, namespace } = resources;
  const exposed: ExposedTemplate[] = [];
  for (const entry of offered) {
    const upstreamTemplate = entry["uriTemplate"];
    if (typeof upstreamTemplate !== "string" || !selection.selects(upstreamTemplate)) continue;
    const uriTemplate = namespace?.toClient(upstreamTemplate) ?? upstreamTemplate;
    const definition = namespace === undefined ? entry : { ...entry, uriTemplate };
    exposed.push({ uriTemplate, upstreamTemplate, definition, matches: matcherOf(upstreamTemplate) });
  }
  return exposed;
}

/**
 * Upstreams may use all of RFC 6570; of what our parser does not know, the text before the first
 * variable has to do. The upstream decides in the end.
 */
function matcherOf(template: string): (uri: string) => boolean {
  try {
    const parsed = parseUriTemplate(template);
    return (uri) => parsed.match(uri) !== undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const [start = ""] = template.split("{");
    return (uri) => start !== "" && uri.startsWith(start);
  }
}
