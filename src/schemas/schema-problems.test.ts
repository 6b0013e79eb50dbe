import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { formatPath } from "../core/problem.ts";
import { findSchemaProblems, type SchemaProblemOptions } from "./json-schema.ts";

function problems(schema: JsonObject, options: SchemaProblemOptions = {}): readonly string[] {
  return findSchemaProblems(schema, ["tools", 0, "input"], options).map(({ path, message, mend }) => {
    return [`${formatPath(path)}: ${message}`, ...(mend === undefined ? [] : [mend])].join("; ");
  });
}

/** The problems of one property, without the place of it. */
function problemsOf(property: JsonValue, options: SchemaProblemOptions = {}): readonly string[] {
  return problems({ type: "object", properties: { p: property } }, options).map((text) => {
    return text.replace(/^tools\[0\]\.input\.properties\.p\.?/, "");
  });
}

const types = "types are object, array, string, integer, number, boolean, null";

describe("the cheap check", () => {
  test.each<[JsonValue, string]>([
    [7, ": `p` must be a schema: a mapping, true or false"],
    [{ type: "strng" }, "type: `type` names a type that does not exist; did you mean `string`?"],
    [{ type: 5 }, `type: \`type\` names a type that does not exist; ${types}`],
    [{ type: [] }, "type: `type` must name at least one type"],
    [{ required: "id" }, "required: `required` must be a list of texts without repetition"],
    [{ required: ["a", "a"] }, "required: `required` must be a list of texts without repetition"],
    [{ enum: [] }, "enum: `enum` must be a list with at least one value"],
    [{ minimum: "1" }, "minimum: `minimum` must be a number"],
    [{ multipleOf: 0 }, "multipleOf: `multipleOf` must be a number above 0"],
    [{ minLength: -1 }, "minLength: `minLength` must be a whole number from 0"],
    [{ uniqueItems: "yes" }, "uniqueItems: `uniqueItems` must be true or false"],
    [{ anyOf: [] }, "anyOf: `anyOf` must be a list with at least one schema"],
    [{ anyOf: [{ type: "object" }, 3] }, "anyOf[1]: the schema must be a schema: a mapping, true or false"],
    [{ items: [{}] }, "items: `items` must be a schema: a mapping, true or false"],
    [{ properties: [] }, "properties: `properties` must be a mapping of names to schemas"],
    [{ dependentRequired: { a: "b" } }, "dependentRequired.a: `a` must be a list of names without repetition"],
    [{ $ref: "#/$defs/none" }, "$ref: `$ref` refers to #/$defs/none, which is not there"],
    [{ $ref: "#/%zz" }, "$ref: `$ref` refers to #/%zz, which is not there"],
    [{ pattern: 5 }, "pattern: `pattern` must be a text"],
    [{ $async: true }, "$async: `$async` is not supported"],
    [{ not: { if: { type: "x" } } }, `not.if.type: \`type\` names a type that does not exist; ${types}`],
  ])("finds what is wrong with %j", (property, expected) => {
    const [found] = problemsOf(property);
    expect(found).toBe(expected);
  });

  test.each<JsonObject>([
    { type: "object" },
    { type: ["object", "null"], properties: { a: true, b: false, c: {} } },
    { $defs: { "a/b": { type: "string" } }, $ref: "#/$defs/a~1b" },
    {
      $schema: "http://json-schema.org/draft-07/schema#",
      items: [{}],
      dependencies: { a: ["b"], c: { minLength: 1 } },
    },
    { properties: { properties: { type: "string" }, required: { type: "boolean" } } },
    { "x-anything": [1], nullable: true, properties: { nullable: true } },
    { minimum: 9007199254740993n, enum: [null, 1, "a"], const: { type: "x" }, default: { pattern: 5 } },
  ])("finds nothing wrong with %o", (schema) => {
    expect(problems(schema)).toStrictEqual([]);
    expect(problems(schema, { deep: true })).toStrictEqual([]);
  });

  test("asks for an object at the root of arguments", () => {
    expect(problems({ type: "string" }, { root: "object" })).toStrictEqual([
      "tools[0].input: `input` must describe an object at its root; add `type: object`",
    ]);
    expect(problems({ type: "string" }, { root: "any" })).toStrictEqual([]);
  });

  test("names a dialect that it does not know", () => {
    expect(problems({ $schema: "http://json-schema.org/draft-04/schema#" })[0]).toContain(
      "use 2020-12, 2019-09, draft-07",
    );
  });

  test("bounds how deep a schema goes", () => {
    let schema: JsonObject = {};
    for (let depth = 0; depth < 5_000; depth++) schema = { not: schema };
    expect(problems(schema)[0]).toContain("is nested deeper than 64 schemas");
  });
});

describe("the deep check", () => {
  test.each<[JsonValue, string]>([
    [{ pattern: "(?<=a)b" }, "pattern: `pattern` is refused: look-ahead and look-behind have no linear time"],
    [{ pattern: "(a)\\1" }, "pattern: `pattern` is refused: back-references have no linear time"],
    [{ patternProperties: { "(?=x)": {} } }, "patternProperties.(?=x): `(?=x)` is refused"],
    [{ $ref: "#nowhere" }, "tools[0].input: `input` cannot be compiled: it refers to #nowhere"],
    [{ $ref: "https://example.test/x" }, "nothing is fetched"],
    [{ minimun: 3 }, "minimun: `minimun` is no keyword of JSON Schema and has no effect; did you mean `minimum`?"],
  ])("finds what is wrong with %j", (property, expected) => {
    expect(problemsOf(property)).toStrictEqual([]);
    expect(problemsOf(property, { deep: true })[0]).toContain(expected);
  });
});
