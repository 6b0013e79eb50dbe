import { describe, expect, test } from "vitest";
import { AppError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { parseJson } from "../core/lossless-json.ts";
import { compileCondition, compileText, compileValue } from "./template.ts";
import { collectingScope, scopeWith } from "./testing.ts";

const args: JsonObject = {
  n: 3,
  price: 2.5,
  big: 9007199254740993n,
  id: 12345678,
  yes: true,
  nothing: null,
  text: "abc",
  list: [1, 2, 3],
  rows: [
    { id: 1, name: "a" },
    { id: 2, name: "b" },
  ],
  nested: { a: { b: [5, { c: "deep" }] } },
  "dashed-name": "d",
};

function valueOf(value: JsonValue, given: JsonObject = args): JsonValue | undefined {
  const scope = collectingScope();
  const template = compileValue(value, ["here"], scope);
  expect(scope.problems).toStrictEqual([]);
  return template.evaluate(scopeWith(given));
}

function textOf(text: string): string | undefined {
  return compileText(text, ["here"], collectingScope()).evaluate(scopeWith(args));
}

function failure(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown.");
}

describe("a string that is exactly one expression keeps the type of its value", () => {
  test.each<[string, JsonValue | undefined]>([
    ["${args.n}", 3],
    ["${ args.n }", 3],
    ["${args.price}", 2.5],
    ["${args.big}", 9007199254740993n],
    ["${args.yes}", true],
    ["${args.nothing}", null],
    ["${args.list}", [1, 2, 3]],
    ["${args.nested.a.b[1].c}", "deep"],
    ['${args["dashed-name"]}', "d"],
    ["${args['nested']['a'].b[0]}", 5],
    ["${args.missing}", undefined],
    ["${args.missing.further[7].x}", undefined],
    ["${args.text.length}", undefined],
    ["${args.list.length}", undefined],
    ["${args.list[3]}", undefined],
    ["${args.in}", undefined],
    ["${request.headers['x-tenant']}", "acme"],
    ["${principal.kind}", "anonymous"],
    ["${secrets.TOKEN}", "s3cret"],
    ["${response.status}", 200],
    ["${event.data.done}", 3],
  ])("%s", (text, expected) => {
    expect(valueOf(text)).toStrictEqual(expected);
  });
});

describe("JSON numbers calculate with integers", () => {
  test.each<[string, JsonValue]>([
    ["args.n + 1", 4],
    ["1 + args.n", 4],
    ["args.n - 1", 2],
    ["args.n * 2", 6],
    ["args.n / 2", 1.5],
    ["args.n % 2", 1],
    ["(args.n + 1) * 2.5", 10],
    ["args.price + 1", 3.5],
    ["args.n + args.price", 5.5],
    ["-args.n", -3],
    ["7 / 2", 3],
    ["args.big + 1", 9007199254740994n],
    ["args.big - 2", 9007199254740991],
    ["args.id * 1000000000", 12345678000000000n],
    ["args.n == 3", true],
    ["args.n != 3", false],
    ["args.n > 2 && args.n < 4.5", true],
    ["args.big > args.n", true],
    ["args.n in [1, 2, 3]", true],
    ["3 in args.list", true],
    ["args.list[args.n - 1]", 3],
    ["[10, 20, 30, 40][args.n]", 40],
    ["args.list.exists(x, x == 2)", true],
    ["string(args.n)", "3"],
    ["string(args.id)", "12345678"],
    ["int('42') + args.n", 45],
    ["double(args.n) == 3.0", true],
    ["size(args.list) == args.n", true],
    ["args.text == 1", false],
  ])("%s", (source, expected) => {
    expect(valueOf(`\${${source}}`)).toStrictEqual(expected);
  });
});

describe("results are JSON", () => {
  test.each<[string, JsonValue | undefined]>([
    ["b'abc'", "YWJj"],
    ["timestamp('2024-01-02T03:04:05Z')", "2024-01-02T03:04:05Z"],
    ["timestamp('2024-01-02T03:04:05.25Z')", "2024-01-02T03:04:05.250Z"],
    ["duration('90s')", "90s"],
    ["duration('-1h0.5s')", "-3600.5s"],
    ["duration('1.000000001s') - duration('3s')", "-1.999999999s"],
    ["string(duration('1500ms'))", "1.5s"],
    ["[1, 'a', null, true, 2.5]", [1, "a", null, true, 2.5]],
    ["{'a': 1, 'b': {'c': [2]}}", { a: 1, b: { c: [2] } }],
    ["args.?missing", undefined],
    ["args.?n", 3],
    ["[args.?missing, args.?n]", [3]],
    ["{'a': args.?missing, 'b': 1}", { b: 1 }],
    ["args.?missing.orValue('other')", "other"],
    ["args.yes ? 'on' : null", "on"],
    ["args.yes ? 1 : 'one'", 1],
    [
      "args.rows.map(r, {'key': r.id, 'label': r.name + '!'})",
      [
        { key: 1, label: "a!" },
        { key: 2, label: "b!" },
      ],
    ],
    ["args.rows.filter(r, r.id > 1)", [{ id: 2, name: "b" }]],
    ["cel.bind(x, args.n, x * x)", 9],
    ["9223372036854775807", 9223372036854775807n],
  ])("%s", (source, expected) => {
    expect(valueOf(`\${${source}}`)).toStrictEqual(expected);
  });

  test.each(["args.n / 0", "args.huge * args.huge", "type(args.n)"])("%s has no JSON and fails", (source) => {
    const template = compileValue(`\${${source}}`, ["here"], collectingScope());
    expect(failure(() => template.evaluate(scopeWith({ n: 1, huge: 1e300 }))).code).toBe("invalid_params");
  });
});

describe("values are written into a longer text", () => {
  test.each([
    ["id ${args.id}", "id 12345678"],
    ["id ${args.big}", "id 9007199254740993"],
    ["${args.text}-${args.n}", "abc-3"],
    ["[${args.nothing}${args.missing}]", "[]"],
    ["${args.yes}!", "true!"],
    ["json ${args.nested}", 'json {"a":{"b":[5,{"c":"deep"}]}}'],
    ["$${args.n} ${'$'}{x}", "${args.n} ${x}"],
    ["€ ${args.n} ü", "€ 3 ü"],
    ["Bearer ${secrets.TOKEN}", "Bearer s3cret"],
  ])("%s", (text, expected) => {
    expect(textOf(text)).toBe(expected);
    expect(valueOf(text)).toBe(expected);
  });

  test.each<[number, string]>([
    [1e21, "1000000000000000000000"],
    [-0, "0"],
    [0.1, "0.1"],
    [1e-7, "1e-7"],
  ])("numbers exactly: %d as %s", (n, expected) => {
    expect(compileText("=${args.n}", [], collectingScope()).evaluate(scopeWith({ n }))).toBe(`=${expected}`);
  });

  test("a text that is one absent or null expression is absent", () => {
    expect(textOf("${args.missing}")).toBeUndefined();
    expect(textOf("${args.nothing}")).toBeUndefined();
    expect(textOf("${args.n}")).toBe("3");
  });
});

describe("structures", () => {
  test("keep their shape and leave out what is absent", () => {
    const body = { a: "${args.n}", b: ["${args.missing}", 1, { c: "x${args.n}" }], d: "${args.missing}", "${k}": null };
    expect(valueOf(body)).toStrictEqual({ a: 3, b: [1, { c: "x3" }], "${k}": null });
  });

  test("without expressions are constant", () => {
    const template = compileValue({ a: [1, "x", { b: null }], c: "${1 + 1}" }, [], collectingScope());
    expect(template.constant).toBe(true);
    expect(template.evaluate(scopeWith({}))).toBe(template.evaluate(scopeWith({ other: 1 })));
    expect(compileValue({ a: "${args.x}" }, [], collectingScope()).constant).toBe(false);
  });

  test("may have members named like prototypes' members", () => {
    const value = parseJson('{"__proto__":"${args.n}","constructor":"${args.n}"}');
    const result = valueOf(value);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(JSON.stringify(result)).toBe('{"__proto__":3,"constructor":3}');
  });
});

describe("names of prototypes are names like any other", () => {
  const hostile = parseJson('{"__proto__":{"admin":true},"constructor":"c","toString":"t","list":[{"constructor":1}]}');

  test.each<[string, JsonValue | undefined]>([
    ["args.constructor", "c"],
    ["args.__proto__", { admin: true }],
    ["args.admin", undefined],
    ["args.hasOwnProperty", undefined],
    ["args.list.constructor", undefined],
    ["args.constructor + args.toString", "ct"],
    ["has(args.admin)", false],
    ["has(args.valueOf)", false],
    ["args.list.map(x, x.constructor)", [1]],
    ["'constructor' in args", true],
    ["'valueOf' in args", false],
    ["args.?valueOf.orValue('none')", "none"],
  ])("%s", (source, expected) => {
    expect(valueOf(`\${${source}}`, hostile as JsonObject)).toStrictEqual(expected);
  });
});

describe("conditions", () => {
  test.each<[string, boolean]>([
    ["${args.n == 3}", true],
    ["args.n == 4", false],
    ["${args.yes}", true],
    [" ${args.yes} ", true],
    ["${args.missing}", false],
    ["${args.nothing}", false],
    ["event.type == 'progress'", true],
    ["true", true],
  ])("%s", (text, expected) => {
    expect(compileCondition(text, [], collectingScope()).evaluate(scopeWith(args))).toBe(expected);
  });

  test("on an event that are neither true nor false are the backend's fault", () => {
    const condition = compileCondition("event.data.done", ["when"], collectingScope());
    expect(failure(() => condition.evaluate(scopeWith(args))).code).toBe("upstream_failed");
  });

  test("that are neither true nor false fail", () => {
    const condition = compileCondition("${args.n}", ["when"], collectingScope());
    expect(failure(() => condition.evaluate(scopeWith(args))).message).toBe(
      "The condition ${args.n} in when is neither true nor false.",
    );
  });
});

describe("errors of an evaluation", () => {
  test.each<[string, string]>([
    ["args.missing.x + 1", "invalid_params"],
    ["args.list[9] + args.n", "invalid_params"],
    ["args.text + 1", "invalid_params"],
    ["args.text ? 1 : 2", "invalid_params"],
    ["int(args.text)", "invalid_params"],
    ["bool(args.text)", "invalid_params"],
    ["timestamp(args.text)", "invalid_params"],
    ["duration(args.text)", "invalid_params"],
    ["fromJson(args.text)", "invalid_params"],
    ["base64Decode(args.text + '!')", "invalid_params"],
    ["args.text.matches(args.text + '(')", "invalid_params"],
    ["timestamp(0).format('yyyy', args.text)", "invalid_params"],
    ["timestamp(0).getHours(args.text)", "invalid_params"],
    ["response.body.none.x + args.text", "upstream_failed"],
    ["event.none + args.text", "upstream_failed"],
    ["secrets.NONE + 'x'", "invalid_configuration"],
  ])("%s is %s and shows no value", (source, code) => {
    const template = compileValue(`\${${source}}`, ["tools", 2, "result"], collectingScope());
    const error = failure(() => template.evaluate(scopeWith({ ...args, text: "VALUE-OF-CALLER" })));
    expect(error.code).toBe(code);
    expect(error.message).not.toContain("VALUE-OF-CALLER");
    expect(error.message).toContain(code === "invalid_configuration" ? "The secret NONE is not set" : source);
    if (code !== "invalid_configuration") expect(error.message).toContain("tools[2].result");
  });

  test("of a secret that is missing is only raised where it is needed", () => {
    expect(valueOf("${has(secrets.NONE) ? secrets.NONE : 'default'}")).toBe("default");
    expect(valueOf("${secrets.?NONE.orValue('default')}")).toBe("default");
    const error = failure(() => valueOf("${secrets.NONE}"));
    expect([error.code, error.message]).toStrictEqual(["invalid_configuration", "The secret NONE is not set."]);
  });
});

test("templates name the secrets that they read", () => {
  const body = { a: "${secrets.A}", b: ["x${secrets.B}", "${secrets['A'] + secrets.C}"], c: "${args.secrets}" };
  expect(compileValue(body, [], collectingScope()).secrets).toStrictEqual(["A", "B", "C"]);
  expect(compileText("${has(secrets.D) ? 1 : 2}", [], collectingScope()).secrets).toStrictEqual(["D"]);
});
