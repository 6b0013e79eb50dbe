import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { findSchemaProblems } from "../../../schemas/json-schema.ts";
import { descriptionOf } from "../testing.ts";
import { assembleSchema } from "./assemble-schema.ts";
import type { Direction } from "./conversion.ts";
import { SchemaShelf } from "./schema-shelf.ts";

interface Made {
  readonly schema: JsonValue;
  readonly codes: readonly string[];
}

/** What a schema becomes in a tool; `schemas` are the components that it may refer to. */
function make(
  schema: JsonValue,
  schemas: JsonObject = {},
  direction: Direction = "request",
  maxCharacters = 20_000,
): Made {
  const description = descriptionOf({ components: { schemas }, schema });
  const shelf = new SchemaShelf(description, direction);
  const located = description.child(description.root, "schema");
  if (located === undefined) throw new Error("there is no schema");
  const converted = shelf.convert(located);
  const { schema: made, notes } = assembleSchema(converted.draft, shelf, maxCharacters);
  expect(findSchemaProblems(typeof made === "object" ? (made as JsonObject) : {}, [], { deep: true })).toEqual([]);
  return { schema: made, codes: [...converted.notes, ...notes].map(({ code }) => code) };
}

const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

describe("keywords of a request", () => {
  test.each<[string, JsonValue, JsonValue]>([
    ["nullable", { type: "string", nullable: true, enum: ["a"] }, { type: ["string", "null"], enum: ["a", null] }],
    [
      "nullable around a reference",
      { ...ref("Text"), nullable: true },
      { anyOf: [{ type: "string" }, { type: "null" }] },
    ],
    [
      "nullable around alternatives",
      { anyOf: [{ type: "string" }], nullable: true },
      { anyOf: [{ type: "string" }, { type: "null" }] },
    ],
    [
      "an exclusive bound of 3.0",
      { type: "number", minimum: 1, exclusiveMinimum: true },
      { type: "number", exclusiveMinimum: 1 },
    ],
    [
      "a bound that is not exclusive",
      { type: "number", maximum: 1, exclusiveMaximum: false },
      { type: "number", maximum: 1 },
    ],
    [
      "a list as items",
      { type: "array", items: [{ type: "string" }] },
      { type: "array", prefixItems: [{ type: "string" }] },
    ],
    ["example", { type: "string", example: "a" }, { type: "string", examples: ["a"] }],
    ["examples by name", { type: "string", examples: { one: { value: "a" } } }, { type: "string", examples: ["a"] }],
    [
      "keywords of other specifications",
      { type: "string", xml: {}, externalDocs: {}, "x-a": 1, $comment: "c" },
      { type: "string" },
    ],
    [
      "formats, limits and constants",
      {
        type: "object",
        properties: { a: { type: "string", format: "uuid", maxLength: 40 }, b: { const: 1 } },
        patternProperties: { "^x-": { type: "string" } },
      },
      {
        type: "object",
        properties: { a: { type: "string", format: "uuid", maxLength: 40 }, b: { const: 1 } },
        patternProperties: { "^x-": { type: "string" } },
      },
    ],
    [
      "allOf around a reference with a text of its own",
      { allOf: [ref("Text")], description: "Mine." },
      { type: "string", description: "Mine." },
    ],
    ["deprecated", { type: "string", deprecated: true }, { type: "string", deprecated: true }],
    ["booleans", { properties: { a: true, b: false } }, { properties: { a: true, b: false } }],
    [
      "if and then",
      { if: { properties: { a: { const: 1 } } }, then: { required: ["b"] } },
      { if: { properties: { a: { const: 1 } } }, then: { required: ["b"] } },
    ],
  ])("%s", (_, schema, expected) => {
    expect(make(schema, { Text: { type: "string" } })).toEqual({ schema: expected, codes: [] });
  });

  test.each<[string, JsonValue, JsonValue, string]>([
    ["a type that does not exist", { type: "any", maxLength: 3 }, { maxLength: 3 }, "type-unknown"],
    ["required at the property", { type: "string", required: true }, { type: "string" }, "keyword-not-usable"],
    ["a bound that is a text", { type: "number", minimum: "1" }, { type: "number", minimum: 1 }, "keyword-mended"],
    ["a length below 0", { type: "string", minLength: -1 }, { type: "string" }, "keyword-not-usable"],
    ["a pattern with look-ahead", { type: "string", pattern: "^(?!x)" }, { type: "string" }, "pattern-not-supported"],
    ["a pattern that is none", { type: "string", pattern: "[" }, { type: "string" }, "pattern-not-supported"],
    ["a default of another type", { type: "integer", default: "many" }, { type: "integer" }, "default-left-out"],
    [
      "a default that is no choice",
      { type: "string", enum: ["a"], default: "b" },
      { type: "string", enum: ["a"] },
      "default-left-out",
    ],
    [
      "values of another type",
      { type: "string", enum: ["a", false, 1.5] },
      { type: "string", enum: ["a", "1.5"] },
      "enum-mended",
    ],
    ["a reference that leads nowhere", ref("Missing"), {}, "reference-broken"],
    ["a dynamic reference", { $dynamicRef: "#x" }, {}, "dynamic-reference"],
    ["a schema that is a text", { properties: { a: "string" } }, { properties: { a: true } }, "schema-not-usable"],
    ["properties that are a list", { type: "object", properties: [] }, { type: "object" }, "keyword-not-usable"],
  ])("%s is mended or left out, and noted", (_, schema, expected, code) => {
    expect(make(schema)).toEqual({ schema: expected, codes: [code] });
  });

  test.each<[string, string]>([
    ["^[a-z]+\\-[0-9]\\_$", "^[a-z]+-[0-9]_$"],
    ["^[\\w\\-\\.]+$", "^[\\w\\-\\.]+$"],
    ["/^\\d+$/", "^\\d+$"],
    ["^a\\/b$", "^a\\/b$"],
  ])("the pattern %s is mended", (pattern, mended) => {
    expect(make({ type: "string", pattern })).toEqual({ schema: { type: "string", pattern: mended }, codes: [] });
  });

  test("a default keeps its type, and one that is a text is turned into it", () => {
    expect(make({ type: "boolean", default: "true" }).schema).toEqual({ type: "boolean", default: true });
    expect(make({ type: "array", items: { type: "string" }, default: ["a"] }).schema).toMatchObject({ default: ["a"] });
    expect(make({ type: "string", format: "date", default: "soon" }).codes).toEqual(["default-left-out"]);
  });

  test("a patch fills nothing in: its defaults are told", () => {
    const { schema } = make({ type: "boolean", default: false, description: "Hidden." }, {}, "patch");
    expect(schema).toEqual({ type: "boolean", description: "Hidden. Usually false." });
  });

  test("a choice of very many values becomes its type and some of the values", () => {
    const { schema, codes } = make({ type: "string", enum: Array.from({ length: 1_000 }, (_, index) => `v${index}`) });
    expect(schema).toMatchObject({
      type: "string",
      description: expect.stringMatching(/^One of 1000 values such as "v0", /),
    });
    expect(schema).not.toHaveProperty("enum");
    expect(codes).toEqual(["enum-shortened"]);
  });
});

