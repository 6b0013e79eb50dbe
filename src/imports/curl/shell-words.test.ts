import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../core/errors.ts";
import { splitShell } from "./shell-words.ts";

function wordsOf(text: string): readonly string[] {
  const commands = splitShell(text);
  expect(commands).toHaveLength(1);
  return commands[0]?.words ?? [];
}

/** The quotings of POSIX shells, bash and cmd.exe, each written down as its manual describes it. */
const quotings: Readonly<Record<string, (word: string) => string>> = {
  single: (word) => `'${word.replaceAll("'", `'\\''`)}'`,
  double: (word) => `"${word.replace(/[\\"$`]/g, (character) => `\\${character}`)}"`,
  ansi: (word) =>
    `$'${word
      .replace(/[\\']/g, (character) => `\\${character}`)
      .replace(/[^\x20-\x7e]/gu, (character) => {
        return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
      })}'`,
  ansiBytes: (word) =>
    `$'${[...new TextEncoder().encode(word)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'`,
  backslash: (word) =>
    word === "" ? "''" : word.replace(/[^]/gu, (character) => (character === "\n" ? "'\n'" : `\\${character}`)),
};

/** Text without halves of surrogate pairs and without NUL, which no command line can hold. */
const word = fc
  .string({ unit: "grapheme", maxLength: 30 })
  .filter((text) => !text.includes("\0") && !text.includes("\r"));
const hostileCharacters = Array.from("'\"\\$`\n ;&|<>(){}#~*?[]!^%=a\té");
const hostile = fc.string({ unit: fc.constantFrom(...hostileCharacters), maxLength: 30 });

describe("words of a POSIX shell", () => {
  it.each(Object.keys(quotings))("are read back from %s quoting, whatever they are", (name) => {
    const quote = quotings[name] ?? String;
    fc.assert(
      fc.property(fc.array(fc.oneof(word, hostile), { minLength: 1, maxLength: 6 }), (words) => {
        expect(wordsOf(words.map(quote).join(" "))).toStrictEqual(words);
      }),
    );
  });

  it("are joined of parts in different quotings", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(hostile, fc.constantFrom(...Object.values(quotings))), { minLength: 1 }),
        (parts) => {
          const text = parts.map(([part, quote]) => quote(part)).join("");
          expect(wordsOf(`x${text}`)).toStrictEqual([`x${parts.map(([part]) => part).join("")}`]);
        },
      ),
    );
  });

  it.each([
    ["curl \\\n  a \\\n b", ["curl", "a", "b"]],
    ["curl a # not b", ["curl", "a"]],
    ["curl a#b", ["curl", "a#b"]],
    ["curl 'it'\"'\"'s'", ["curl", "it's"]],
    ["curl $'a\\nb\\x41\\101\\u00e9'", ["curl", "a\nbAA\u00e9"]],
    ['curl "$HOME/${X}" $Y', ["curl", "$HOME/${X}", "$Y"]],
    ["curl a > out.json 2>&1", ["curl", "a"]],
    ["curl https://x.example/users/<id>", ["curl", "https://x.example/users/<id>"]],
    ["curl -H \"x: $(cat 'a b')\"", ["curl", "-H", "x: $(cat 'a b')"]],
    ["curl -H $(cat token) b", ["curl", "-H", "$(cat token)", "b"]],
  ])("of %s", (text, expected) => {
    expect(wordsOf(text)).toStrictEqual(expected);
  });

  it("end with the command, and each command knows its line", () => {
    expect(splitShell("curl a\n\n# note\ncurl \\\n b; curl c | jq . && curl d")).toStrictEqual([
      { words: ["curl", "a"], line: 1 },
      { words: ["curl", "b"], line: 4 },
      { words: ["curl", "c"], line: 5 },
      { words: ["jq", "."], line: 5 },
      { words: ["curl", "d"], line: 5 },
    ]);
  });

  it.each([
    ["curl 'a", "line 1: the ' is never closed"],
    ['curl\ncurl "a', 'line 2: the " is never closed'],
    ["curl $'a", "line 1: the $' is never closed"],
    ["curl $(a", "line 1: the $( is never closed"],
  ])("are refused with the line when a quote stays open: %s", (text, message) => {
    expect(() => splitShell(text)).toThrow(AppError);
    expect(() => splitShell(text)).toThrow(message);
  });
});

describe("words of cmd.exe", () => {
  /** As browsers write them: everything that cmd.exe would read gets a caret, quotes a backslash for the program. */
  const quoteForCmd = (text: string): string =>
    `^"${text
      .replace(/\\/g, "\\\\")
      .replace(/"/g, '\\"')
      .replace(/[^a-zA-Z0-9\s_\-:=+~'/.',?;()*`]/g, "^$&")
      .replace(/\n/g, "^\n\n")}^"`;

  it("are read back from what browsers copy", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (words) => {
        const escaped = words.map((text) => quoteForCmd(text.replace(/\\/g, "/")));
        expect(wordsOf(`curl ^\n  ${escaped.join(" ^\n  ")}`)).toStrictEqual([
          "curl",
          ...words.map((text) => text.replace(/\\/g, "/")),
        ]);
      }),
    );
  });

  it("are those of a copied request", () => {
    const text =
      'curl ^"https://x.example/a?b=1^&c=2^" ^\n  -H ^"accept: */*^" ^\n  --data-raw ^"^{^\\^"name^\\^":^\\^"50^%^\\^"^}^"';
    expect(wordsOf(text)).toStrictEqual([
      "curl",
      "https://x.example/a?b=1&c=2",
      "-H",
      "accept: */*",
      "--data-raw",
      '{"name":"50%"}',
    ]);
  });
});
