import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { compilePath, textOf } from "./template.ts";
import { collectingScope, scopeWith } from "./testing.ts";

const at = ["tools", 0, "request", "path"];

function write(path: string, args: JsonObject): string {
  const scope = collectingScope();
  const template = compilePath(path, at, scope);
  expect(scope.problems).toStrictEqual([]);
  return template.evaluate(scopeWith(args));
}

function refusal(path: string, args: JsonObject): string | undefined {
  try {
    write(path, args);
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid_params") return error.message;
    throw error;
  }
  return undefined;
}

describe("a path", () => {
  test.each<[string, JsonObject, string]>([
    ["/", {}, "/"],
    ["/customers", {}, "/customers"],
    ["/customers/{id}", { id: "42" }, "/customers/42"],
    ["/customers/{id}", { id: 12345678 }, "/customers/12345678"],
    ["/customers/{id}", { id: 9007199254740993n }, "/customers/9007199254740993"],
    ["/customers/{id}", { id: true }, "/customers/true"],
    ["/customers/${args.id}", { id: "a b&c=d+e" }, "/customers/a%20b%26c%3Dd%2Be"],
    ["/customers/${args.n + 1}/x", { n: 1 }, "/customers/2/x"],
    ["/a/{x}-{y}.json", { x: "ü", y: "%" }, "/a/%C3%BC-%25.json"],
    ["/a/{x}/", { x: "?#" }, "/a/%3F%23/"],
    ["/{a.b}/{c-d}/{__proto__}", { "a.b": "1", "c-d": "2", ["__proto__"]: "3" }, "/1/2/3"],
    ["/ä b/%20/%zz", {}, "/%C3%A4%20b/%20/%25zz"],
    ["/odata/Items({id})", { id: "7" }, "/odata/Items(7)"],
    ["/v1/x:cancel/@me/~a;b=1,2", {}, "/v1/x:cancel/@me/~a;b=1,2"],
    ["/{id}", { id: "..." }, "/..."],
    ["/{ids}", { ids: ["a", 2, true] }, "/a,2,true"],
    ["/x;ids=${args.ids}/y", { ids: ["a,b", "c d"] }, "/x;ids=a%2Cb,c%20d/y"],
    ["/{ids}", { ids: ["a"] }, "/a"],
    ["/{id}", { id: "a..b" }, "/a..b"],
    ["/{id}", { id: "50%" }, "/50%25"],
    ["/{id}", { id: "100%25" }, "/100%2525"],
    ["/{id}", { id: " " }, "/%20"],
    ["/{id}", { id: "http:x" }, "/http%3Ax"],
  ])("%s with %o is %s", (path, args, expected) => {
    expect(write(path, args)).toBe(expected);
  });

  test("without placeholders is constant", () => {
    expect(compilePath("/a/b", at, collectingScope()).constant).toBe(true);
    expect(compilePath("/a/{b}", at, collectingScope()).constant).toBe(false);
  });
});

describe("a value that would change the path", () => {
  test.each<[JsonValue | undefined, string]>([
    [undefined, "is missing"],
    [null, "is missing"],
    ["", "is empty"],
    [".", "would climb in the path"],
    ["..", "would climb in the path"],
    ["%2e", "would climb in the path"],
    ["%2E%2e", "would climb in the path"],
    [".%2e", "would climb in the path"],
    ["%252e%252e", "would climb in the path"],
    ["%25%32%65%25%32%65", "would climb in the path"],
    ["a/b", "holds a path separator"],
    ["../x", "holds a path separator"],
    ["a\\b", "holds a path separator"],
    ["a%2fb", "holds a path separator"],
    ["a%5Cb", "holds a path separator"],
    ["a%252Fb", "holds a path separator"],
    ["a\r\nb", "holds a control character"],
    ["a\u0000", "holds a control character"],
    ["a%00", "holds a control character"],
    ["a%0d%0a", "holds a control character"],
    ["\u0085", "holds a control character"],
    ["\u007f", "holds a control character"],
    ["\ud800", "is not well-formed Unicode"],
    [[], "is an empty list"],
    [["a", null], "is missing"],
    [["a", ".."], "would climb in the path"],
    [["a/b", "c"], "holds a path separator"],
    [[["a"]], "is an object or a list of structures"],
    [{ a: 1 }, "is an object or a list of structures"],
    [`%${"25".repeat(50)}2e`, "is percent-encoded too many times"],
  ])("%j is refused: it %s", (id, reason) => {
    const args: JsonObject = id === undefined ? {} : { id };
    const where = "in tools[0].request.path cannot be used in a URL path: it";
    expect(refusal("/a/{id}/b", args)).toBe(`The argument "id" ${where} ${reason}.`);
    expect(refusal("/a/${args.id}/b", args)).toBe(`The argument "id" ${where} ${reason}.`);
  });

  test("is not taken from a prototype", () => {
    expect(refusal("/{toString}/{constructor}", {})).toContain('The argument "toString"');
  });

  test("is refused when only two of them together climb or separate", () => {
    expect(refusal("/a/{x}{y}/b", { x: "%2", y: "e." })).toContain("would climb in the path");
    expect(refusal("/a/{x}{y}/b", { x: "%2", y: "fadmin" })).toContain("holds a path separator");
    expect(refusal("/a/{x}2e{y}/b", { x: "%", y: "." })).toContain("would climb in the path");
    expect(write("/a/%2F{x}{y}/b", { x: "%", y: "1" })).toBe("/a/%2F%251/b");
  });

  test("of an expression is named by the expression", () => {
    expect(refusal("/${args.a + args.b}", { a: ".", b: "." })).toContain("The expression ${args.a + args.b} in");
  });
});