describe("schemas that consist of others", () => {
  const base = { type: "object", required: ["id"], properties: { id: { type: "string" } } };

  test("plain objects are put together", () => {
    const { schema } = make(
      { allOf: [ref("Base"), { required: ["a"], properties: { a: { type: "integer" } } }], description: "Both." },
      { Base: base },
    );
    expect(schema).toEqual({
      type: "object",
      description: "Both.",
      required: ["id", "a"],
      properties: { id: { type: "string" }, a: { type: "integer" } },
    });
  });

  test("closed objects are not: a property of the other would be one too many", () => {
    const closed = { ...base, additionalProperties: false };
    const both = { allOf: [closed, { type: "object", properties: { a: { type: "integer" } } }] };
    expect(make(both).schema).toEqual(both);
  });

  test("alternatives with a discriminator are told apart by its value", () => {
    const { schema } = make(
      {
        oneOf: [ref("Cat"), ref("Dog")],
        discriminator: { propertyName: "kind", mapping: { cat: "#/components/schemas/Cat" } },
      },
      {
        Cat: { type: "object", properties: { kind: { type: "string" }, lives: { type: "integer" } } },
        Dog: { type: "object", properties: { kind: { type: "string" } } },
      },
    );
    expect(schema).toEqual({
      oneOf: [
        {
          type: "object",
          required: ["kind"],
          properties: { kind: { type: "string", const: "cat" }, lives: { type: "integer" } },
        },
        { type: "object", required: ["kind"], properties: { kind: { type: "string", const: "Dog" } } },
      ],
    });
  });

  test("a discriminator without alternatives lists the names", () => {
    const pet = {
      type: "object",
      properties: { kind: { type: "string" } },
      discriminator: { propertyName: "kind", mapping: { cat: "Cat", dog: "Dog" } },
    };
    expect(make(pet).schema).toEqual({
      type: "object",
      properties: { kind: { type: "string", description: "One of: cat, dog." } },
    });
  });

  test("circles of several schemas end, with and without allOf", () => {
    const { schema } = make(ref("A"), {
      A: { type: "object", properties: { b: ref("B") } },
      B: { allOf: [ref("A"), { properties: { c: ref("B") } }] },
    });
    expect(schema).toMatchObject({ type: "object", $defs: { A: {}, B: {} } });
  });

  test("names of definitions are readable, and unique", () => {
    const large = { type: "object", properties: { text: { type: "string", description: "x".repeat(200) } } };
    const twice = (schema: JsonObject): JsonObject => ({ type: "array", prefixItems: [schema, schema] });
    const { schema } = make(
      { type: "array", prefixItems: [twice(ref("a~1b")), twice(ref("a b"))] },
      { "a/b": large, "a b": large },
    );
    expect(Object.keys((schema as { $defs: object }).$defs)).toEqual(["a_b", "a_b_2"]);
  });

  test("a schema that is too large keeps its first levels", () => {
    const chain = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [
        `S${index}`,
        { type: "object", properties: { next: ref(`S${index + 1}`) } },
      ]),
    );
    const { schema, codes } = make(ref("S0"), { ...chain, S100: { type: "object" } }, "request", 600);
    expect(JSON.stringify(schema).length).toBeLessThan(1_200);
    expect(schema).toMatchObject({
      properties: { next: { type: "object", properties: { next: { type: "object" } } } },
    });
    expect(codes).toEqual(["schema-shortened"]);
  });
});

