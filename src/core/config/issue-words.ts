import * as core from "zod/v4/core";
import { shapeOf, unwrapped } from "./schema-walk.ts";

type Schema = core.$ZodType;

/** How the schema library's names of types are told to people. */
export const allTypeNames: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

const longestQuote = 60;

/** A name or text in quotes, shortened when it is long, on one line. */
export function quoted(text: string): string {
  const short = text.length > longestQuote ? `${text.slice(0, longestQuote - 1)}…` : text;
  return JSON.stringify(short);
}

/** What a value is, in words: `the number 12`, `a list`, `nothing`. */
export function describeFound(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "string") return value === "" ? "an empty text" : quoted(value);
  if (typeof value === "number" || typeof value === "bigint") return `the number ${String(value)}`;
  return typeof value === "boolean" ? String(value) : "a mapping";
}

/** What a schema takes, in words; absent when it takes anything. */
export function typeName(schema: Schema | undefined): string | undefined {
  if (schema === undefined) return undefined;
  const plain = unwrapped(schema);
  if (plain instanceof core.$ZodEnum) return `one of ${Object.values(plain._zod.def.entries).join(", ")}`;
  if (plain instanceof core.$ZodLiteral) return plain._zod.def.values.map(String).join(" or ");
  return allTypeNames[plain._zod.def.type];
}

/** The keys that an object schema knows. */
export function keysOf(schema: Schema | undefined): string[] {
  return Object.keys(shapeOf(schema) ?? {});
}
