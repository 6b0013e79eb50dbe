import { createHash } from "node:crypto";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { upstreamKey } from "../openapi/assembly/assemble-document.ts";
import type { OpenApiChoices, OpenApiImport, OpenApiSource } from "../openapi/openapi-import.ts";

/** What has to be known of an import to do it again: kept beside the document, without secrets. */
export interface ImportRecord {
  /** Without `names`. */
  readonly choices: OpenApiChoices;
  /** Names of the tools by `METHOD /path`. */
  readonly names: Readonly<Record<string, string>>;
  /** What was made, before anybody edited it. */
  readonly document: JsonObject;
  /** SHA-256 of the description and its overlays, in hex. */
  readonly descriptionHash: string;
}

/** What is kept of an import that was just made. */
export function recordImport(source: OpenApiSource, choices: OpenApiChoices, made: OpenApiImport): ImportRecord {
  const { names: _names, ...kept } = choices;
  const tools = made.report.entries.filter(({ outcome }) => outcome === "taken" || outcome === "changed");
  return {
    choices: kept,
    names: Object.fromEntries(tools.flatMap(({ source: label, tool }) => (tool === undefined ? [] : [[label, tool]]))),
    document: made.document,
    descriptionHash: hashDescription(source),
  };
}

/**
 * The choices of an import again: those of then, with what is chosen now in their place. Name, prefix and base URL stay
 * what they were, whatever the description says by now: it must not lead calls, and credentials, elsewhere.
 */
export function choicesAgain({ choices, names, document }: ImportRecord, given: OpenApiChoices): OpenApiChoices {
  const { name } = document;
  const baseUrl = baseUrlOf(document);
  return {
    ...choices,
    ...(typeof name === "string" ? { name } : {}),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...given,
    names,
  };
}

function hashDescription({ text, overlays = [] }: OpenApiSource): string {
  const hash = createHash("sha256");
  for (const part of [text, ...overlays.map((overlay) => overlay.text)]) hash.update(part).update("\0");
  return hash.digest("hex");
}

function baseUrlOf({ upstreams }: JsonObject): string | undefined {
  const upstream = isJsonObject(upstreams) ? upstreams[upstreamKey] : undefined;
  return isJsonObject(upstream) && typeof upstream["baseUrl"] === "string" ? upstream["baseUrl"] : undefined;
}
