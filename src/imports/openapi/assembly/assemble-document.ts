import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import type { OpenApiChoices } from "../openapi-import.ts";
import type { CompiledSecurity } from "../security/compile-security.ts";
import { cleanMarkup } from "../text/clean-markup.ts";
import { trimText } from "../text/trim-text.ts";
import { infoOf } from "./assemble-tool.ts";

/** Key of the only upstream. */
export const upstreamKey = "api";

export interface DocumentParts {
  readonly root: JsonObject;
  readonly choices: OpenApiChoices;
  readonly baseUrl: string;
  readonly security: CompiledSecurity;
  readonly tools: readonly JsonObject[];
}

/** The document: one route, one upstream, and the tools in the order of the description. */
export function assembleDocument({ root, choices, baseUrl, security, tools }: DocumentParts): JsonObject {
  const info = infoOf(root);
  const title = wordsOf(info["title"], 100).replaceAll(/\s+/g, " ");
  const name = nameOf(root, choices);
  const version = wordsOf(info["version"], 50).replaceAll(/\s+/g, " ");
  const instructions = wordsOf(info["description"] ?? info["summary"], 1_000);
  const websiteUrl = websiteOf(root);
  return {
    name,
    ...(choices.tenant === undefined ? {} : { tenant: choices.tenant }),
    ...(title === "" ? {} : { title }),
    ...(version === "" ? {} : { version }),
    ...(websiteUrl === undefined ? {} : { websiteUrl }),
    ...(instructions === "" ? {} : { instructions }),
    routes: [{ prefix: choices.prefix ?? `/${name}` }],
    upstreams: {
      [upstreamKey]: {
        kind: "http",
        baseUrl,
        ...security.upstream,
      },
    },
    tools,
  };
}

/** The name of the document: chosen, or made of the title of the description. */
export function nameOf(root: JsonObject, { name }: OpenApiChoices): string {
  return name ?? documentName(wordsOf(infoOf(root)["title"], 100));
}

/** A title as a name of a document: small letters, digits and `-`. */
function documentName(title: string): string {
  const name = title
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 48)
    .replaceAll(/^-+|-+$/g, "");
  return name === "" ? "api" : name;
}

function websiteOf(root: JsonObject): string | undefined {
  const documentation = root["externalDocs"];
  const url = isJsonObject(documentation) ? documentation["url"] : undefined;
  return typeof url === "string" && url.length <= 500 && /^https:\/\/[^\s\u0000-\u001f<>"]+$/.test(url)
    ? url
    : undefined;
}

function wordsOf(value: JsonValue | undefined, maxLength: number): string {
  // Unquoted in YAML, a version is a number.
  return typeof value === "string" || typeof value === "number" ? trimText(cleanMarkup(String(value)), maxLength) : "";
}
