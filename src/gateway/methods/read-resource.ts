import { AppError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { ResourceReader } from "../compile/compile-resource.ts";
import type { FoundResource, ServerView } from "../catalogue/server-view.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import { forwardRound } from "../proxy/forward-round.ts";
import { resourceRequest } from "../proxy/mcp-requests.ts";
import { sealCacheableResult } from "../seal-result.ts";
import type { ResourceContent } from "../compile/resource-content.ts";
import { findServed } from "./find-served.ts";

/** `resources/read`: a configured resource first, then what an upstream offers or a template matches. */
export function readResource(exchange: Exchange, params: JsonObject): Reply | Promise<Reply> {
  const { uri } = params;
  if (typeof uri !== "string") throw new AppError("invalid_params", "params.uri must be a string.");
  return findServed(
    exchange,
    (view) => view.findResource(uri),
    (found, view) => readFound(exchange, found, view, uri),
    () => new AppError("resource_not_found", "Resource not found.", { data: { uri } }),
  );
}

function readFound(exchange: Exchange, found: FoundResource, view: ServerView, uri: string): Reply | Promise<Reply> {
  switch (found.kind) {
    case "resource":
      return readConfigured(exchange, found.resource.reader, {}, uri);
    case "template":
      return readConfigured(exchange, found.template.reader, found.args, uri);
    case "mcp": {
      const { upstream } = found;
      const request = resourceRequest(exchange, found);
      const namespace = view.namespaceOf(upstream);
      return forwardRound({ exchange, method: "resources/read", upstream, request, namespace, uri });
    }
  }
}

function readConfigured(
  exchange: Exchange,
  reader: ResourceReader,
  args: JsonObject,
  uri: string,
): Reply | Promise<Reply> {
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
