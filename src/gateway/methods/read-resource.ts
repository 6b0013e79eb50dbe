import { AppError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { ResourceReader } from "../compile/compile-resource.ts";
import type { Exchange, Reply } from "../exchange.ts";
import { sealCacheableResult } from "../seal-result.ts";
import type { ResourceContent } from "../compile/resource-content.ts";

/** `resources/read`: a configured resource first, then the first template that matches the URI. */
export function readResource(exchange: Exchange, params: JsonObject): Reply | Promise<Reply> {
  const { uri } = params;
  if (typeof uri !== "string") throw new AppError("invalid_params", "params.uri must be a string.");
  const { reader, args } = findReader(exchange, uri);
  try {
    const content = reader(exchange, args);
    if (!(content instanceof Promise)) return encode(exchange, uri, content);
    return content.then(
      (read) => encode(exchange, uri, read),
      (error: unknown) => {
        throw withUri(error, uri);
      },
    );
  } catch (error) {
    throw withUri(error, uri);
  }
}

function findReader(exchange: Exchange, uri: string): { reader: ResourceReader; args: JsonObject } {
  const resource = exchange.server.parts.resources.get(uri);
  if (resource !== undefined) return { reader: resource.reader, args: {} };
  for (const { template, reader } of exchange.server.parts.resourceTemplates) {
    const args = template.match(uri);
    if (args !== undefined) return { reader, args };
  }
  throw new AppError("resource_not_found", "Resource not found.", { data: { uri } });
}

function withUri(error: unknown, uri: string): unknown {
  if (!(error instanceof AppError) || error.code !== "resource_not_found" || error.data !== undefined) return error;
  return new AppError("resource_not_found", error.message, { cause: error, data: { uri } });
}

function encode(exchange: Exchange, uri: string, content: ResourceContent): string {
  const { mimeType } = content;
  const contents: JsonValue[] = [
    {
      uri,
      ...(mimeType === undefined ? {} : { mimeType }),
      ...(content.kind === "text" ? { text: content.text } : { blob: content.base64 }),
    },
  ];
  return sealCacheableResult(exchange, `{"contents":${JSON.stringify(contents)}`);
}
