import { describe, expect, test } from "vitest";
import { compileGlob } from "./glob.ts";
import { withinMs } from "../../test/fixtures/time-limit.ts";

describe("a glob", () => {
  test.each([
    ["read_file", "read_file", true],
    ["read_file", "read_files", false],
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["*", "anything/at all", true],
    ["read_*", "read_", true],
    ["read_*", "read_a/b", true],
    ["read_*", "unread_a", false],
    ["*_file", "read_file", true],
    ["*_file", "read_file_", false],
    ["a*b*c", "a1b2c", true],
    ["a*b*c", "abc", true],
    ["a*b*c", "acb", false],
    ["a*bc*c", "abcc", true],
    ["a*bc*c", "abc", false],
    ["*aab", "aaab", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["?*", "", false],
    ["?*", "x", true],
    ["*?b?*", "abc", true],
    ["*?b?*", "ab", false],
    ["file:///docs/*.md", "file:///docs/a/b.md", true],
    ["a.c", "abc", false],
    ["(x|y)+", "(x|y)+", true],
  ])("%s on %s is %s", (pattern, text, isMatch) => {
    expect(compileGlob(pattern)(text)).toBe(isMatch);
  });

  test("takes no exponential time on patterns that make backtracking matchers hang", () => {
    const isMatch = compileGlob(`${"*a".repeat(200)}*b`);
    const startedAt = performance.now();
    expect(isMatch("a".repeat(5_000))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(withinMs(1_000));
  });
});
