import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { essence, exactType, isJsonType } from "../bodies/media-type.ts";
import type { Description, Located, OperationSource } from "../description.ts";
import { followReference } from "../follow-reference.ts";
import { objectAt, objectOf, type OperationCompilation, shelfOf } from "../operation-compilation.ts";
import { assembleSchema } from "../schema/assemble-schema.ts";
import type { SchemaShelf } from "../schema/schema-shelf.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { Draft } from "../schema/conversion.ts";
import { isList } from "../schema/keyword-groups.ts";
import { canonicalJson } from "../../../core/canonical-json.ts";

export interface CompiledResponse {
  /** What a request has to accept to get the JSON that is described; absent where it is `application/json`. */
  readonly accept?: string;
  readonly output?: JsonObject;
  readonly stream?: JsonObject;
}

const eventTypes: ReadonlySet<string> = new Set([
  "text/event-stream",
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
  "application/json-seq",
]);

/**
 * What a tool says about its results: the shape of the JSON that every successful answer has, or that the
 * answer is a stream. Nothing, when answers may have no body, other types, or schemas that say little.
 */
export function compileResponse(
  { operation }: OperationSource,
  compilation: OperationCompilation,
  maxCharacters: number,
): CompiledResponse {
  const { description } = compilation;
  const successes = successesOf(operation, description);
  const types = successes.flatMap((content) => (content === undefined ? [] : Object.keys(content.value)));
  if (types.some((type) => eventTypes.has(essence(type)))) return { stream: { result: "all" } };
  const drafts = new Map<string, Draft>();
  let accept: string | undefined;
  const shelf = shelfOf(description, "response");
  for (const content of successes) {
    const jsonTypes = content === undefined ? [] : Object.keys(content.value).filter(isJsonType);
    const type = jsonTypes.find((name) => essence(name) === usualType) ?? jsonTypes[0];
    // A client that was promised structured content would throw away an answer that has none.
    if (content === undefined || type === undefined) return {};
    // Requests accept JSON before anything else; other types of JSON would lose to types that are no JSON.
    const isAmongOthers = jsonTypes.length < Object.keys(content.value).length;
    if (isAmongOthers && essence(type) !== usualType) accept ??= exactType(type);
    const media = objectAt(content, type, description);
    const schema = media === undefined ? undefined : description.child(media, "schema");
    if (schema === undefined) return {};
    const { draft } = shelf.convert(schema);
    drafts.set(successes.length === 1 ? "" : canonicalJson(draft), draft);
  }
  const [only, ...others] = drafts.values();
  if (only === undefined) return {};
  const schema = assembledOnce(others.length === 0 ? only : { anyOf: [only, ...others] }, shelf, maxCharacters);
  if (!isJsonObject(schema) || !isUseful(schema)) return {};
  return { output: withoutNull(schema), ...(accept === undefined ? {} : { accept }) };
}

const usualType = "application/json";

/** Longer drafts are seldom those of another operation too. */
const maxKeyLength = 1_000;

/** Operations often answer with the same component. */
const assembled = new WeakMap<SchemaShelf, Map<string, Draft>>();

function assembledOnce(draft: Draft, shelf: SchemaShelf, maxCharacters: number): Draft {
  const key = `${maxCharacters} ${stringifyJson(draft)}`;
  const known = assembled.get(shelf) ?? new Map<string, Draft>();
  assembled.set(shelf, known);
  const schema = known.get(key) ?? assembleSchema(draft, shelf, maxCharacters).schema;
  if (key.length <= maxKeyLength) known.set(key, schema);
  return schema;
}

/** The contents of the answers with 2xx, else of the default one; `undefined` for an answer without content. */
function successesOf(
  operation: Located<JsonObject>,
  description: Description,
): readonly (Located<JsonObject> | undefined)[] {
  const responses = objectAt(operation, "responses", description);
  if (responses === undefined) return [];
  const statuses = Object.keys(responses.value).filter((status) => /^2(?:\d\d|xx)$/i.test(status));
  const chosen = statuses.length > 0 ? statuses : ["default"];
  return chosen.flatMap((status) => {
    const member = description.child(responses, status);
    // A response that is not there says nothing about answers, and harms no call.
    const target = member === undefined ? undefined : followReference(member, description);
    const response = target === undefined ? undefined : objectOf(target);
    if (response === undefined) return [undefined];
    const content = objectAt(response, "content", description);
    return [content === undefined || Object.keys(content.value).length === 0 ? undefined : content];
  });
}

function isUseful({ type, properties, items, anyOf, allOf, additionalProperties }: JsonObject): boolean {
  const types = isList(type) ? type : [type];
  if (types.includes("array")) return isJsonObject(items) && Object.keys(items).length > 0;
  if (types.includes("object")) return isJsonObject(properties) || isJsonObject(additionalProperties) || isList(allOf);
  return type === undefined && (isJsonObject(properties) || isList(anyOf) || isList(allOf));
}

/** Inside of an answer everything may be null; the answer itself is one. */
function withoutNull(schema: JsonObject): JsonObject {
  const { type } = schema;
  if (!isList(type)) return schema;
  const types = type.filter((name) => name !== "null");
  const [only] = types;
  return { ...schema, type: types.length === 1 && only !== undefined ? only : types };
}
