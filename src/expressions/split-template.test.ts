import { expect, test } from "vitest";
import { splitTemplate } from "./split-template.ts";
import { withinMs } from "../../test/fixtures/time-limit.ts";

/** Parts as text, expressions in angle brackets. */
function split(text: string): string {
  const { parts, unclosedAt } = splitTemplate(text);
  if (unclosedAt !== undefined) return `unclosed at ${unclosedAt}`;
  return parts.map((part) => (part.kind === "text" ? part.text : `<${part.source}@${part.at}>`)).join("|");
}

test.each([
  ["", ""],
  ["plain", "plain"],
  ["${a}", "<a@2>"],
  ["x${a}y", "x|<a@3>|y"],
  ["${a}${b}", "<a@2>|<b@6>"],
  ["${}", "<@2>"],
  ["$${a}", "${a}"],
  ["$$${a}", "$${a}"],
  ["$${a} ${b}", "${a} |<b@8>"],
  ["${a}$${b}", "<a@2>|${b}"],
  ["$ {a} $a {b}", "$ {a} $a {b}"],
  ["${{'k': {'l': 1}}}", "<{'k': {'l': 1}}@2>"],
  ["${'}'}", "<'}'@2>"],
  ['${"}\\"}"}', '<"}\\"}"@2>'],
  ["${'''it's } here'''}x", "<'''it's } here'''@2>|x"],
  ['${"""}"}"""}', '<"""}"}"""@2>'],
  ["${r'\\'}'}", "<r'\\'}'@2>"],
  ["${'http://x'}", "<'http://x'@2>"],
  ["${a // }\n}", "<a // }\n@2>"],
  ["${a", "unclosed at 0"],
  ["x ${'a}", "unclosed at 2"],
  ["${{}", "unclosed at 0"],
  ["${a // }", "unclosed at 0"],
  ["ok ${a} ${b", "unclosed at 8"],
])("%s is cut into %s", (text, expected) => {
  expect(split(text)).toBe(expected);
});

test("takes time in proportion to the text", () => {
  const startedAt = performance.now();
  splitTemplate("$${".repeat(200_000));
  splitTemplate("${'".repeat(200_000));
  splitTemplate("${a}".repeat(200_000));
  expect(performance.now() - startedAt).toBeLessThan(withinMs(1_000));
});
