import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { Budget } from "./budget.ts";
import { expressionLimits } from "./limits.ts";
import { compileValue } from "./template.ts";
import { collectingScope, scopeWith } from "./testing.ts";
import { withinMs } from "../../test/fixtures/time-limit.ts";

function evaluate(source: string, args: JsonObject): JsonValue | undefined {
  return compileValue(`\${${source}}`, ["here"], collectingScope()).evaluate(scopeWith(args));
}

function failureOf(source: string, args: JsonObject): string {
  try {
    evaluate(source, args);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  return "no failure";
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("work is bounded", () => {
  test.each([
    "args.l.map(x, args.l.map(y, x * y))",
    "args.l.all(x, args.l.all(y, x + y >= 0))",
    "args.l.exists(x, args.l.exists(y, x + y < 0))",
    "args.l.exists_one(x, args.l.exists_one(y, x + y < 0))",
    "args.l.filter(x, args.l.filter(y, x == y) == [])",
    "args.l.all(x, args.l.all(y, args.l.all(z, z.none == 1)))",
    "args.l.all(x, x in args.l && args.l == args.l)",
  ])("%s over 20,000 numbers ends with an error", (source) => {
    const startedAt = performance.now();
    expect(failureOf(source, { l: numbers(20_000) })).toContain("it does too much work");
    expect(performance.now() - startedAt).toBeLessThan(withinMs(2_000));
  });

  test("honest work on a large list is done", () => {
    const rows = numbers(5_000).map((id) => ({ id, name: `n${id}` }));
    const source = "args.rows.filter(r, r.id % 2 == 0).map(r, r.name)";
    expect(evaluate(source, { rows })).toHaveLength(2_500);
  });

  test("an evaluation begins with its whole budget", () => {
    const template = compileValue("${args.l.map(x, x + 1)}", [], collectingScope());
    for (let round = 0; round < 5; round++) {
      expect(template.evaluate(scopeWith({ l: numbers(5_000) }))).toHaveLength(5_000);
    }
  });

  test("a budget is spent by turns or by time", () => {
    const byTurns = new Budget(() => 1);
    byTurns.reset();
    let turns = 0;
    while (byTurns.takeTurn()) turns++;
    expect(turns).toBe(expressionLimits.turns);
    expect(() => byTurns.assertUnspent()).toThrow("too much work");

    let now = 1;
    const byTime = new Budget(() => (now += expressionLimits.milliseconds));
    byTime.reset();
    turns = 0;
    while (byTime.takeTurn()) turns++;
    expect(turns).toBeLessThan(100);
    byTime.reset();
    expect(byTime.takeTurn()).toBe(true);
    byTime.assertUnspent();
  });
});

describe("what is built is bounded", () => {
  /** A sum of a sum of a sum: 2^depth times the operand. */
  const grow = (operand: string, depth: number): string => {
    let source = `x${depth}`;
    for (let index = depth; index > 0; index--)
      source = `cel.bind(x${index}, x${index - 1} + x${index - 1}, ${source})`;
    return `cel.bind(x0, ${operand}, ${source})`;
  };

  test.each([
    ["a text", grow("args.t", 26), "a text that is too long"],
    ["a list", grow("args.l", 26), "a list that is too long"],
    ["replacing", "args.t.replace('', args.t)", "a text that is too long"],
    ["joining", "args.l.join(args.t)", "a text that is too long"],
  ])("%s", (_, source, message) => {
    expect(failureOf(source, { t: "x".repeat(5_000), l: numbers(5_000) })).toContain(message);
  });

  test("numbers do not grow without bound", () => {
    const source = Array.from({ length: 50 }, () => "args.n").join(" * ");
    expect(failureOf(source, { n: 9007199254740991 })).toContain("not a finite number");
  });
});

describe("syntax is bounded", () => {
  test.each([
    ["long", `'${"x".repeat(10_000)}'`],
    ["deep", `${"(".repeat(500)}1${")".repeat(500)}`],
    ["deep lists", `${"[".repeat(500)}${"]".repeat(500)}`],
    ["deep negation", `${"-".repeat(8_000)}1`],
    ["deep not", `${"!".repeat(8_000)}true`],
    ["many operands", Array.from({ length: 3_000 }, () => "1").join("+")],
    ["many elements", `[${Array.from({ length: 2_000 }, () => "1").join(",")}]`],
  ])("a %s expression is a problem, not a crash", (_, source) => {
    const scope = collectingScope();
    compileValue(`\${${source}}`, [], scope);
    expect(scope.problems).toHaveLength(1);
  });
});

test("patterns for matches run in linear time", () => {
  const startedAt = performance.now();
  for (const pattern of ["^(a+)+$", "(a|a)*$b", "(.*a){20}y"]) {
    expect(evaluate("args.t.matches(args.p)", { t: `${"a".repeat(5_000)}!`, p: pattern })).toBe(false);
  }
  expect(performance.now() - startedAt).toBeLessThan(withinMs(1_000));
  expect(failureOf("args.t.matches('a')", { t: "a".repeat(200_000) })).toContain("too long");
  expect(failureOf("args.t.matches(args.p)", { t: "a", p: "(?=a)" })).toContain("not RE2 syntax");
});

test("texts for duration cannot stall the process", () => {
  expect(evaluate("duration(args.t)", { t: "-1h30m15.5s" })).toBe("-5415.5s");
  const startedAt = performance.now();
  expect(failureOf("duration(args.t)", { t: "1".repeat(50_000) })).toContain("a text is not a duration");
  expect(failureOf("[args.t].map(t, duration(t))", { t: "1".repeat(50_000) })).toContain("a text is not a duration");
  expect(performance.now() - startedAt).toBeLessThan(withinMs(500));
});

test("values of ever new shapes leave nothing behind", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: unknown = runInNewContext("gc");
  if (typeof collectGarbage !== "function") throw new Error("The garbage collector cannot be called.");
  const template = compileValue(
    "${args.a == args.b || args.a in [args.b] || [args.a] + [args.b] == []}",
    [],
    collectingScope(),
  );
  const shape = (bits: number): JsonValue => {
    let value: JsonValue = 1;
    for (let bit = 0; bit < 15; bit++) value = (bits >> bit) & 1 ? [value] : { k: value };
    return value;
  };
  const run = (from: number, to: number): number => {
    for (let bits = from; bits < to; bits++) template.evaluate(scopeWith({ a: shape(bits), b: shape(bits + 1) }));
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = run(0, 1_000);
  expect(run(1_000, 20_000) - before).toBeLessThan(4_000_000);
});

describe("whatever the text is", () => {
  const piece = fc.constantFrom(
    "args",
    ".",
    "id",
    "[",
    "]",
    "0",
    "1.5",
    "(",
    ")",
    "'a'",
    '"',
    "{",
    "}",
    ":",
    ",",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "==",
    "<",
    "&&",
    "||",
    "?",
    "in",
    "has(",
    "size(",
    ".map(x, ",
    ".filter(x, ",
    ".exists(x, ",
    "cel.bind(x, ",
    "x",
    "null",
    "true",
    "b'a'",
    "r'a'",
    "timestamp(",
    "duration('1s')",
    ".matches(",
    ".?",
    ".first()",
    ".join(",
    "secrets.TOKEN",
    "response.body",
    " ",
    "$",
    "${",
    "optional.none()",
    "toJson(",
    "fromJson(",
    ".replace('a', ",
    "__proto__",
    "constructor",
    "type(",
    "dyn(",
    "1u",
    "9223372036854775807",
  );
  const source = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
    fc.string({ maxLength: 20 }),
  );

  test("it compiles to a value or a problem, and evaluates to a value or an AppError", () => {
    const args: JsonObject = { id: 7, x: "text", l: [1, { a: null }] };
    const startedAt = performance.now();
    fc.assert(
      fc.property(source, (inner) => {
        const scope = collectingScope();
        const template = compileValue(`\${${inner}}`, ["here"], scope);
        try {
          template.evaluate(scopeWith(args));
          expect(scope.problems.filter(({ severity }) => severity === "error")).toStrictEqual([]);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.message).not.toContain("s3cret");
          if (scope.problems.length > 0) expect(error.code).toBe("invalid_configuration");
        }
      }),
      { numRuns: 20_000 },
    );
    expect(performance.now() - startedAt).toBeLessThan(withinMs(15_000));
  });
});
