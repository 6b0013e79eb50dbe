import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../core/errors.ts";
import { parseUriTemplate } from "./uri-template.ts";
import { withinMs } from "../../test/fixtures/time-limit.ts";

describe("match", () => {
  test.each<[string, string, Record<string, string> | undefined]>([
    ["orders://{id}", "orders://42", { id: "42" }],
    ["orders://{id}", "orders://a%20b%2Fc", { id: "a b/c" }],
    ["orders://{id}", "orders://", undefined],
    ["orders://{id}", "orders://a/b", undefined],
    ["orders://{id}", "orders://a?b", undefined],
    ["orders://{id}", "orders://a#b", undefined],
    ["orders://{id}", "orders://%zz", undefined],
    ["orders://{id}", "orders://%ff", undefined],
    ["orders://{id}", "order://1", undefined],
    ["orders://{id}/lines/{line}", "orders://7/lines/1", { id: "7", line: "1" }],
    ["orders://{id}/lines/{line}", "orders://7/lines/", undefined],
    ["orders://{id}/lines/{line}", "orders://7/lines/1/2", undefined],
    ["file:///{name}.json", "file:///a.json.json", { name: "a.json" }],
    ["file:///{name}.json", "file:///.json", undefined],
    ["x:{a}-{b}", "x:1-2-3", { a: "1", b: "2-3" }],
    ["x:{a}{b}".replace("{b}", "ab{b}"), "x:aabb", { a: "a", b: "b" }],
    ["x:{a}/{a}", "x:1/1", { a: "1" }],
    ["x:{a}/{a}", "x:1/2", undefined],
    ["fixed://all", "fixed://all", {}],
    ["fixed://all", "fixed://all/x", undefined],
    ["a:{__proto__}/{constructor}", "a:1/2", { ["__proto__"]: "1", constructor: "2" }],
  ])("of %s with %s", (template, uri, expected) => {
    const matched = parseUriTemplate(template).match(uri);
    expect(matched === undefined ? undefined : Object.entries(matched)).toStrictEqual(
      expected === undefined ? undefined : Object.entries(expected),
    );
  });

  test("takes time in proportion to the URI, however often a literal could begin", () => {
    const template = parseUriTemplate(`x:${Array.from({ length: 200 }, (_, index) => `{v${index}}a`).join("")}b`);
    const uri = `x:${"a".repeat(1_000_000)}`;
    const startedAt = performance.now();
    expect(template.match(uri)).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(withinMs(500));
  });
});

describe("expand", () => {
  test("percent-encodes all but unreserved characters", () => {
    const template = parseUriTemplate("orders://{id}/x{empty}");
    expect(template.expand({ id: "a b/ü!*" })).toBe("orders://a%20b%2F%C3%BC%21%2A/x");
  });

  test("reads no value from a prototype", () => {
    expect(parseUriTemplate("a:{toString}").expand({})).toBe("a:");
  });

  test("gives a URI that matches with the same values, whatever they are", () => {
    const template = parseUriTemplate("shop://{a}/items/{b}.json");
    const value = fc.string({ unit: "binary", minLength: 1 }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect({ ...template.match(template.expand({ a, b })) }).toStrictEqual({ a, b });
      }),
      { numRuns: 5_000 },
    );
  });
});

test("variables are named once, in their order", () => {
  expect(parseUriTemplate("x:{b}/{a}/{b}").variables).toStrictEqual(["b", "a"]);
});

test.each([
  "x:{a}{b}",
  "x:{a",
  "x:a}",
  "x:{}",
  "x:{+a}",
  "x:{a*}",
  "x:{a:3}",
  "x:{a,b}",
  "x:{#a}",
  "x:{?a}",
  "x:{a b}",
  "x:a b",
  "x:%zz",
  `x:${"a".repeat(3_000)}`,
])("refuses the template %s", (template) => {
  expect(() => parseUriTemplate(template)).toThrow(AppError);
});
