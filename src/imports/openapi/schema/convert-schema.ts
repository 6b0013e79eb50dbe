import { AppError } from "../../../core/errors.ts";
import { isJsonObject, type JsonValue } from "../../../core/json.ts";
import { kindOfKeyword } from "../../../schemas/keywords.ts";
import type { Located } from "../description.ts";
import { type Conversion, type Draft, maxDraftDepth, type Place } from "./conversion.ts";
import { convertScalarKeyword } from "./convert-scalar-keyword.ts";
import { withDiscriminator } from "./discriminator.ts";
import { finishDraft } from "./finish-draft.ts";
import { hiddenProperties, isHidden } from "./hidden-properties.ts";
import { isAnnotation, isList, keptInResponses, leftOut } from "./keyword-groups.ts";
import { mendPattern } from "./mend-pattern.ts";

/** Converts a schema of a description. Never fails: what cannot be kept is noted and left out. */
export function convertSchema(schema: Located, conversion: Conversion, place: Place): Draft {
  const { value } = schema;
  if (typeof value === "boolean") return value;
  if (!isJsonObject(value)) {
    conversion.note("schema-not-usable", "A schema is neither a mapping nor true or false: any value fits it.", schema);
    return true;
  }
  if (place.depth > maxDraftDepth) {
    const message = `A schema lies deeper than ${maxDraftDepth} others: any value fits it.`;
    conversion.note("schema-too-deep", message, schema);
    return true;
  }
  const hidden = hiddenProperties(schema, conversion, place.hidden);
  const inner: Place = { depth: place.depth + 1, hidden };
  const members = new Map<string, JsonValue>();
  const reference = typeof value["$ref"] === "string" ? follow(schema, conversion, hidden) : undefined;
  if (reference !== undefined) members.set("$ref", reference);
  for (const keyword of Object.keys(value)) {
    const converted = convertKeyword(keyword, schema, conversion, inner);
    if (converted !== undefined)
      members.set(keyword === "items" && isList(converted) ? "prefixItems" : keyword, converted);
  }
  return finishDraft(withDiscriminator(Object.fromEntries(members), schema, conversion), schema, conversion);
}

function follow(schema: Located, conversion: Conversion, hidden: ReadonlySet<string>): string | undefined {
  try {
    return conversion.refer(conversion.description.resolve(schema), hidden);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    conversion.note("reference-broken", `${error.message} Any value fits there.`, schema);
    return undefined;
  }
}

function convertKeyword(keyword: string, schema: Located, conversion: Conversion, place: Place): JsonValue | undefined {
  const kind = kindOfKeyword(keyword, "2020-12");
  if (kind === undefined || leftOut.has(keyword)) return undefined;
  if (conversion.direction === "response" && !keptInResponses.has(keyword)) return undefined;
  const at = conversion.description.child(schema, keyword);
  if (at === undefined) return undefined;
  // Only these keywords speak about the same object as the schema around them.
  const apart: Place = isAboutSameObject(keyword) ? place : { ...place, hidden: new Set() };
  switch (kind) {
    case "schema":
      return keyword === "items" && isList(at.value)
        ? convertList(at, conversion, apart)
        : convertSchema(at, conversion, apart);
    case "schemas":
      return convertList(at, conversion, apart);
    case "named schemas":
      return convertNamed(keyword, at, conversion, { ...apart, hidden: place.hidden });
    case "schemas by pattern":
      return convertByPattern(at, conversion, apart);
    case "names":
      return convertNames(at, conversion, place);
    case "names by name":
      return convertDependentNames(at, conversion, place);
    default:
      return convertScalarKeyword(keyword, kind, at, conversion);
  }
}

function isAboutSameObject(keyword: string): boolean {
  return ["allOf", "anyOf", "oneOf", "if", "then", "else"].includes(keyword);
}

function convertList(at: Located, conversion: Conversion, place: Place): JsonValue | undefined {
  const { value } = at;
  if (!isList(value) || value.length === 0) return wrong(at, "a list of schemas", conversion);
  return childrenOf(at, value.keys(), conversion).map((child) => convertSchema(child, conversion, place));
}

function convertNamed(keyword: string, at: Located, conversion: Conversion, place: Place): JsonValue | undefined {
  if (!isJsonObject(at.value)) return wrong(at, "a mapping of names to schemas", conversion);
  const isProperties = keyword === "properties";
  const entries: [string, JsonValue][] = [];
  for (const name of Object.keys(at.value)) {
    const child = conversion.description.child(at, name);
    if (child === undefined) continue;
    if (isProperties && (place.hidden.has(name) || isHidden(child, conversion))) continue;
    entries.push([
      name,
      convertSchema(child, conversion, { ...place, hidden: isProperties ? new Set() : place.hidden }),
    ]);
  }
  return Object.fromEntries(entries);
}

function convertByPattern(at: Located, conversion: Conversion, place: Place): JsonValue | undefined {
  if (!isJsonObject(at.value)) return wrong(at, "a mapping of patterns to schemas", conversion);
  const entries: [string, JsonValue][] = [];
  for (const pattern of Object.keys(at.value)) {
    const child = conversion.description.child(at, pattern);
    const mended = mendPattern(pattern);
    if (child === undefined) continue;
    if ("fault" in mended)
      conversion.note("pattern-not-supported", `The pattern ${show(pattern)} is left out: ${mended.fault}.`, child);
    else entries.push([mended.pattern, convertSchema(child, conversion, place)]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function convertNames(at: Located, conversion: Conversion, place: Place): JsonValue | undefined {
  const { value } = at;
  if (!isList(value)) {
    // `required: true` of draft-03 stands at the property itself; there is nobody here whom it could concern.
    return wrong(at, "a list of names", conversion);
  }
  const names = new Set(value.filter((name) => typeof name === "string" && !place.hidden.has(name)));
  return names.size === 0 ? undefined : [...names];
}

function convertDependentNames(at: Located, conversion: Conversion, place: Place): JsonValue | undefined {
  if (!isJsonObject(at.value)) return wrong(at, "a mapping of names to lists of names", conversion);
  const entries: [string, JsonValue][] = [];
  for (const name of Object.keys(at.value)) {
    const child = conversion.description.child(at, name);
    const names = child === undefined ? undefined : convertNames(child, conversion, place);
    if (names !== undefined) entries.push([name, names]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function childrenOf(at: Located, keys: Iterable<number>, { description }: Conversion): readonly Located[] {
  return [...keys].map((key) => description.child(at, key)).filter((child) => child !== undefined);
}

function wrong(at: Located, wanted: string, conversion: Conversion): undefined {
  conversion.note("keyword-not-usable", `A keyword is left out: it must be ${wanted}.`, at);
}

function show(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
