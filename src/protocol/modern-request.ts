import { AppError } from "../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { ClientDescription } from "../core/mcp-call.ts";
import { decodeHeaderValue } from "./header-value.ts";
import type { RpcRequest } from "./json-rpc.ts";
import { modernRevision, modernRevisions } from "./revisions.ts";

const metaPrefix = "io.modelcontextprotocol/";
export const protocolVersionKey = `${metaPrefix}protocolVersion`;
export const clientCapabilitiesKey = `${metaPrefix}clientCapabilities`;
export const clientInfoKey = `${metaPrefix}clientInfo`;
export const logLevelKey = `${metaPrefix}logLevel`;
/** Of headers that mirror arguments; lower-case, as Node gives header names. */
export const argumentHeaderPrefix = "mcp-param-";
export const serverInfoKey = `${metaPrefix}serverInfo`;
export const subscriptionIdKey = `${metaPrefix}subscriptionId`;

/** What a 2026-07-28 request says of its client. */
export interface ModernEnvelope extends ClientDescription {
  readonly logLevel: string | undefined;
}

/** Members of `_meta` that concern one hop: connections write their own. */
const hopKeys: ReadonlySet<string> = new Set([
  "progressToken",
  protocolVersionKey,
  clientCapabilitiesKey,
  clientInfoKey,
  logLevelKey,
]);

/** What of a client's `_meta` goes on to an upstream; undefined for nothing. */
export function forwardedMeta(params: JsonObject): JsonObject | undefined {
  const meta = params["_meta"];
  if (!isJsonObject(meta)) return undefined;
  let forwarded: Record<string, JsonValue> | undefined;
  for (const key in meta) {
    if (hopKeys.has(key)) continue;
    forwarded ??= {};
    forwarded[key] = meta[key] as JsonValue; // one of the object's own keys
  }
  return forwarded;
}

/** The header values the ladder compares with the body; undefined when absent. */
export interface ModernHeaders {
  readonly protocolVersion: string | undefined;
  readonly method: string | undefined;
  readonly name: string | undefined;
}

/** Whether a message claims the modern era: by its body, never by a header. */
export function isModern(params: JsonObject): boolean {
  const meta = params["_meta"];
  return isJsonObject(meta) && meta[protocolVersionKey] !== undefined;
}

/**
 * Rungs 4 to 7 of the ladder of checks (2026-07-28, transports): envelope, version header, version
 * served, method header. First failure wins.
 *
 * @throws AppError with the code and status of the rung.
 */
export function checkEnvelope(request: RpcRequest, headers: ModernHeaders): ModernEnvelope {
  const meta = request.params["_meta"];
  if (!isJsonObject(meta)) throw malformed("params._meta must be an object");
  const version = meta[protocolVersionKey];
  if (typeof version !== "string") throw malformed(`params._meta["${protocolVersionKey}"] must be a string`);
  const capabilities = meta[clientCapabilitiesKey];
  if (!isJsonObject(capabilities)) {
    throw malformed(`params._meta["${clientCapabilitiesKey}"] must be an object`);
  }
  const info = meta[clientInfoKey];
  if (info !== undefined && !isJsonObject(info)) {
    throw malformed(`params._meta["${clientInfoKey}"] must be an object`);
  }
  checkVersion(version, headers.protocolVersion);
  checkMethodHeader(request.method, headers.method);
  const logLevel = meta[logLevelKey];
  return { capabilities, info, logLevel: typeof logLevel === "string" ? logLevel : undefined };
}

function checkVersion(version: string, header: string | undefined): void {
  if (header === undefined) throw mismatch("The header MCP-Protocol-Version is missing");
  if (header.trim() !== version) {
    throw mismatch(`MCP-Protocol-Version is not the version of params._meta["${protocolVersionKey}"]`);
  }
  if (version === modernRevision) return;
  throw new AppError("unsupported_version", `Protocol version ${quoteShort(version)} is not served here.`, {
    data: { supported: modernRevisions, requested: version },
  });
}

function checkMethodHeader(method: string, header: string | undefined): void {
  if (header === undefined) throw mismatch("The header Mcp-Method is missing");
  if (header.trim() !== method) throw mismatch("Mcp-Method is not the method of the message");
}

const nameParameters = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
]);

