import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { AppError } from "../core/errors.ts";
import { isJsonObject, type JsonValue } from "../core/json.ts";
import { parseJson, stringifyJson } from "../core/lossless-json.ts";
import { expressionLimits } from "./limits.ts";
import type { Scope } from "./scope.ts";
import { compileValue } from "./template.ts";
import { collectingScope, scopeWith } from "./testing.ts";

const page = readFileSync(new URL("../../docs/expressions.md", import.meta.url), "utf8");

/** The contents of the page's code blocks in a language. */
function blocks(language: string): readonly string[] {
  return [...page.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text ?? "");
}

/** The data that the page shows. */
function shownScope(): Scope {
  const data = parseJson(blocks("json")[0] ?? "");
  if (!isJsonObject(data) || !isJsonObject(data["args"])) throw new Error("The page shows no arguments.");
  return scopeWith(data["args"], data);
}

function outcome(text: string): string {
  const scope = collectingScope();
  const template = compileValue(text, ["example"], scope);
  expect(scope.problems).toStrictEqual([]);
  try {
    const value: JsonValue | undefined = template.evaluate(shownScope());
    return value === undefined ? "absent" : stringifyJson(value);
  } catch (error) {
    if (error instanceof AppError) return "error";
    throw error;
  }
}

describe("the page about expressions tells the truth", () => {
  const examples = blocks("text").flatMap((block) => block.trimEnd().split("\n"));

  test.each(examples)("%s", (example) => {
    const [, text, expected] = /^(.*?)\s+=> (.*)$/.exec(example) ?? [];
    expect(outcome(text ?? "")).toBe(expected);
  });

  test("and has examples", () => {
    expect(examples.length).toBeGreaterThan(80);
    expect(blocks("").concat(blocks("yaml"))).toStrictEqual([]);
  });

  test.each(["sourceLength", "turns", "milliseconds", "textLength", "listLength", "matchedLength"] as const)(
    "about the limit %s",
    (name) => {
      expect(page).toContain(`${expressionLimits[name].toLocaleString("en-US")} `);
    },
  );
});