describe("whatever the arguments are", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string(),
    fc
      .array(fc.constantFrom(".", "%", "2", "e", "f", "F", "5", "c", "/", "\\", "a", "\0", "ü", "%2e", "%252F"), {
        maxLength: 8,
      })
      .map((parts) => parts.join("")),
  );
  const value = fc.oneof({ weight: 8, arbitrary: text }, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));

  test("a path keeps its segments, and each value can be read back from its own", () => {
    fc.assert(
      fc.property(value, value, (x, y) => {
        const refused = refusal("/a/{x}/b/p-{y}.json", { x, y });
        if (refused !== undefined) return;
        const path = write("/a/{x}/b/p-{y}.json", { x, y });
        // The way every client and server normalises it: nothing may climb, end early or name a host.
        const url = new URL(`https://host.test/base${path}`);
        expect([url.host, url.search, url.hash]).toStrictEqual(["host.test", "", ""]);
        const segments = url.pathname.split("/");
        expect(segments).toHaveLength(6);
        expect([segments[1], segments[2], segments[4]]).toStrictEqual(["base", "a", "b"]);
        expect(decodeURIComponent(segments[3] ?? "")).toBe(textOf(x));
        expect(decodeURIComponent(segments[5] ?? "")).toBe(`p-${textOf(y)}.json`);
        expect(path).toMatch(/^[\x21-\x7e]+$/);
      }),
      { numRuns: 10_000 },
    );
  });

  test("two values side by side stay in their segment, however often it is decoded", () => {
    fc.assert(
      fc.property(text, text, (x, y) => {
        if (refusal("/a/{x}{y}/b", { x, y }) !== undefined) return;
        let segment = write("/a/{x}{y}/b", { x, y }).slice(3, -2);
        for (let round = 0; round < 10; round++) {
          expect(segment).not.toMatch(/^\.{0,2}$|[/\\\0]/);
          segment = segment.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          );
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("a path of a document is refused", () => {
  test.each([
    ["customers", "the path does not begin with `/`"],
    ["", "the path does not begin with `/`"],
    ["{id}/x", "the path does not begin with `/`"],
    ["//host/x", "the path begins with `//`, which would name another host"],
    ["/a?b=1", "the path holds a `?`"],
    ["/a/{x}?b", "the path holds a `?`"],
    ["/a#b", "the path holds a `#`, which is never sent"],
    ["/a/../b", "the path has a segment `.` or `..`"],
    ["/a/./b", "the path has a segment `.` or `..`"],
    ["/a/%2e%2E", "the path has a segment `.` or `..`"],
    ["/a/{id", "the path has a `{` or `}` without its partner"],
    ["/a/id}", "the path has a `{` or `}` without its partner"],
    ["/a/{}", "{} is not a placeholder"],
    ["/a/{id*}", "{id*} is not a placeholder"],
    ["/a/{+id}", "{+id} is not a placeholder"],
    ["/a/${id}", "the expression ${id} is wrong at character 6: `id` is not known"],
  ])("%j: %s", (path, message) => {
    const scope = collectingScope();
    const template = compilePath(path, at, scope);
    expect(scope.problems.map((problem) => problem.message)).toStrictEqual([message]);
    expect(() => template.evaluate(scopeWith({ id: "1", x: "2" }))).toThrow(AppError);
  });
});

test("a placeholder that the input does not describe is a warning with a guess", () => {
  const scope = { ...collectingScope(), argumentNames: new Set(["customer", "full"]) };
  compilePath("/a/{custmer}/{full}/${args.ful}", at, scope);
  expect(scope.problems.map(({ severity, mend }) => [severity, mend])).toStrictEqual([
    ["warning", "did you mean `args.full`?"],
    ["warning", "did you mean {customer}?"],
  ]);
});