/** Rung 9: `Mcp-Name` must mirror the name or URI the message is about. */
export function checkNameHeader(request: RpcRequest, header: string | undefined): void {
  const parameter = nameParameters.get(request.method);
  if (parameter === undefined) return;
  const value = request.params[parameter];
  if (typeof value !== "string") {
    // The body decides what is wrong (rung 12), unless the header promises a name the body lacks.
    if (header !== undefined) throw mismatch(`Mcp-Name is given but params.${parameter} is not a string`);
    return;
  }
  if (header === undefined) throw mismatch("The header Mcp-Name is missing");
  if (header === value) return;
  if (decodeHeaderValue(header) !== value) throw mismatch(`Mcp-Name is not params.${parameter}`);
}

/** An argument that clients mirror into a header (`x-mcp-header` in the tool's input schema). */
export interface MirroredArgument {
  /** Lower-case header name, `mcp-param-…`. */
  readonly header: string;
  readonly path: readonly string[];
  readonly type: "string" | "integer" | "boolean";
}

/**
 * Rung 10: every mirrored argument that has a value must have its header with that value; integers
 * are compared as numbers; absent and null expect no header.
 */
export function checkArgumentHeaders(
  mirrored: readonly MirroredArgument[],
  args: JsonObject,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): void {
  for (const argument of mirrored) {
    const raw = headers[argument.header];
    const value = valueAt(args, argument.path);
    if (value === undefined || value === null) {
      if (raw !== undefined) throw mismatch(`${argument.header} is given but the argument is not`);
      continue;
    }
    if (typeof raw !== "string") throw mismatch(`The header ${argument.header} is missing`);
    const decoded = decodeHeaderValue(raw);
    if (decoded === undefined) throw mismatch(`The header ${argument.header} is not valid base64`);
    if (!mirrors(decoded, value)) throw mismatch(`${argument.header} is not the argument's value`);
  }
}

/** The text of a mirrored argument's header before it is encoded; undefined when none is sent. */
export function mirroredText({ path }: MirroredArgument, args: JsonObject): string | undefined {
  const value = valueAt(args, path);
  return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
}

function valueAt(args: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = args;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function mirrors(text: string, value: JsonValue): boolean {
  switch (typeof value) {
    case "string":
      return text === value;
    case "boolean":
      return text === String(value);
    case "bigint":
      return text === value.toString();
    case "number":
      return text !== "" && Number(text) === value;
    default:
      return false;
  }
}

const headerToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The arguments of a tool that clients mirror into headers (2026-07-28, tools, x-mcp-header): only
 * string, integer and boolean properties reachable through `properties`, names that are RFC 9110
 * tokens and unique without regard to case.
 *
 * @returns the arguments, and a sentence per annotation that breaks a rule.
 */
export function findMirroredArguments(inputSchema: JsonObject): { mirrored: MirroredArgument[]; faults: string[] } {
  const mirrored: MirroredArgument[] = [];
  const faults: string[] = [];
  const seen = new Set<string>();
  const visit = (schema: JsonObject, path: readonly string[]): void => {
    const properties = schema["properties"];
    if (!isJsonObject(properties)) return;
    for (const [key, property] of Object.entries(properties)) {
      if (!isJsonObject(property)) continue;
      const at = [...path, key];
      const annotation = property["x-mcp-header"];
      if (annotation !== undefined) {
        const found = readAnnotation(annotation, property["type"], seen);
        if (typeof found === "string") faults.push(`x-mcp-header of argument "${at.join(".")}" ${found}`);
        else mirrored.push({ ...found, path: at });
      }
      visit(property, at);
    }
  };
  visit(inputSchema, []);
  return { mirrored, faults };
}

/** The header of one annotation, or what is wrong with it. */
function readAnnotation(
  name: JsonValue,
  type: JsonValue | undefined,
  seen: Set<string>,
): Omit<MirroredArgument, "path"> | string {
  if (typeof name !== "string" || !headerToken.test(name)) return "must be a header name (RFC 9110 token)";
  const lower = name.toLowerCase();
  if (seen.has(lower)) return `repeats the name ${name} (case does not count)`;
  if (type !== "string" && type !== "integer" && type !== "boolean") {
    return "may only stand on a property of type string, integer or boolean";
  }
  seen.add(lower);
  return { header: `${argumentHeaderPrefix}${lower}`, type };
}

function malformed(what: string): AppError {
  return new AppError("malformed_envelope", `${what} in a request of ${modernRevision}.`);
}

function mismatch(what: string): AppError {
  return new AppError("header_mismatch", `${what}.`);
}

function quoteShort(text: string): string {
  return JSON.stringify(text.length > 32 ? `${text.slice(0, 32)}…` : text);
}
