import { AppError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";

/** A version as far as it matters how a description is read. */
export type DescriptionVersion = "2.0" | "3.0" | "3.1" | "3.2";

/**
 * The version of a description; `undefined` of a document that is none, such as one with schemas only. Fails with
 * `AppError("unprocessable")` on a version that is not known.
 */
export function versionOf(value: JsonObject, document: string): DescriptionVersion | undefined {
  const written = value["openapi"] ?? value["swagger"];
  if (written === undefined) return undefined;
  // Unquoted in YAML, `3.1` and `2.0` are numbers.
  const text =
    typeof written === "number" ? written.toFixed(1) : typeof written === "string" ? written : "of no version";
  const [, version] = /^(2\.0|3\.[012])(?:\.\d+)?(?:-[\w.]+)?$/.exec(text.trim()) ?? [];
  const found = knownVersions.find((known) => known === version);
  if (found !== undefined) return found;
  throw new AppError(
    "unprocessable",
    `${document}: OpenAPI ${text.slice(0, 40)} is not known; 2.0, 3.0, 3.1 and 3.2 are. Convert the description to one of them.`,
  );
}

const knownVersions = ["2.0", "3.0", "3.1", "3.2"] as const;

/** What a document without a version may be, for the message. */
export function describeStranger(value: JsonObject): string {
  if (Object.hasOwn(value, "asyncapi"))
    return "this is an AsyncAPI description, which has no requests to make tools of";
  if (Object.hasOwn(value, "swaggerVersion")) return "this is Swagger 1.x, which is not read; convert it to OpenAPI 3";
  if (Object.hasOwn(value, "overlay"))
    return "this is an overlay; give the description itself, and this with --overlay";
  if (Object.hasOwn(value, "mcpServers"))
    return "this is a client configuration; `passerelle import mcp-json` reads it";
  if (Object.hasOwn(value, "upstreams")) return "this is a server document already";
  if (Object.hasOwn(value, "item") && Object.hasOwn(value, "info"))
    return "this is a Postman collection; export it as OpenAPI first";
  return "this is no OpenAPI description: it has neither the key `openapi` nor the key `swagger`";
}
