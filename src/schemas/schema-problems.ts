import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import type { DocumentPath, Problem } from "../core/problem.ts";
import { type Dialect, dialectOf, dialects } from "./ajv-instances.ts";
import { compileFault } from "./compiled-schemas.ts";
import { allKeywords, kindOfKeyword, typeNames } from "./keywords.ts";
import { compileLinearPattern } from "./linear-pattern.ts";

export interface SchemaProblemOptions {
  /** Compile the schema too: finds references that lead nowhere and patterns that cannot run. Costs milliseconds. */
  readonly deep?: boolean;
  /** What the schema must describe: arguments are an object. Without it a value of any type. */
  readonly root?: "object" | "any";
}

/** Deeper schemas are no work of people, and compiling them could exhaust the stack. */
const maxSchemaDepth = 64;

/** One walk through a schema. */
interface Walk {
  readonly root: JsonObject;
  readonly dialect: Dialect;
  readonly deep: boolean;
  readonly problems: Problem[];
}

/** What is wrong with a JSON Schema that stands at `path` of a document; none when it is fine. */
export function findSchemaProblems(
  schema: JsonObject,
  path: DocumentPath,
  options: SchemaProblemOptions = {},
): readonly Problem[] {
  const dialect = dialectOf(schema);
  const deep = options.deep === true;
  const walk: Walk = { root: schema, dialect: dialect ?? "2020-12", deep, problems: [] };
  if (dialect === undefined) {
    const mend = `use ${dialects.join(", ")}, or leave $schema out for 2020-12`;
    refuse(walk, [...path, "$schema"], "names a dialect of JSON Schema that is not known", mend);
  }
  if (options.root === "object" && schema["type"] !== "object") {
    refuse(walk, path, "must describe an object at its root", "add `type: object`");
  }
  visitSchema(schema, path, 0, walk);
  if (deep && walk.problems.every(({ severity }) => severity !== "error")) {
    const fault = compileFault(schema);
    if (fault !== undefined) refuse(walk, path, `cannot be compiled: ${fault}`);
  }
  return walk.problems;
}

function visitSchema(schema: JsonValue, path: DocumentPath, depth: number, walk: Walk): void {
  if (typeof schema === "boolean") return;
  if (!isJsonObject(schema)) return refuse(walk, path, "must be a schema: a mapping, true or false");
  if (depth > maxSchemaDepth) return refuse(walk, path, `is nested deeper than ${maxSchemaDepth} schemas`);
  for (const keyword of Object.keys(schema)) {
    const value = schema[keyword];
    if (value !== undefined) visitKeyword(keyword, value, path, depth, walk);
  }
}

function visitKeyword(keyword: string, value: JsonValue, above: DocumentPath, depth: number, walk: Walk): void {
  const path = [...above, keyword];
  switch (kindOfKeyword(keyword, walk.dialect)) {
    case undefined:
      return walk.deep ? guessKeyword(keyword, path, walk) : undefined;
    case "anything":
      return;
    case "schema":
      return visitSchema(value, path, depth + 1, walk);
    case "schemas":
      return visitSchemaList(value, path, depth, walk);
    case "schema or schemas":
      return Array.isArray(value)
        ? visitSchemaList(value, path, depth, walk)
        : visitSchema(value, path, depth + 1, walk);
    case "named schemas":
      return visitNamedSchemas(value, path, depth, walk);
    case "schemas by pattern":
      if (walk.deep && isJsonObject(value))
        for (const key of Object.keys(value)) checkPattern(key, [...path, key], walk);
      return visitNamedSchemas(value, path, depth, walk);
    case "names by name":
      return checkNamesByName(value, path, depth, walk);
    case "names":
      return isNames(value) ? undefined : refuse(walk, path, "must be a list of texts without repetition");
    case "text":
      return typeof value === "string" ? undefined : refuse(walk, path, "must be a text");
    case "boolean":
      return typeof value === "boolean" ? undefined : refuse(walk, path, "must be true or false");
    case "number":
      return isNumber(value) ? undefined : refuse(walk, path, "must be a number");
    case "positive number":
      return isNumber(value) && value > 0 ? undefined : refuse(walk, path, "must be a number above 0");
    case "count":
      return Number.isInteger(value) && Number(value) >= 0
        ? undefined
        : refuse(walk, path, "must be a whole number from 0");
    case "list":
      return Array.isArray(value) && value.length > 0
        ? undefined
        : refuse(walk, path, "must be a list with at least one value");
    case "type":
      return checkType(value, path, walk);
    case "pattern":
      return typeof value === "string" ? checkPattern(value, path, walk) : refuse(walk, path, "must be a text");
    case "reference":
      return checkReference(value, path, walk);
    case "refused":
      return refuse(walk, path, "is not supported");
  }
}

