import { httpMethods } from "../../core/config/request-schema.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { ImportNote } from "../report/import-report.ts";
import { annotationsOf } from "./annotations.ts";
import { compileBody } from "./bodies/compile-body.ts";
import type { Description, OperationOutcome, OperationSource, SecurityUse, ToolParts } from "./description.ts";
import { type OperationCompilation, startCompilation, textOf } from "./operation-compilation.ts";
import { ArgumentList } from "./parameters/argument-list.ts";
import { type Parameter, readParameters } from "./parameters/read-parameters.ts";
import { writeFieldParameter } from "./parameters/write-field.ts";
import { writePath } from "./parameters/write-path.ts";
import { writeQueryParameter } from "./parameters/write-query.ts";
import { writeWholeQuery } from "./parameters/write-whole-query.ts";
import { literal } from "./templates.ts";
import { RefusedOperation } from "./refused-operation.ts";
import { compileResponse } from "./responses/compile-response.ts";
import { assembleSchema } from "./schema/assemble-schema.ts";
import { chooseSecurity } from "./security/choose-security.ts";
import { readScheme } from "./security/read-scheme.ts";

export interface OperationOptions {
  /** Largest schema of the arguments, in characters of JSON; what lies deepest is left out. */
  readonly maxInputCharacters?: number;
  /** Largest schema of results. 0 leaves it out. */
  readonly maxOutputCharacters?: number;
}

/**
 * Compiles one operation of a description into the parts of a tool. Never fails: an operation that cannot become
 * a tool is an outcome that says why. Schemas are converted once per description object, whatever number of
 * operations shares them.
 */
export function compileOperation(
  source: OperationSource,
  description: Description,
  options: OperationOptions = {},
): OperationOutcome {
  const compilation = startCompilation(description, source.method === "PATCH" ? "patch" : "request");
  try {
    const security = chooseSecurity(source, compilation);
    const parts = compileParts(source, compilation, security, options);
    return { kind: "tool", parts, notes: distinctNotes(compilation.notes, source), security };
  } catch (error) {
    if (!(error instanceof RefusedOperation)) throw error;
    return { kind: "refused", notes: distinctNotes([error.note, ...compilation.notes], source) };
  }
}

const defaultInputCharacters = 24_000;
const defaultOutputCharacters = 8_000;

function compileParts(
  source: OperationSource,
  compilation: OperationCompilation,
  security: readonly SecurityUse[],
  options: OperationOptions,
): ToolParts {
  const input = new ArgumentList();
  const request = compileRequest(source, security, input, compilation);
  const { schema, notes } = assembleSchema(
    input.draft(),
    compilation.shelf,
    options.maxInputCharacters ?? defaultInputCharacters,
  );
  compilation.notes.push(...notes);
  const maxOutput = options.maxOutputCharacters ?? defaultOutputCharacters;
  const { accept, ...response } = maxOutput === 0 ? {} : compileResponse(source, compilation, maxOutput);
  return {
    ...aboutOperation(source.operation.value),
    // The draft of a list of arguments is an object, and so is what is assembled of it.
    input: schema as JsonObject,
    request: accept === undefined ? request : accepting(request, accept),
    ...response,
    annotations: annotationsOf(source.method),
  };
}

function aboutOperation(operation: JsonObject): { readonly title?: string; readonly description?: string } {
  const title = textOf(operation, "summary");
  const text = textOf(operation, "description") ?? title;
  const description = operation["deprecated"] === true ? `Deprecated. ${text ?? ""}`.trim() : text;
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
}

function compileRequest(
  source: OperationSource,
  security: readonly SecurityUse[],
  input: ArgumentList,
  compilation: OperationCompilation,
): JsonObject {
  if (!httpMethods.some((method) => method === source.method)) {
    const message = `Requests with the method ${source.method} are not supported; there are ${httpMethods.join(", ")}.`;
    throw new RefusedOperation("method-not-supported", message, source.operation);
  }
  const parameters = withoutCredentials(readParameters(source, compilation), security, compilation);
  const { path, query: written } = writePath(source, parameters, input, compilation);
  const query = new Map<string, JsonValue>(written);
  const headers = new Map<string, string>();
  const cookies = new Map<string, string>();
  for (const parameter of parameters) {
    switch (parameter.place) {
      case "path":
        break;
      case "query":
        query.set(...writeQueryParameter(parameter, input, compilation));
        break;
      case "header":
      case "cookie": {
        const field = writeFieldParameter(parameter, parameter.place, input, compilation);
        if (field !== undefined) (parameter.place === "header" ? headers : cookies).set(...field);
        break;
      }
      case "querystring":
        for (const field of writeWholeQuery(parameter, input, compilation)) query.set(...field);
        break;
    }
  }
  const body = compileBody(source, input, compilation);
  return {
    method: source.method,
    path,
    ...asMember("query", query),
    ...asMember("headers", headers),
    ...asMember("cookies", cookies),
    ...(body === undefined ? {} : { body }),
  };
}

/** A key that is a security scheme too is a secret, and no matter of the model. */
function withoutCredentials(
  parameters: readonly Parameter[],
  security: readonly SecurityUse[],
  { description, note }: OperationCompilation,
): readonly Parameter[] {
  const keys = security.map(({ scheme }) => readScheme(scheme, description)).filter((scheme) => scheme.kind === "key");
  return parameters.filter(({ name, place, located }) => {
    const isKey = keys.some((key) => key.place === place && key.name.toLowerCase() === name.toLowerCase());
    if (isKey) note("parameter-is-credential", `\`${name}\` is a secret and no argument.`, located);
    return !isKey;
  });
}

function accepting(request: JsonObject, type: string): JsonObject {
  const { method = "GET", path = "/", query, headers, ...rest } = request;
  const all = { accept: literal(type), ...(isJsonObject(headers) ? headers : {}) };
  return { method, path, ...(query === undefined ? {} : { query }), headers: all, ...rest };
}

function asMember(name: string, entries: ReadonlyMap<string, JsonValue>): JsonObject {
  return entries.size === 0 ? {} : { [name]: Object.fromEntries(entries) };
}

const maxNotes = 50;

/** Each note once; those that stand nowhere else are about the operation. */
function distinctNotes(notes: readonly ImportNote[], { operation }: OperationSource): readonly ImportNote[] {
  const placed = notes.map((note) => ({ ...note, pointer: note.pointer ?? operation.pointer }));
  const distinct = new Map(placed.map((note) => [`${note.code} ${note.pointer} ${note.message}`, note]));
  return [...distinct.values()].slice(0, maxNotes);
}
