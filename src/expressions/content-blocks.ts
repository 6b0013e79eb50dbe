import type { ContentBlockConfig } from "../core/config/content-schema.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { DocumentPath } from "../core/problem.ts";
import type { CompileScope, Scope, Template } from "./scope.ts";
import { compileText } from "./template.ts";

/** A content block of MCP, made anew for every scope. */
export type BlockMaker = (scope: Scope) => JsonObject;

type Texts = Readonly<Record<string, Template<string | undefined>>>;

/** Compiles configured content blocks (text, image, audio, resource, resourceLink) of a tool or prompt. */
export function compileContentBlock(config: ContentBlockConfig, path: DocumentPath, scope: CompileScope): BlockMaker {
  const common: JsonObject = {
    ...(config.annotations === undefined ? {} : { annotations: config.annotations as JsonObject }), // plain YAML
    ...(config.meta === undefined ? {} : { _meta: config.meta }),
  };
  const compileAll = (key: string, fields: Readonly<Record<string, string | undefined>>): Texts =>
    Object.fromEntries(
      Object.entries(fields)
        .filter((entry): entry is [string, string] => entry[1] !== undefined)
        .map(([field, text]) => [field, compileText(text, [...path, key, field], scope)]),
    );
  if ("text" in config) {
    const text = compileText(config.text, [...path, "text"], scope);
    return (values) => ({ type: "text", text: text.evaluate(values) ?? "", ...common });
  }
  if ("image" in config) return mediaMaker("image", compileAll("image", config.image), common);
  if ("audio" in config) return mediaMaker("audio", compileAll("audio", config.audio), common);
  if ("resource" in config) {
    const fields = compileAll("resource", config.resource);
    return (values) => ({ type: "resource", resource: withPlainBlob(evaluateAll(fields, values)), ...common });
  }
  const fields = compileAll("resourceLink", config.resourceLink);
  return (values) => ({ type: "resource_link", ...evaluateAll(fields, values), ...common });
}

function mediaMaker(type: "image" | "audio", fields: Texts, common: JsonObject): BlockMaker {
  return (scope) => {
    const { data = "", mimeType = "" } = evaluateAll(fields, scope);
    return { type, data: plainBase64(data), mimeType, ...common };
  };
}

function evaluateAll(fields: Texts, scope: Scope): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [field, template] of Object.entries(fields)) {
    const value = template.evaluate(scope);
    if (value !== undefined) values[field] = value;
  }
  return values;
}

function withPlainBlob(resource: Record<string, string>): Record<string, JsonValue> {
  return resource["blob"] === undefined ? resource : { ...resource, blob: plainBase64(resource["blob"]) };
}

/** The base64 of a `data:` URI, or the text itself when it is not one. */
export function plainBase64(text: string): string {
  return /^data:[^,]*;base64,(.*)$/s.exec(text)?.[1] ?? text;
}
