import type { ErrorObject } from "ajv";
import { formatPath } from "../core/problem.ts";

/** One way in which a value does not fit its schema. */
export interface SchemaViolation {
  /** Where, such as `customer.address[0].zip`; empty for the value itself. */
  readonly path: string;
  /** What is wrong, what is expected and, shortened, what was received. */
  readonly message: string;
}

const maxViolations = 10;
const maxShownLength = 80;
const maxNames = 12;

/** The text that tells a model what is wrong with its arguments, a line for each. */
export function describeViolations(violations: readonly SchemaViolation[]): string {
  const lines = violations.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return lines.length === 1 ? `${lines[0]}` : lines.map((line) => `- ${line}`).join("\n");
}

/** Translates errors of the validator; `value` is what was checked. At least one comes back. */
export function toViolations(errors: readonly ErrorObject[], value: unknown): readonly SchemaViolation[] {
  const violations = new Map<string, SchemaViolation>();
  for (const error of informative(errors)) {
    const violation = toViolation(error, value);
    violations.set(`${violation.path}\n${violation.message}`, violation);
    if (violations.size >= maxViolations) break;
  }
  return [...violations.values()];
}

/** Errors that only say "one of those below failed" are dropped when those below are there. */
function informative(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const rest = errors.filter(({ keyword }) => keyword !== "if" && keyword !== "allOf" && keyword !== "propertyNames");
  return rest.length > 0 ? rest : errors;
}

type Params = Readonly<Record<string, unknown>>;

/** What keywords expect, from the parameters of their errors; others have the validator's own words. */
const expectations: ReadonlyMap<string, (params: Params) => string> = new Map([
  ["type", ({ type }) => `must be ${[type].flat().join(",").split(",").map(article).join(" or ")}`],
  ["enum", ({ allowedValues }) => `must be one of ${listValues(allowedValues)}`],
  ["const", ({ allowedValue }) => `must be ${shorten(allowedValue)}`],
  ["minimum", describeBound],
  ["maximum", describeBound],
  ["exclusiveMinimum", describeBound],
  ["exclusiveMaximum", describeBound],
  ["format", ({ format }) => `must be written as ${String(format)}`],
  ["pattern", ({ pattern }) => `must match the pattern ${String(pattern)}`],
]);

function describeBound({ comparison, limit }: Params): string {
  return `must be ${String(comparison)} ${String(limit)}`;
}

function toViolation(error: ErrorObject, root: unknown): SchemaViolation {
  const steps = stepsTo(error.instancePath, root);
  const params: Params = error.params;
  switch (error.keyword) {
    case "required":
      return { path: formatSteps([...steps, String(params["missingProperty"])]), message: "is required, but missing" };
    case "additionalProperties":
      return unknownMember(steps, String(params["additionalProperty"]), error.parentSchema);
    case "unevaluatedProperties":
      return unknownMember(steps, String(params["unevaluatedProperty"]), error.parentSchema);
    default:
      return { path: formatSteps(steps), message: `${expectation(error)}, but is ${shorten(error.data)}` };
  }
}

function expectation(error: ErrorObject): string {
  const describe = expectations.get(error.keyword);
  return describe?.(error.params) ?? error.message ?? `must fit "${error.keyword}"`;
}

function unknownMember(steps: readonly (string | number)[], name: string, parent: Params | undefined): SchemaViolation {
  const properties = parent?.["properties"];
  const known = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  const message = known.length === 0 ? "is not known here" : `is not known here; known are ${listValues(known)}`;
  return { path: formatSteps([...steps, name]), message };
}

function article(type: string): string {
  if (type === "null") return type;
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function listValues(values: unknown): string {
  if (!Array.isArray(values)) return shorten(values);
  const shown = values.slice(0, maxNames).map(shorten);
  return values.length > maxNames ? `${shown.join(", ")}, …` : shown.join(", ");
}

/** The value as JSON, cut to a readable length. */
function shorten(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, maxShownLength + 1)) : String(value);
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}

/** Walks the JSON Pointer along the value, to tell list indexes from keys that look like numbers. */
function stepsTo(pointer: string, root: unknown): readonly (string | number)[] {
  const steps: (string | number)[] = [];
  let at = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    steps.push(Array.isArray(at) ? Number(key) : key);
    at = typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined;
  }
  return steps;
}

/** Keys that are no plain names are quoted, so that `a.b` is not taken for two steps. */
function formatSteps(steps: readonly (string | number)[]): string {
  let text = "";
  for (const step of steps) {
    if (typeof step === "number" || /^[\w$-]{1,80}$/.test(step)) text = joinStep(text, step);
    else text += `[${shorten(step)}]`;
  }
  return text;
}

function joinStep(before: string, step: string | number): string {
  return typeof step === "number" || before === "" ? `${before}${formatPath([step])}` : `${before}.${step}`;
}