describe("what is of one direction only", () => {
  const account = {
    type: "object",
    required: ["id", "name", "password"],
    properties: {
      id: { type: "string", readOnly: true },
      name: { type: "string" },
      password: { type: "string", writeOnly: true },
      owner: ref("Reader"),
    },
  };
  const schemas = { Account: account, Reader: { type: "string", readOnly: true } };

  test("is left out of requests when responses have it, also behind a reference", () => {
    expect(make(ref("Account"), schemas).schema).toEqual({
      type: "object",
      required: ["name", "password"],
      properties: { name: { type: "string" }, password: { type: "string" } },
    });
  });

  test("is left out of responses when requests have it", () => {
    const { schema } = make(ref("Account"), schemas, "response");
    expect(Object.keys((schema as { properties: object }).properties)).toEqual(["id", "name", "owner"]);
  });

  test("is not required by another member of allOf, however deep", () => {
    const { schema } = make(
      { allOf: [ref("Account"), { anyOf: [{ required: ["id"] }, { required: ["name"] }] }] },
      schemas,
    );
    expect(schema).toMatchObject({ allOf: [{ type: "object" }, { anyOf: [{}, { required: ["name"] }] }] });
    expect(JSON.stringify(schema)).not.toContain('"id"');
  });
});

test("of a response the shape is kept, and nothing that backends do not keep to", () => {
  const { schema } = make(
    {
      type: "object",
      required: ["a"],
      additionalProperties: false,
      properties: {
        a: { type: "string", format: "date-time", pattern: "^x", maxLength: 3 },
        b: { type: "string", enum: ["x", "y"] },
        c: { oneOf: [{ type: "integer", minimum: 3 }, { type: "string" }] },
        d: { type: "object", additionalProperties: { type: "number", default: 1 } },
      },
    },
    {},
    "response",
  );
  expect(schema).toEqual({
    type: ["object", "null"],
    properties: {
      a: { type: ["string", "null"] },
      b: { type: ["string", "null"], examples: ["x", "y"] },
      c: { anyOf: [{ type: ["integer", "null"] }, { type: ["string", "null"] }] },
      d: { type: ["object", "null"], additionalProperties: { type: ["number", "null"] } },
    },
  });
});
