import type { JsonObject } from "../core/json.ts";
import { type CompiledSchema, compiledSchema } from "./compiled-schemas.ts";
import type { SchemaViolation } from "./violations.ts";

export { findSchemaProblems, type SchemaProblemOptions } from "./schema-problems.ts";
export { describeViolations, type SchemaViolation } from "./violations.ts";

export interface ValidatorOptions {
  /** Fill the schema's `default`s into the checked value. */
  readonly useDefaults?: boolean;
}

/** Checks values against one JSON Schema. Never throws: a schema that cannot be compiled is a violation. */
export interface JsonSchemaValidator {
  /**
   * `undefined` when the value fits, else at least one violation. With `useDefaults` members that are
   * missing are filled in, so the value must be the caller's own.
   */
  check(value: unknown): readonly SchemaViolation[] | undefined;
}

/**
 * A validator that compiles its schema at the first check, with the dialect that `$schema` names
 * (draft-07, 2019-09, else 2020-12). Equal schemas share one compiled form, across reloads too. Patterns
 * run in linear time, nothing is fetched.
 */
export function lazyValidator(schema: JsonObject, options: ValidatorOptions = {}): JsonSchemaValidator {
  const useDefaults = options.useDefaults === true;
  let compiled: CompiledSchema | undefined;
  return {
    check(value) {
      compiled ??= compiledSchema(schema, useDefaults);
      return compiled.check(value);
    },
  };
}
