import { createHash } from "node:crypto";
import type { Ajv, ValidateFunction } from "ajv";
import type { JsonObject } from "../core/json.ts";
import { stringifyJson } from "../core/lossless-json.ts";
import { type AjvSettings, compileApart, createAjv, dialectOf } from "./ajv-instances.ts";
import { withNumbers } from "./big-integers.ts";
import { prepareSchema } from "./prepared-schema.ts";
import { type SchemaViolation, toViolations } from "./violations.ts";
import { TooMuchWork, WorkLimit } from "./work-limit.ts";

/** Compiled schemas that are kept; about 10 kB each. */
const maxKept = 2_000;
/** An instance keeps a part of each schema it ever compiled, so it is replaced in time. */
const maxCompiledPerInstance = 100;
/** Larger values are told their first error only: a list of a million wrong items is one mistake. */
const maxItemsForAllErrors = 1_000;

/** A schema in use. `check` is as in `JsonSchemaValidator`. */
export interface CompiledSchema {
  /** Set when the schema cannot be compiled: then nothing fits. */
  readonly fault?: string;
  check(value: unknown): readonly SchemaViolation[] | undefined;
}

interface Instance {
  readonly ajv: Ajv;
  compiled: number;
}

/** Instances and compiled schemas, made at first use. The keys are hashes, the oldest used entry comes first. */
const instances = new Map<string, Instance>();
const kept = new Map<string, CompiledSchema>();
/** Checks do not overlap, so one count serves them all. */
const limit = new WorkLimit();
/** Saves hashing while the schema object lives. */
const keys = new WeakMap<JsonObject, string>();

/** The compiled form of a schema, from the cache when an equal one was used before. */
export function compiledSchema(schema: JsonObject, useDefaults: boolean): CompiledSchema {
  const key = `${useDefaults ? "defaults" : "plain"}:${hashOf(schema)}`;
  const known = kept.get(key);
  kept.delete(key);
  const compiled = known ?? compile(schema, useDefaults);
  kept.set(key, compiled);
  if (kept.size > maxKept) {
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  }
  return compiled;
}

/** Why a schema cannot be compiled; `undefined` when it can. Compiles it at once. */
export function compileFault(schema: JsonObject): string | undefined {
  return compiledSchema(schema, false).fault;
}

/** How many compiled schemas are kept, for tests of the bound. */
export function keptSchemas(): number {
  return kept.size;
}

function hashOf(schema: JsonObject): string {
  const known = keys.get(schema);
  if (known !== undefined) return known;
  const hash = createHash("sha256").update(stringifyJson(schema)).digest("base64");
  keys.set(schema, hash);
  return hash;
}

function compile(schema: JsonObject, useDefaults: boolean): CompiledSchema {
  const dialect = dialectOf(schema) ?? "2020-12";
  const plain = prepareSchema(schema);
  let first: ValidateFunction;
  try {
    if (schema["$async"] !== undefined) throw new Error("$async is not supported");
    first = compileWith({ dialect, useDefaults, allErrors: false }, plain);
  } catch (error) {
    return unusable(error);
  }
  let all: ValidateFunction | undefined;
  const allErrors = (value: unknown): ValidateFunction["errors"] => {
    all ??= compileWith({ dialect, useDefaults: false, allErrors: true }, plain);
    limit.reset();
    all(value);
    return all.errors;
  };
  return {
    check(value) {
      const numbers = withNumbers(value, useDefaults);
      try {
        limit.reset();
        if (first(numbers.value)) return undefined;
        const isLarge = countItems(numbers.value, maxItemsForAllErrors) >= maxItemsForAllErrors;
        return toViolations((isLarge ? undefined : allErrors(numbers.value)) ?? first.errors ?? [], numbers.value);
      } catch (error) {
        if (error instanceof TooMuchWork) return [{ path: "", message: error.message }];
        throw error;
      } finally {
        numbers.restore();
      }
    },
  };
}

function compileWith(settings: AjvSettings, schema: JsonObject): ValidateFunction {
  const key = `${settings.dialect} ${settings.useDefaults} ${settings.allErrors}`;
  let instance = instances.get(key);
  if (instance === undefined || instance.compiled >= maxCompiledPerInstance) {
    instance = { ajv: createAjv(settings, limit), compiled: 0 };
    instances.set(key, instance);
  }
  instance.compiled++;
  return compileApart(instance.ajv, schema);
}

/** A schema that cannot be compiled fits nothing; `check` of the configuration says so before it is served. */
function unusable(error: unknown): CompiledSchema {
  const fault = faultOf(error);
  const violations: readonly SchemaViolation[] = [{ path: "", message: `the schema cannot be used: ${fault}` }];
  return { fault, check: () => violations };
}

function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  // Only references that lead nowhere have this member.
  if (!("missingRef" in error)) return error.message;
  return `it refers to ${String(error.missingRef)}, which is not part of it, and nothing is fetched`;
}

/** Counts values inside a value, no further than `limit`. */
function countItems(value: unknown, limit: number): number {
  if (typeof value !== "object" || value === null) return 1;
  let count = 1;
  for (const member of Object.values(value)) {
    count += countItems(member, limit - count);
    if (count >= limit) break;
  }
  return count;
}