function visitSchemaList(value: JsonValue, path: DocumentPath, depth: number, walk: Walk): void {
  if (!isList(value) || value.length === 0) return refuse(walk, path, "must be a list with at least one schema");
  for (const [index, item] of value.entries()) visitSchema(item, [...path, index], depth + 1, walk);
}

function visitNamedSchemas(value: JsonValue, path: DocumentPath, depth: number, walk: Walk): void {
  if (!isJsonObject(value)) return refuse(walk, path, "must be a mapping of names to schemas");
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined) visitSchema(member, [...path, key], depth + 1, walk);
  }
}

/** `dependentRequired`, and `dependencies` of draft-07, which takes schemas as well. */
function checkNamesByName(value: JsonValue, path: DocumentPath, depth: number, walk: Walk): void {
  if (!isJsonObject(value)) return refuse(walk, path, "must be a mapping of names to lists of names");
  const takesSchemas = path.at(-1) === "dependencies";
  for (const [key, member] of Object.entries(value)) {
    if (isNames(member)) continue;
    if (takesSchemas && !Array.isArray(member)) visitSchema(member, [...path, key], depth + 1, walk);
    else refuse(walk, [...path, key], "must be a list of names without repetition");
  }
}

function checkType(value: JsonValue, path: DocumentPath, walk: Walk): void {
  const types = isList(value) ? value : [value];
  if (types.length === 0) refuse(walk, path, "must name at least one type");
  for (const type of types) {
    if (typeof type === "string" && typeNames.has(type)) continue;
    const guess = typeof type === "string" ? nearest(type, typeNames) : undefined;
    const list = `types are ${[...typeNames].join(", ")}`;
    refuse(walk, path, "names a type that does not exist", guess === undefined ? list : `did you mean \`${guess}\`?`);
  }
}

function checkPattern(pattern: string, path: DocumentPath, walk: Walk): void {
  if (!walk.deep) return;
  try {
    compileLinearPattern(pattern);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    refuse(walk, path, `is refused: ${error.message}`, "write it without look-around and back-references");
  }
}

/** Pointers into the same schema are followed; anchors and ids are left to the compiler. */
function checkReference(value: JsonValue, path: DocumentPath, walk: Walk): void {
  if (typeof value !== "string") return refuse(walk, path, "must be a text");
  if (!value.startsWith("#/") || walk.root["$id"] !== undefined) return;
  let at: JsonValue | undefined = walk.root;
  for (const step of value.slice(2).split("/")) {
    const key = decodeStep(step);
    if (typeof at !== "object" || at === null || key === undefined || !Object.hasOwn(at, key)) at = undefined;
    // An own member of JSON is JSON.
    else at = Reflect.get(at, key) as JsonValue;
  }
  if (at === undefined) refuse(walk, path, `refers to ${value}, which is not there`);
}

/** A step of a JSON Pointer in a fragment (RFC 6901 6); `undefined` when it is not percent-encoded UTF-8. */
function decodeStep(step: string): string | undefined {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Unknown keywords are allowed; one that is nearly a known one is likely a slip. */
function guessKeyword(keyword: string, path: DocumentPath, walk: Walk): void {
  const guess = nearest(keyword, allKeywords());
  if (guess === undefined) return;
  walk.problems.push({
    severity: "warning",
    path,
    message: `\`${keyword}\` is no keyword of JSON Schema and has no effect`,
    mend: `did you mean \`${guess}\`?`,
    atKey: true,
  });
}

function refuse(walk: Walk, path: DocumentPath, fault: string, mend?: string): void {
  const step = path.at(-1);
  const subject = typeof step === "string" ? `\`${step}\`` : "the schema";
  const message = `${subject} ${fault}`;
  walk.problems.push({ severity: "error", path, message, ...(mend === undefined ? {} : { mend }) });
}

function isNames(value: JsonValue): boolean {
  return isList(value) && value.every((name) => typeof name === "string") && new Set(value).size === value.length;
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** `Array.isArray` does not narrow a readonly array out of a union. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
