import { type DescribedOperation, pointed } from "./described-operations.ts";
import { isTree, type Tree } from "./read-description.ts";

/**
 * A description of one operation and of what its request refers to: the validator takes minutes for whole large ones.
 * Responses are left out.
 */
export function sliceDescription(root: Tree, { method, path, operation, pathItem }: DescribedOperation): Tree {
  const request = Object.fromEntries(
    Object.entries(operation).filter(([key]) => ["parameters", "requestBody", "consumes"].includes(key)),
  );
  const item = {
    ...(pathItem["parameters"] === undefined ? {} : { parameters: pathItem["parameters"] }),
    [method.toLowerCase()]: { ...request, responses: { 200: { description: "ok" } } },
  };
  const head =
    root["swagger"] === "2.0"
      ? { swagger: "2.0", consumes: root["consumes"] ?? ["application/json"] }
      : { openapi: "3.0.3" };
  const slice: Record<string, unknown> = {
    ...head,
    info: { title: "slice", version: "1" },
    // What follows a fragment or query is no path.
    paths: { [path.replace(/[?#].*$/, "") || "/"]: item },
  };
  copyReferences(root, item, slice);
  const whole: unknown = JSON.parse(JSON.stringify(slice));
  if (!isTree(whole)) throw new Error("a slice is an object");
  return head.swagger === undefined && !/^3\.0/.test(String(root["openapi"])) ? asThreeZero(whole) : whole;
}

function copyReferences(root: Tree, start: unknown, slice: Record<string, unknown>): void {
  const seen = new Set<string>();
  const left: unknown[] = [start];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (Array.isArray(value)) left.push(...value);
    if (!isTree(value)) continue;
    const reference = value["$ref"];
    left.push(...Object.values(value).filter((member) => member !== null && member !== undefined));
    if (typeof reference !== "string" || !reference.startsWith("#/") || seen.has(reference)) continue;
    seen.add(reference);
    const target = pointed(root, reference);
    place(slice, reference, target);
    if (target !== undefined) left.push(target);
  }
}

function place(slice: Record<string, unknown>, reference: string, target: unknown): void {
  const steps = reference
    .slice(2)
    .split("/")
    .map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = steps.pop() ?? "";
  let at: Record<string, unknown> = slice;
  for (const step of steps) {
    const next = at[step];
    const own: Record<string, unknown> = isTree(next) ? { ...next } : {};
    at[step] = own;
    at = own;
  }
  at[last] = target;
}

/** 3.1 as far as 3.0 can say it, for a validator that knows 3.0: what it cannot say is left out, so it is milder. */
function asThreeZero(value: Tree): Tree {
  const converted = convert(value);
  if (!isTree(converted)) throw new Error("an object stays one");
  return converted;
}

const onlyThreeOne = [
  "$schema",
  "$id",
  "$comment",
  "examples",
  "prefixItems",
  "contains",
  "if",
  "then",
  "else",
  "contentMediaType",
  "contentEncoding",
  "propertyNames",
  "unevaluatedProperties",
  "dependentRequired",
  "dependentSchemas",
  "patternProperties",
  "$defs",
  "minContains",
  "maxContains",
];

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  if (!isTree(value)) return value;
  if (typeof value["$ref"] === "string") return { $ref: value["$ref"] };
  const kept = Object.entries(value).filter(([key]) => !onlyThreeOne.includes(key));
  const out: Record<string, unknown> = Object.fromEntries(kept.map(([key, member]) => [key, convert(member)]));
  if ("const" in value && !isTree(value["const"])) {
    out["enum"] = [value["const"]];
    delete out["const"];
  }
  for (const [limit, plain] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (typeof value[limit] !== "number") continue;
    out[plain] = value[limit];
    out[limit] = true;
  }
  const types = value["type"];
  return Array.isArray(types) ? withTypes(out, types) : out["type"] === "null" ? { nullable: true } : out;
}

function withTypes({ type: _type, ...schema }: Record<string, unknown>, types: readonly unknown[]): Tree {
  const real = types.filter((type) => type !== "null");
  const nullable = real.length < types.length ? { nullable: true } : {};
  // Neither of several: whatever it is.
  return real.length === 1 ? { ...schema, type: real[0], ...nullable } : {};
}
