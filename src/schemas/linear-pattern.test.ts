import { describe, expect, test } from "vitest";
import { lazyValidator } from "./json-schema.ts";
import { compileLinearPattern } from "./linear-pattern.ts";

/** Patterns on which backtracking engines take exponential or polynomial time, and what makes them. */
function evilPatterns(): readonly { readonly pattern: string; readonly text: string }[] {
  const units = ["a", "\\w", "[a-z]", ".", "\\d", "[^b]", "(?:a|b)", "\\s", "\\S", "x"];
  const shapes = [
    (unit: string) => `^(${unit}+)+$`,
    (unit: string) => `^(${unit}*)*$`,
    (unit: string) => `^(${unit}|${unit})*$`,
    (unit: string) => `^(${unit}|${unit}?)+$`,
    (unit: string) => `(${unit}+){10}y`,
    (unit: string) => `^(${unit}*)+y$`,
    (unit: string) => `(.*${unit}){20}y`,
    (unit: string) => `${unit}*${unit}*${unit}*${unit}*y`,
    (unit: string) => `^(${unit}+${unit}+)+y`,
    (unit: string) => `((${unit}{0,5}){0,5}){0,5}y`,
    (unit: string) => `^(([${unit.length > 1 ? "a-z" : unit}])+.)+[A-Z]([a-z])+$`,
    (unit: string) => `${unit}+${unit}+$y`,
    (unit: string) => `(${unit}?){30}${unit}{30}y`,
    (unit: string) => `^(?:(?:${unit})+,?)*y`,
    (unit: string) => `(${unit}+)*(${unit}+)*y`,
    (unit: string) => `(?:${unit}*?)*?y`,
    (unit: string) => `^(${unit}+)+\\.(${unit}+)+$`,
    (unit: string) => `(${unit}|ab|a)*c`,
    (unit: string) => `([0-9a-z]+${unit}?)*@y`,
    (unit: string) => `(?:${unit}${unit}|${unit})*y`,
  ];
  return units.flatMap((unit) => {
    const text = (unit === "\\d" ? "1" : unit === "\\s" ? " " : "a").repeat(2_000);
    return shapes.map((shape) => ({ pattern: shape(unit), text: `${text}!` }));
  });
}

describe("patterns", () => {
  test("200 that stall backtracking engines are checked in no time", () => {
    const slow: string[] = [];
    for (const { pattern, text } of evilPatterns()) {
      const validator = lazyValidator({ type: "string", pattern });
      validator.check("a");
      const startedAt = performance.now();
      validator.check(text);
      const tookMs = performance.now() - startedAt;
      // Far above the usual time, far below what backtracking takes: other work shares the machine.
      if (tookMs > 250) slow.push(`${pattern}: ${tookMs} ms`);
    }
    expect(evilPatterns()).toHaveLength(200);
    expect(slow).toStrictEqual([]);
  });

  test.each([
    ["^\\d{4}-\\d{2}$", "2024-01", true],
    ["^\\p{L}+$", "Größe", true],
    ["^[\\u4e00-\\u9fff]+$", "漢字", true],
    ["^\\u{1F600}$", "😀", true],
    ["^.$", "😀", true],
    ["^a\\/b-c$", "a/b-c", true],
    ["^\\\\k$", "\\k", true],
    ["^\\(?=$", "(=", true],
    ["^[(?=]$", "=", true],
    ["b", "abc", true],
    ["^b", "abc", false],
    ["^(?<year>\\d+)$", "2024", true],
    ["^(?:a|b){2,3}$", "aba", true],
    ["^[^@\\s]+@[^@\\s]+$", "a@b", true],
    ["^$", "", true],
    ["^a$", "a\n", false],
  ])("%s means what ECMAScript means by it", (pattern, text, expected) => {
    expect(new RegExp(pattern, "u").test(text)).toBe(expected);
    expect(compileLinearPattern(pattern).test(text)).toBe(expected);
  });

  test.each(["(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", "(a)\\1", "(?<n>a)\\k<n>", "a{5000}", "(", "a".repeat(3_000)])(
    "%s is refused",
    (pattern) => {
      expect(() => compileLinearPattern(pattern)).toThrow(Error);
    },
  );
});
