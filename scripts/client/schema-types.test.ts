import { describe, expect, test } from "vitest";
import { typeOfSchema } from "./schema-types.ts";

describe("types of schemas", () => {
  test.each([
    [{ type: "integer", minimum: 1 }, "number"],
    [{ type: ["string", "null"] }, "string | null"],
    [{ enum: ["a", 2, null] }, '"a" | 2 | null'],
    [{ const: "x" }, '"x"'],
    [{}, "unknown"],
    [{ not: {} }, "never"],
    [{ $ref: "#/components/schemas/Author" }, "Author"],
    [{ type: "array" }, "readonly unknown[]"],
    [{ type: "array", items: { enum: ["a", "b"] } }, 'readonly ("a" | "b")[]'],
    [{ type: "array", items: { type: "array", items: { type: "string" } } }, "readonly (readonly string[])[]"],
    [{ type: "array", prefixItems: [{ type: "string" }], items: false }, "readonly [string]"],
    [{ anyOf: [{ type: "string" }, { type: "string", format: "date" }, { type: "null" }] }, "string | null"],
    [{ allOf: [{ $ref: "#/components/schemas/A" }, { $ref: "#/components/schemas/B" }] }, "A & B"],
    [{ type: "object", additionalProperties: { type: "number" } }, "Readonly<Record<string, number>>"],
    [{ type: "object", properties: {}, additionalProperties: false }, "Readonly<Record<string, never>>"],
  ])("%j", (schema, type) => {
    expect(typeOfSchema(schema, "received")).toBe(type);
  });

  test("an object has its comments, and asks for what is required", () => {
    const schema = {
      type: "object",
      properties: { name: { type: "string", description: "No */ here." }, "is-on": { type: "boolean" } },
      required: ["name"],
      additionalProperties: {},
    };
    expect(typeOfSchema(schema, "received")).toBe(
      '{\n  /** No *\\/ here. */\n  readonly name: string;\n  readonly "is-on"?: boolean;\n} & Readonly<Record<string, unknown>>',
    );
  });

  test("what is sent may be undefined where it may be left out", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
    expect(typeOfSchema(schema, "sent")).toContain("readonly a?: string | undefined;");
  });

  test("a keyword that is not known is told with its place", () => {
    const items = { type: "object", dependentRequired: {} };
    const schema = { type: "object", properties: { a: { type: "array", items } } };
    expect(() => typeOfSchema(schema, "sent", "createKey.body")).toThrow(
      "createKey.body.a[] has the keyword dependentRequired",
    );
    expect(() => typeOfSchema({ $ref: "other.json" }, "sent")).toThrow("other.json refers to something else");
  });
});
