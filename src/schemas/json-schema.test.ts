import { describe, expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { compiledSchema, keptSchemas } from "./compiled-schemas.ts";
import { describeViolations, lazyValidator } from "./json-schema.ts";
import { withinMs } from "../../test/fixtures/time-limit.ts";

const order: JsonObject = {
  type: "object",
  required: ["id"],
  additionalProperties: false,
  properties: {
    id: { type: "integer", minimum: 1, maximum: 9007199254740993n },
    status: { enum: ["open", "paid"] },
    full: { type: "boolean", default: false },
    note: { type: ["string", "null"], maxLength: 5 },
    email: { type: "string", format: "email" },
    code: { type: "string", pattern: "^[A-Z]{2}$" },
    tags: { type: "array", items: { type: "string" }, uniqueItems: true },
    address: { type: "object", required: ["zip"], properties: { zip: { type: "string" }, "a.b": { const: 7 } } },
    lines: { type: "array", items: { type: "object", properties: { count: { type: "integer" } } } },
  },
};

function described(schema: JsonObject, value: unknown): string | undefined {
  const violations = lazyValidator(schema).check(value);
  return violations === undefined ? undefined : describeViolations(violations);
}

describe("the text for a model", () => {
  test.each<[unknown, string | undefined]>([
    [{ id: 1 }, undefined],
    [{}, "id: is required, but missing"],
    [{ id: "7" }, 'id: must be an integer, but is "7"'],
    [{ id: 1.5 }, "id: must be an integer, but is 1.5"],
    [{ id: 0 }, "id: must be >= 1, but is 0"],
    [{ id: 1, status: "lost" }, 'status: must be one of "open", "paid", but is "lost"'],
    [{ id: 1, note: 7 }, "note: must be a string or null, but is 7"],
    [{ id: 1, note: "too long" }, 'note: must NOT have more than 5 characters, but is "too long"'],
    [{ id: 1, email: "nobody" }, 'email: must be written as email, but is "nobody"'],
    [{ id: 1, code: "abc" }, 'code: must match the pattern ^[A-Z]{2}$, but is "abc"'],
    [{ id: 1, tags: ["a", "b", "a"] }, "tags: must NOT have duplicate items, but is a list of 3"],
    [{ id: 1, address: {} }, "address.zip: is required, but missing"],
    [{ id: 1, address: { zip: "1", "a.b": 8 } }, 'address["a.b"]: must be 7, but is 8'],
    [{ id: 1, lines: [{}, { count: "x" }] }, 'lines[1].count: must be an integer, but is "x"'],
    [[], "must be an object, but is an empty list"],
    [{ id: {} }, "id: must be an integer, but is an object"],
  ])("for %j", (value, text) => {
    expect(described(order, value)).toBe(text);
  });

  test("names what is known where a name is not", () => {
    expect(described(order, { id: 1, statos: "open" })).toContain(
      'statos: is not known here; known are "id", "status"',
    );
  });

  test("has a line for each of several violations", () => {
    expect(described(order, { id: "x", full: 3 })).toBe(
      '- id: must be an integer, but is "x"\n- full: must be a boolean, but is 3',
    );
  });

  test("shortens what was received", () => {
    expect(described(order, { id: "x".repeat(100_000) })?.length).toBeLessThan(150);
  });

  test("stays short however much is wrong", () => {
    const schema: JsonObject = { type: "array", items: { type: "integer" } };
    expect(lazyValidator(schema).check(Array.from({ length: 500 }, () => "x"))).toHaveLength(10);
    expect(lazyValidator(schema).check(Array.from({ length: 200_000 }, () => "x"))).toHaveLength(1);
  });
});

describe("integers beyond 2^53", () => {
  test.each<[unknown, boolean]>([
    [{ id: 9007199254740992n }, true],
    [{ id: 99999999999999999999n }, false],
    [{ id: -9007199254740993n }, false],
    [{ id: 1, note: 9007199254740993n }, false],
    [{ id: 1, lines: [{ count: 12345678901234567890n }] }, true],
  ])("are integers with bounds: %o", (value, fits) => {
    expect(lazyValidator(order).check(value) === undefined).toBe(fits);
  });

  test("keep their digits while defaults are filled in", () => {
    const value = { id: 9007199254740992n, lines: [{ count: 12345678901234567891n }] };
    expect(lazyValidator(order, { useDefaults: true }).check(value)).toBeUndefined();
    expect(value).toStrictEqual({
      id: 9007199254740992n,
      lines: [{ count: 12345678901234567891n }],
      full: false,
    });
  });

  test("are named with their digits when they do not fit", () => {
    expect(described({ type: "integer", maximum: 5 }, 12345678901234567891n)).toContain("must be <= 5");
  });
});

describe("defaults", () => {
  test("are filled in on wish only", () => {
    const plain = { id: 1 };
    expect(lazyValidator(order).check(plain)).toBeUndefined();
    expect(plain).toStrictEqual({ id: 1 });
    const filled = { id: 1 };
    expect(lazyValidator(order, { useDefaults: true }).check(filled)).toBeUndefined();
    expect(filled).toStrictEqual({ id: 1, full: false });
  });

  test("are not shared between values", () => {
    const schema: JsonObject = { type: "object", properties: { list: { type: "array", default: [] } } };
    const validator = lazyValidator(schema, { useDefaults: true });
    const first: { list?: unknown[] } = {};
    const second: { list?: unknown[] } = {};
    validator.check(first);
    first.list?.push(1);
    validator.check(second);
    expect(second.list).toStrictEqual([]);
  });
});

describe("dialects", () => {
  const tuple = [{ type: "string" }, { type: "integer" }];

  test.each<[string, JsonObject, unknown]>([
    ["2020-12 by default", { type: "array", prefixItems: tuple }, ["a", "b"]],
    ["2020-12", { $schema: "https://json-schema.org/draft/2020-12/schema", unevaluatedProperties: false }, { a: 1 }],
    ["2019-09", { $schema: "https://json-schema.org/draft/2019-09/schema", items: tuple }, ["a", "b"]],
    [
      "2019-09",
      { $schema: "https://json-schema.org/draft/2019-09/schema#", dependentRequired: { a: ["b"] } },
      { a: 1 },
    ],
    ["draft-07", { $schema: "http://json-schema.org/draft-07/schema#", items: tuple }, ["a", "b"]],
    ["draft-07", { $schema: "http://json-schema.org/draft-07/schema#", dependencies: { a: ["b"] } }, { a: 1 }],
  ])("%s is chosen by $schema", (_, schema, value) => {
    expect(lazyValidator(schema).check(value)).toHaveLength(1);
  });

  test("references, anchors and recursion work inside of one schema", () => {
    const schema: JsonObject = {
      $id: "https://example.test/tree",
      $ref: "#/$defs/node",
      $defs: {
        node: { type: "object", properties: { next: { $ref: "#/$defs/node" }, name: { $ref: "#name" } } },
        name: { $anchor: "name", type: "string" },
      },
    };
    expect(described(schema, { next: { next: { name: 7 } } })).toContain("next.next.name: must be a string");
  });

  test("the same $id may stand for different schemas in different tools", () => {
    const one: JsonObject = {
      $id: "https://example.test/same",
      type: "string",
      $defs: { x: { $id: "inner", type: "null" } },
    };
    const other: JsonObject = { $id: "https://example.test/same", type: "null", $defs: { x: { $id: "inner" } } };
    expect(lazyValidator(one).check("text")).toBeUndefined();
    expect(lazyValidator(other).check("text")).toHaveLength(1);
    expect(lazyValidator({ $ref: "https://example.test/same" }).check("text")?.[0]?.message).toContain("refers to");
  });
});

describe("hostile input", () => {
  test.each(["constructor", "toString", "hasOwnProperty", "valueOf"])(
    "the name %s is a name like any other",
    (name) => {
      const schema: JsonObject = {
        type: "object",
        required: [name],
        properties: Object.fromEntries([[name, { type: "integer" }]]),
        additionalProperties: false,
      };
      // JSON.parse makes own members of all names.
      const withOwn: unknown = JSON.parse(`{${JSON.stringify(name)}:1}`);
      expect(lazyValidator(schema).check({})?.[0]?.path).toBe(name);
      expect(lazyValidator(schema).check(withOwn)).toBeUndefined();
      expect(lazyValidator({ type: "object", additionalProperties: false }).check(withOwn)?.[0]?.path).toBe(name);
    },
  );

  test("the name __proto__ is never taken for the prototype", () => {
    const value: unknown = JSON.parse('{"__proto__":{"id":1}}');
    expect(lazyValidator({ required: ["id"] }).check(value)).toHaveLength(1);
    expect(lazyValidator({ additionalProperties: false }).check(value)?.[0]?.path).toBe("__proto__");
    const filled = { id: 1 };
    lazyValidator(
      { properties: JSON.parse('{"__proto__":{"default":{"x":1}}}') as JsonObject },
      { useDefaults: true },
    ).check(filled);
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
  });

  test("a schema that cannot be compiled is a violation, not a crash", () => {
    for (const schema of [
      { type: "strng" },
      { $ref: "#/$defs/none" },
      { $ref: "https://example.test/elsewhere" },
      { pattern: "(?=a)b" },
      { $async: true },
    ]) {
      const [violation] = lazyValidator({ properties: { x: schema }, ...schema }).check({ x: "y" }) ?? [];
      expect(violation?.message).toContain("the schema cannot be used");
    }
  });

  test("unique items of a long list are compared in one pass", () => {
    const list = Array.from({ length: 50_000 }, (_, index) => ({ index, text: "x" }));
    const validator = lazyValidator({ type: "array", uniqueItems: true });
    const startedAt = performance.now();
    expect(validator.check(list)).toBeUndefined();
    expect(validator.check([...list, { text: "x", index: 7 }])).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(withinMs(1_000));
  });

  test.each([
    "url",
    "uri",
    "email",
    "hostname",
    "date-time",
    "duration",
    "uri-template",
    "json-pointer",
    "ipv6",
    "iri",
  ])("the format %s is checked in linear time", (format) => {
    const validator = lazyValidator({ type: "string", format });
    validator.check("warm");
    const startedAt = performance.now();
    for (const [head, unit] of [
      ["http://", ":"],
      ["a@", "a."],
      ["", "-"],
      ["", "::"],
      ["P", "1"],
      ["", "{a}"],
      ["", "/~"],
    ]) {
      validator.check(`${head}${unit?.repeat(20_000)}!`);
    }
    expect(performance.now() - startedAt).toBeLessThan(withinMs(250));
  });

  test("a recursive schema with alternatives cannot be made to try them for ever", () => {
    const branch = (kind: string): JsonObject => ({
      required: ["kind"],
      properties: { next: { $ref: "#/$defs/node" }, kind: { const: kind } },
    });
    const schema: JsonObject = {
      $ref: "#/$defs/node",
      $defs: { node: { type: "object", oneOf: [branch("and"), branch("or")] } },
    };
    const nest = (depth: number): unknown => (depth === 0 ? { kind: "or" } : { next: nest(depth - 1), kind: "or" });
    expect(lazyValidator(schema).check(nest(8))).toBeUndefined();
    const startedAt = performance.now();
    expect(described(schema, nest(400))).toBe("the value takes too much work to check");
    expect(performance.now() - startedAt).toBeLessThan(withinMs(2_000));
    expect(lazyValidator(schema).check(nest(8))).toBeUndefined();
  });

  test("a long list of references is honest work", () => {
    const schema: JsonObject = { items: { $ref: "#/$defs/n" }, $defs: { n: { type: "integer" } } };
    expect(lazyValidator(schema).check(Array.from({ length: 200_000 }, (_, index) => index))).toBeUndefined();
  });

  test("the format url takes web addresses", () => {
    const validator = lazyValidator({ format: "url" });
    expect(validator.check("https://example.test/a?b#c")).toBeUndefined();
    for (const text of ["example.test", "mailto:a@b.test", "http://a b", "http://"]) {
      expect(validator.check(text)).toHaveLength(1);
    }
  });

  test("values that only look alike are no duplicates", () => {
    const list = [
      1,
      "1",
      [1],
      ["1"],
      { a: 1 },
      { a: "1" },
      null,
      "null",
      true,
      "true",
      [],
      {},
      [[]],
      "a,b",
      ["a", "b"],
    ];
    expect(lazyValidator({ uniqueItems: true }).check(list)).toBeUndefined();
    expect(lazyValidator({ uniqueItems: false }).check([1, 1])).toBeUndefined();
  });
});

test("equal schemas share one compiled form, and the cache has a bound", () => {
  const schema = (): JsonObject => ({ type: "object", properties: { shared: { type: "string" } } });
  expect(compiledSchema(schema(), true)).toBe(compiledSchema(schema(), true));
  expect(compiledSchema(schema(), true)).not.toBe(compiledSchema(schema(), false));
  for (let index = 0; index < 2_100; index++) compiledSchema({ const: index }, false);
  expect(keptSchemas()).toBeLessThanOrEqual(2_000);
});

describe("patterns", () => {
  test("of one schema, and of schemas that are compiled one after the other, are told apart", () => {
    const both = lazyValidator({
      type: "object",
      properties: { digits: { type: "string", pattern: "^[0-9]+$" }, letters: { type: "string", pattern: "^[a-z]+$" } },
      patternProperties: { "^[A-Z]+$": { type: "string", pattern: "^[A-Z0-9]+$" } },
    });
    expect(both.check({ digits: "12", letters: "ab", UPPER: "A1" })).toBeUndefined();
    expect(both.check({ digits: "ab" })).toMatchObject([{ path: "digits" }]);
    expect(both.check({ letters: "12" })).toMatchObject([{ path: "letters" }]);
    expect(both.check({ UPPER: "a" })).toMatchObject([{ path: "UPPER" }]);
    const other = lazyValidator({ type: "object", properties: { code: { type: "string", pattern: "^x-" } } });
    expect(other.check({ code: "x-1" })).toBeUndefined();
    expect(other.check({ code: "12" })).toMatchObject([{ path: "code" }]);
  });
});
