import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "./errors.ts";
import type { JsonValue } from "./json.ts";
import { maxJsonDepth, parseJson, stringifyJson } from "./lossless-json.ts";

/** Makes every text take the parser of our own: it has a long run of digits. */
const long = (text: string): string => `[${text},1234567890123456789]`;

describe("parseJson", () => {
  test.each<[string, JsonValue]>([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9007199254740993", -9007199254740993n],
    ["123456789012345678901234567890", 123456789012345678901234567890n],
    ["0.12345678901234567890", 0.12345678901234568],
    ["1234567890123456.5", 1234567890123456.5],
    ["1e2", 100],
    ["-0", -0],
    ["12345678", 12345678],
  ])("reads %s without rounding an integer", (text, value) => {
    expect(parseJson(text)).toStrictEqual(value);
  });

  test.each(["1e999", "-1e400", '{"a":[1E0309]}', "1".repeat(400) + ".5"])("refuses %s as too large", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  test("keeps integers of hundreds of digits", () => {
    const text = "7".repeat(300);
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test.each([
    "",
    "{",
    "[1,]",
    '{"a":1,}',
    "{a:1}",
    "01",
    "1.",
    ".5",
    "+1",
    "--1",
    "NaN",
    "tru",
    "nullx",
    '"\n"',
    '"\\x"',
    '"\\u12"',
    '"open',
    "[1 2]",
    '{"a" 1}',
    "\u00a01",
    "'a'",
    "[1}",
  ])("refuses %j in either parser, as JSON.parse does", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
    expect(() => parseJson(long(text))).toThrow(SyntaxError);
  });

  test("agrees with JSON.parse on any JSON, in either parser", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, "\t"), (text, space) => {
        const spaced = JSON.stringify(JSON.parse(text), undefined, space);
        // Through text: a large integer is a bigint here and a rounded number there.
        expect(JSON.parse(stringifyJson(parseJson(spaced)))).toStrictEqual(JSON.parse(spaced));
        expect(JSON.parse(stringifyJson(parseJson(long(spaced))))).toStrictEqual(JSON.parse(long(spaced)));
      }),
      { numRuns: 2_000 },
    );
  });

  test("agrees with JSON.parse on which texts are JSON", () => {
    const fragments = ["[", "]", "{", "}", ",", ":", '"', "\\", "1", "-", ".", "e", "true", "null", " ", '"a"', "0"];
    const broken = fc.array(fc.constantFrom(...fragments), { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(broken, (text) => {
        const expected = outcome(() => JSON.parse(text));
        expect(outcome(() => parseJson(text))).toStrictEqual(expected);
        const longer = outcome(() => parseJson(long(text)));
        expect(longer === "refused").toBe(outcome(() => JSON.parse(long(text))) === "refused");
      }),
      { numRuns: 5_000 },
    );
  });

  test("makes own members of keys that prototypes have", () => {
    for (const text of ['{"__proto__":{"x":1},"constructor":2}', '{"__proto__":{"x":1},"n":1234567890123456789}']) {
      const value = parseJson(text);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.keys(value as object)).toContain("__proto__");
      expect(Reflect.get(value as object, "x")).toBeUndefined();
    }
  });

  test.each(["[", '{"a":'])("bounds the depth of %s without exhausting the stack", (open) => {
    const close = open === "[" ? "]" : "}";
    const nest = (depth: number, inner: string): string => open.repeat(depth) + inner + close.repeat(depth);
    for (const inner of ["1", "1234567890123456789"]) {
      expect(() => parseJson(nest(maxJsonDepth, inner))).not.toThrow();
      expect(() => parseJson(nest(maxJsonDepth + 1, inner))).toThrow(AppError);
      expect(() => parseJson(nest(100_000, inner))).toThrow(AppError);
      expect(() => parseJson(open.repeat(100_000) + inner)).toThrow(AppError);
    }
  });

  test("does not take brackets inside of texts for nesting", () => {
    const value = ["[".repeat(2_000), '\\"[{'.repeat(600)];
    expect(parseJson(JSON.stringify(value))).toStrictEqual(value);
  });
});

describe("stringifyJson", () => {
  test("writes what parseJson read, digit for digit", () => {
    const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false),
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
        fc.array(tie("value")),
        fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (original) => {
        const text = stringifyJson(original);
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test("is JSON.stringify where no large integer is", () => {
    const value = { a: [1, "ü\u2028", null, { b: -1.5e-7 }], c: false };
    expect(stringifyJson(value)).toBe(JSON.stringify(value));
  });

  test("leaves out members that are undefined next to large integers", () => {
    const value = { a: undefined, b: 12345678901234567890n };
    // A caller may hold an object with an optional member.
    expect(stringifyJson(value as unknown as JsonValue)).toBe('{"b":12345678901234567890}');
  });

  test("refuses cycles and endless depth with an error of its own", () => {
    const cycle: JsonValue[] = [1n];
    cycle.push(cycle);
    expect(() => stringifyJson(cycle)).toThrow(AppError);
  });
});

/** What a parser makes of a text: its value, or that it refuses it. */
function outcome(parse: () => unknown): unknown {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof SyntaxError) return "refused";
    throw error;
  }
}
