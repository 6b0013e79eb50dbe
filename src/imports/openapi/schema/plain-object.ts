import { canonicalJson } from "../../../core/canonical-json.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import type { Draft } from "./conversion.ts";
import { isAnnotation, isList } from "./keyword-groups.ts";

/** An object that is described by nothing but its properties. */
export interface PlainObject {
  readonly properties: ReadonlyMap<string, Draft>;
  readonly required: ReadonlySet<string>;
  /** What further members must fit; absent where nothing is said. */
  readonly additional: Draft | undefined;
  /** Title, description and the like. */
  readonly annotations: JsonObject;
}

/** Finds what a reference of a draft stands for; `undefined` when it may not be looked into. */
export type Look = (key: string) => Draft | undefined;

/**
 * Reads a draft as a plain object, `allOf` put together where that loses nothing; `undefined` when it is more
 * than that.
 */
export function readPlainObject(draft: Draft, look: Look, around: readonly string[] = []): PlainObject | undefined {
  return read(draft, look, around, new Map());
}

/** Each reference is read once: schemas that name others twice, which name others twice, would never end. */
type Known = Map<string, PlainObject | undefined>;

function read(draft: Draft, look: Look, around: readonly string[], known: Known): PlainObject | undefined {
  if (!isJsonObject(draft) || around.length > maxReferences) return undefined;
  if (!Object.keys(draft).every((keyword) => plainKeywords.has(keyword) || isAnnotation(keyword))) return undefined;
  const { type, properties, required, additionalProperties, allOf, $ref } = draft;
  if (
    type !== undefined ? !isObjectType(type) : properties === undefined && allOf === undefined && $ref === undefined
  ) {
    return undefined;
  }
  const annotations = Object.fromEntries(Object.entries(draft).filter(([keyword]) => isAnnotation(keyword)));
  const own: PlainObject = {
    properties: new Map(isJsonObject(properties) ? Object.entries(properties) : []),
    required: new Set(isList(required) ? required.filter((name) => typeof name === "string") : []),
    additional: additionalProperties,
    annotations: {},
  };
  const members: PlainObject[] = [];
  if (typeof $ref === "string") {
    const member = readTarget($ref, look, around, known);
    if (member === undefined) return undefined;
    members.push(member);
  }
  for (const part of isList(allOf) ? allOf : []) {
    const member = read(part, look, around, known);
    if (member === undefined) return undefined;
    members.push(member);
  }
  if (members.length === 0) return { ...own, annotations };
  const joined = [...members, own].reduce<PlainObject | undefined>(join, nothing);
  return joined === undefined ? undefined : { ...joined, annotations: { ...joined.annotations, ...annotations } };
}

function readTarget(key: string, look: Look, around: readonly string[], known: Known): PlainObject | undefined {
  if (known.has(key)) return known.get(key);
  const target = around.includes(key) ? undefined : look(key);
  const member = target === undefined ? undefined : read(target, look, [...around, key], known);
  known.set(key, member);
  return member;
}

/** The plain object as a schema. */
export function plainSchema({ properties, required, additional, annotations }: PlainObject): JsonObject {
  return {
    type: "object",
    ...annotations,
    ...(required.size === 0 ? {} : { required: [...required] }),
    ...(properties.size === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(additional === undefined ? {} : { additionalProperties: additional }),
  };
}

const nothing: PlainObject = { properties: new Map(), required: new Set(), additional: undefined, annotations: {} };

/** Longer chains of `allOf` are no work of people. */
const maxReferences = 50;

const plainKeywords: ReadonlySet<string> = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "allOf",
  "$ref",
]);

/** In a response everything may be null. */
function isObjectType(type: JsonValue): boolean {
  return type === "object" || (isList(type) && type.length === 2 && type.includes("object") && type.includes("null"));
}

function join(one: PlainObject | undefined, other: PlainObject): PlainObject | undefined {
  if (one === undefined) return undefined;
  // `additionalProperties` is about the properties beside it: what stands elsewhere would count as further ones.
  if (isRestricting(one.additional) && (other.properties.size > 0 || isRestricting(other.additional))) return undefined;
  if (isRestricting(other.additional) && one.properties.size > 0) return undefined;
  const properties = new Map(one.properties);
  for (const [name, draft] of other.properties) {
    const before = properties.get(name);
    properties.set(name, before === undefined ? draft : both(before, draft));
  }
  return {
    properties,
    required: new Set([...one.required, ...other.required]),
    additional: isRestricting(one.additional) ? one.additional : (other.additional ?? one.additional),
    annotations: { ...one.annotations, ...other.annotations },
  };
}

function isRestricting(additional: Draft | undefined): boolean {
  return additional === false || (isJsonObject(additional) && Object.keys(additional).length > 0);
}

/** Keywords whose meaning depends on others beside them. */
const entangled = [
  "additionalProperties",
  "items",
  "prefixItems",
  "contains",
  "minContains",
  "if",
  "unevaluatedProperties",
  "unevaluatedItems",
];

/** A draft that wants what two drafts want. */
export function both(one: Draft, other: Draft): Draft {
  if (one === true || canonicalJson(one) === canonicalJson(other)) return other;
  if (!isJsonObject(one) || !isJsonObject(other)) return other === true ? one : { allOf: [one, other] };
  const isEntangled = [one, other].some((draft) => entangled.some((keyword) => Object.hasOwn(draft, keyword)));
  const areApart = Object.entries(other).every(([keyword, value]) => {
    const before = Object.hasOwn(one, keyword) ? one[keyword] : undefined;
    return before === undefined || isAnnotation(keyword) || canonicalJson(before) === canonicalJson(value);
  });
  return areApart && !isEntangled ? { ...one, ...other } : { allOf: [one, other] };
}
