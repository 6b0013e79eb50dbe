import * as core from "zod/v4/core";
import { isJsonObject } from "../json.ts";
import type { DocumentPath } from "../problem.ts";

type Schema = core.$ZodType;

/** The schema without what is wrapped around it: optional, default and the like. */
export function unwrapped(schema: Schema): Schema {
  let current = schema;
  while (
    current instanceof core.$ZodOptional ||
    current instanceof core.$ZodDefault ||
    current instanceof core.$ZodPrefault ||
    current instanceof core.$ZodNullable
  ) {
    current = current._zod.def.innerType;
  }
  return current;
}

/** The keys of an object schema with their schemas; absent for every other kind. */
export function shapeOf(schema: Schema | undefined): Readonly<Record<string, Schema>> | undefined {
  if (schema === undefined) return undefined;
  const plain = unwrapped(schema);
  return plain instanceof core.$ZodObject ? plain._zod.def.shape : undefined;
}

/** The alternatives of a union; none for every other kind. */
export function unionOptions(schema: Schema | undefined): readonly Schema[] {
  if (schema === undefined) return [];
  const plain = unwrapped(schema);
  return plain instanceof core.$ZodUnion ? plain._zod.def.options : [];
}

/** The keys without which an object of this schema is refused. */
export function requiredKeys(schema: Schema): string[] {
  const shape = shapeOf(schema) ?? {};
  return Object.keys(shape).filter((key) => shape[key]?._zod.optin === undefined);
}

/**
 * The schema that stands at a path of `value`; of a union the alternative that the value has keys
 * of. Absent where the path leaves the schema or nothing decides.
 */
export function schemaAt(root: Schema, path: DocumentPath, value: unknown): Schema | undefined {
  const schema = declaredAt(root, path, value);
  return schema === undefined ? undefined : decided(schema, valueAt(value, path));
}

/** Like `schemaAt`, but a union at the end of the path stays a union. */
export function declaredAt(root: Schema, path: DocumentPath, value: unknown): Schema | undefined {
  let schema: Schema | undefined = root;
  let inner = value;
  for (const step of path) {
    if (schema === undefined) return undefined;
    schema = childSchema(decided(schema, inner), step);
    inner = childOf(inner, step);
  }
  return schema;
}

/** What stands at a path of a value; `undefined` where there is nothing. */
export function valueAt(root: unknown, path: DocumentPath): unknown {
  let value = root;
  for (const step of path) value = childOf(value, step);
  return value;
}

function childOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[String(step)] : undefined;
}

function childSchema(schema: Schema, step: string | number): Schema | undefined {
  if (schema instanceof core.$ZodObject) return schema._zod.def.shape[String(step)];
  if (schema instanceof core.$ZodArray) return schema._zod.def.element;
  if (schema instanceof core.$ZodRecord) return schema._zod.def.valueType;
  return undefined;
}

function decided(schema: Schema, value: unknown): Schema {
  const plain = unwrapped(schema);
  if (!(plain instanceof core.$ZodUnion) || !isJsonObject(value)) return plain;
  const { options } = plain._zod.def;
  if (plain instanceof core.$ZodDiscriminatedUnion) {
    const key = plain._zod.def.discriminator;
    return options.find((option) => isNamed(shapeOf(option)?.[key], childOf(value, key))) ?? plain;
  }
  return options.find((option) => requiredKeys(option).some((key) => Object.hasOwn(value, key))) ?? plain;
}

function isNamed(literal: Schema | undefined, name: unknown): boolean {
  return literal instanceof core.$ZodLiteral && literal._zod.def.values.some((choice) => choice === name);
}
