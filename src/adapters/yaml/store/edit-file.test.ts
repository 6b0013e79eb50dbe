import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutDocument, partText, plainText, putDocument } from "./edit-file.ts";
import { type PlacedText, splitDocuments } from "../split-documents.ts";

const three = "# of a\r\nname: a # x\r\n---\r\n# of b\r\nname: b\r\n\r\n--- # marked\r\nname: c";

function at(file: string, index: number): PlacedText {
  const found = splitDocuments(file)?.[index];
  if (found === undefined) throw new Error(`no document ${index}`);
  return found;
}

describe("a document of a file with several", () => {
  test("is replaced between its neighbours, which stay byte for byte", () => {
    expect(putDocument(three, at(three, 1), "name: b\ntitle: B")).toBe(
      "# of a\r\nname: a # x\r\n---\r\nname: b\ntitle: B\r\n--- # marked\r\nname: c",
    );
  });

  test("is replaced at the beginning and at the end", () => {
    expect(putDocument(three, at(three, 0), "name: A\n")).toBe(`name: A\n${three.slice(three.indexOf("---"))}`);
    expect(putDocument(three, at(three, 2), "---\nname: C\n")).toBe(
      `${three.slice(0, three.indexOf("--- #"))}---\nname: C\n`,
    );
  });

  test("keeps its own directives and comments before its own mark", () => {
    const file = putDocument(three, at(three, 1), "%YAML 1.2\n# c\n---\nname: b\n");
    expect(splitDocuments(file ?? "")?.map(({ text }) => plainText(text))).toStrictEqual([
      "# of a\r\nname: a # x",
      "%YAML 1.2\n# c\n---\nname: b",
      "--- # marked\r\nname: c",
    ]);
  });

  test("is added behind a text that does not end its line", () => {
    expect(putDocument("name: a", undefined, "name: b")).toBe("name: a\n---\nname: b");
  });

  test("is refused when it is two documents", () => {
    expect(putDocument(three, at(three, 1), "name: b\n---\nname: d\n")).toBeUndefined();
  });

  test("is cut out, and nothing stays of a file that held nothing else", () => {
    expect(cutDocument(three, at(three, 1))).toBe("# of a\r\nname: a # x\r\n--- # marked\r\nname: c");
    expect(cutDocument("---\nname: a\n...\n---\n", at("---\nname: a\n...\n---\n", 0))).toBe("");
    expect(cutDocument("name: a\n---\n# kept\n", at("name: a\n---\n# kept\n", 0))).toBe("---\n# kept\n");
  });

  test("is told without the marks around it", () => {
    expect(partText("---\r\nname: b\r\n\r\n")).toBe("name: b\r\n");
    expect(partText("--- # marked\nname: b\n...\n")).toBe("--- # marked\nname: b\n");
  });
});

test("whatever the texts are, the others stay and the new one is found again, or nothing is written", () => {
  const line = fc.constantFrom("name: a", "---", "...", "# c", "", "%YAML 1.2", "- x", "--- y", "  z: |", "\uFEFFq: 1");
  const text = fc
    .array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r", "")), { maxLength: 8 })
    .map((lines) => lines.flat().join(""));
  fc.assert(
    fc.property(text, text, fc.nat(), (file, replacement, pick) => {
      const before = splitDocuments(file) ?? [];
      if (splitDocuments(replacement)?.length !== 1) return;
      const index = pick % (before.length + 1);
      const old = before[index];
      const after = putDocument(file, old, replacement);
      if (after === undefined) return;
      const texts = splitDocuments(after)?.map(({ text }) => plainText(text));
      const expected = before.map(({ text }) => plainText(text));
      expected[index] = plainText(replacement);
      expect(texts).toStrictEqual(expected);
      const [head, tail] = [
        file.slice(0, old?.start ?? file.length),
        file.slice((old?.start ?? file.length) + (old?.text.length ?? 0)),
      ];
      expect(after.startsWith(head)).toBe(true);
      expect(after.endsWith(tail)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
