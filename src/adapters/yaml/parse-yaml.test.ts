import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkDocument } from "../../core/config/check-document.ts";
import { parseJson } from "../../core/lossless-json.ts";
import { parseYaml } from "./parse-yaml.ts";
import { splitDocuments } from "./split-documents.ts";
import { withinMs } from "../../../test/fixtures/time-limit.ts";

/** Longest time that any text of these sizes may take; a hang or exponential growth takes far longer. */
const boundMs = 2_000;

function within(text: string): void {
  const begin = performance.now();
  for (const source of splitDocuments(text) ?? []) {
    const parsed = parseYaml(source.text);
    if (parsed.kind === "value") checkDocument(parsed.value);
    else expect(parsed.problems.length).toBeGreaterThan(0);
  }
  expect(performance.now() - begin).toBeLessThan(withinMs(boundMs));
}

const fragment = fc.constantFrom(
  ..."name: a|- b|: |? |&a |*a|<<: *a|{|}|[|]|,|'|\"|\n|\n  |\n    |\t|#|---\n|...\n|%YAML 1.2\n||\n|>\n|!!int |!x |~|.nan|0x1f|1e999|99999999999999999999|${args.x}|\\|\r\n|\u2028|\u{1f600}|__proto__: |\0".split(
    "|",
  ),
);

test("any text is read or refused, never a crash", () => {
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 60 }), (parts) => within(parts.join(""))),
    { numRuns: 2_000 },
  );
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), within), { numRuns: 1_000 });
});

test("any JSON value reads back as it was", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(parseYaml(text)).toEqual({ kind: "value", value: parseJson(text) });
    }),
    { numRuns: 500 },
  );
});

test.each<[string, string]>([
  ["aliases of aliases", bomb(40, 10)],
  ["merge keys of merge keys", mergeBomb(30)],
  ["an alias within itself, deep", `a: &a\n${nested(90)}*a`],
  ["very deep lists", "[".repeat(200_000)],
  ["very deep mappings", "{a: ".repeat(100_000)],
  ["very many markers", "---\n".repeat(300_000)],
  ["very many comments", "# x\n".repeat(300_000)],
  ["very many quotes", "'".repeat(500_001)],
  ["one very long line of colons", "a:".repeat(300_000)],
  ["very many aliases", `a: &a 1\nb: [${"*a,".repeat(50_000)}]`],
  ["very many spaces", `a:${" ".repeat(1_000_000)}\tb`],
])("%s are read or refused in bounded time", (_what, text) => {
  within(text);
});

function bomb(levels: number, width: number): string {
  let text = "l0: &l0 [x]\n";
  for (let i = 1; i < levels; i++)
    text += `l${i}: &l${i} [${Array(width)
      .fill(`*l${i - 1}`)
      .join(",")}]\n`;
  return text;
}

function mergeBomb(levels: number): string {
  let text = "m0: &m0 { k0: 1 }\n";
  for (let i = 1; i < levels; i++) text += `m${i}: &m${i} { <<: [*m${i - 1}, *m${i - 1}], k${i}: 1 }\n`;
  return text;
}

function nested(levels: number): string {
  return Array.from({ length: levels }, (_, i) => `${" ".repeat(i + 1)}k:\n`).join("") + " ".repeat(levels + 1);
}
