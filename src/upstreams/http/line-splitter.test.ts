import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

function split(pieces: readonly string[], maxCharacters = 1_000): { lines: string[]; isOverflown: boolean } {
  const lines: string[] = [];
  const splitter = new LineSplitter(maxCharacters, (line) => lines.push(line));
  for (const piece of pieces) splitter.feed(piece);
  splitter.end();
  return { lines, isOverflown: splitter.isOverflown };
}

test("lines do not depend on where the text was cut", () => {
  const text = fc.array(fc.constantFrom("a", "é", "\n", "\r\n", " ", "{}"), { maxLength: 30 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(40), { maxLength: 5 }), (parts, cuts) => {
      const whole = parts.join("");
      const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].toSorted((a, b) => a - b);
      const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
      const expected = whole
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
      expect(split(pieces).lines).toEqual(expected);
    }),
  );
});

test("a line that is too long stops everything, however it arrives", () => {
  expect(split(["ab\n", "x".repeat(11), "\ncd\n"], 10)).toEqual({ lines: ["ab"], isOverflown: true });
  expect(split([`ab\n${"x".repeat(11)}\ncd\n`], 10)).toEqual({ lines: ["ab"], isOverflown: true });
  expect(split(["x".repeat(10)], 10)).toEqual({ lines: ["x".repeat(10)], isOverflown: false });
});
