import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { Located } from "../description.ts";
import type { Conversion, Draft } from "./conversion.ts";
import { fitsDraft, mendScalar } from "./fits-draft.ts";
import { isList, splitAnnotations } from "./keyword-groups.ts";
import { loosen } from "./loosen.ts";

/** Puts right what only shows when the keywords of a schema are seen together. */
export function finishDraft(draft: JsonObject, schema: Located, conversion: Conversion): Draft {
  const raw = isJsonObject(schema.value) ? schema.value : {};
  const members: Record<string, JsonValue> = { ...draft };
  mendBounds(members);
  mendEnum(members, schema, conversion);
  if (raw["nullable"] === true) admitNull(members);
  if (conversion.direction === "response") return unwrapped(loosen(members));
  mendDefault(members, schema, conversion);
  mendExamples(members, raw);
  return raw["nullable"] === true ? alternativeNull(unwrapped(members)) : unwrapped(members);
}

/** The booleans of OpenAPI 3.0 and draft-04. */
function mendBounds(members: Record<string, JsonValue>): void {
  for (const [exclusive, inclusive] of bounds) {
    const flag = members[exclusive];
    if (typeof flag !== "boolean") continue;
    delete members[exclusive];
    const bound = members[inclusive];
    if (!flag || bound === undefined) continue;
    members[exclusive] = bound;
    delete members[inclusive];
  }
}

const bounds = [
  ["exclusiveMinimum", "minimum"],
  ["exclusiveMaximum", "maximum"],
] as const;

/** A longer choice costs a model more than it helps. */
const maxEnumValues = 250;
const maxEnumCharacters = 8_000;
const shownEnumValues = 10;

function mendEnum(members: Record<string, JsonValue>, schema: Located, conversion: Conversion): void {
  const values = members["enum"];
  if (!isList(values)) return;
  const short = values.length > maxEnumValues ? undefined : stringifyJson(values);
  if (short === undefined || short.length > maxEnumCharacters) {
    const message = `An enum of ${values.length} values is not kept; its first values are in the description.`;
    conversion.note("enum-shortened", message, schema);
    delete members["enum"];
    if (members["type"] === undefined && values.every((value) => typeof value === "string")) members["type"] = "string";
    const shown = values.slice(0, shownEnumValues).map((value) => stringifyJson(value).slice(0, 100));
    return describe(members, `One of ${values.length} values such as ${shown.join(", ")}.`);
  }
  const types = members["type"];
  if (types === undefined) return;
  // YAML reads `no` as false and 1.0 as a number; what cannot be of the type is of no use.
  const mended = values.map((value) => (value === null ? value : mendScalar(value, types)));
  const kept = mended.filter((value) => value !== undefined);
  if (mended.some((value, index) => value !== values[index])) {
    conversion.note(
      "enum-mended",
      "Values of an enum that are not of its type are turned into it or left out.",
      schema,
    );
  }
  if (kept.some((value) => value !== null)) members["enum"] = [...new Set(kept)];
  else delete members["enum"];
}

function admitNull(members: Record<string, JsonValue>): void {
  const { type, enum: values } = members;
  if (type !== undefined) members["type"] = [...new Set([...(isList(type) ? type : [type]), "null"])];
  if (isList(values) && !values.includes(null)) members["enum"] = [...values, null];
}

/** `nullable` of a schema that consists of others. */
function alternativeNull(draft: JsonObject): Draft {
  const { annotations, checks } = splitAnnotations(draft);
  const isComposed = ["$ref", "allOf", "anyOf", "oneOf"].some((keyword) => Object.hasOwn(checks, keyword));
  if (!isComposed) return draft;
  const { anyOf } = checks;
  const alternatives = isList(anyOf) && Object.keys(checks).length === 1 ? anyOf : [checks];
  return { anyOf: [...alternatives, { type: "null" }], ...annotations };
}

/** The gateway fills defaults in before it checks, so a default that does not fit would fail every call. */
function mendDefault(members: Record<string, JsonValue>, schema: Located, conversion: Conversion): void {
  const given = members["default"];
  if (given === undefined) return;
  const types = members["type"];
  const mended = types === undefined || typeof given === "object" ? given : mendScalar(given, types);
  delete members["default"];
  if (mended === null || mended === undefined || !fitsDraft(mended, members)) {
    if (given !== null)
      conversion.note("default-left-out", "A default that does not fit its schema is left out.", schema);
    return;
  }
  if (conversion.direction === "request") members["default"] = mended;
  // What a patch does not name stays as it is: nothing may be filled in.
  else describe(members, `Usually ${stringifyJson(mended)}.`);
}

const maxExampleCharacters = 200;
const shownExamples = 2;

/** `example` of OpenAPI, and `examples` that were written as a mapping. */
function mendExamples(members: Record<string, JsonValue>, raw: JsonObject): void {
  const { examples } = members;
  const listed = isList(examples)
    ? examples
    : isJsonObject(examples)
      ? Object.values(examples).map((entry) =>
          isJsonObject(entry) && entry["value"] !== undefined ? entry["value"] : entry,
        )
      : raw["example"] === undefined
        ? []
        : [raw["example"]];
  const small = listed
    .filter((example) => example !== null && stringifyJson(example).length <= maxExampleCharacters)
    .slice(0, shownExamples);
  // Values that are listed anyway need no example.
  if (small.length === 0 || members["enum"] !== undefined) delete members["examples"];
  else members["examples"] = small;
}

/** `allOf` around one schema only adds annotations, as OpenAPI 3.0 could not say them beside a `$ref`. */
function unwrapped(draft: JsonObject): JsonObject {
  const { allOf } = draft;
  const [only] = isList(allOf) ? allOf : [];
  if (!isList(allOf) || allOf.length !== 1 || !isJsonObject(only)) return draft;
  const { allOf: _, ...rest } = draft;
  const { checks, annotations } = splitAnnotations(rest);
  const isSaidAgain =
    checks["type"] === "object" && Object.keys(checks).length === 1 && typeof only["$ref"] === "string";
  return Object.keys(checks).length === 0 || isSaidAgain ? { ...only, ...annotations } : draft;
}

function describe(members: Record<string, JsonValue>, sentence: string): void {
  const own = members["description"];
  members["description"] = typeof own === "string" && own !== "" ? `${own} ${sentence}` : sentence;
}
