import { describe, expect, test } from "vitest";
import { foldText, patternOf, searchTermsOf, searchTextOf } from "./search-text.ts";

describe("what is compared", () => {
  test.each([
    ["CAFÉ", "cafe"],
    ["Straße", "STRASSE"],
    ["Łódź", "lodz"],
    ["Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"],
    ["ﬁle\u00a0x", "file x"],
    ["ΟΔΟΣ", "οδός"],
    ["Ёлка", "елка"],
    ["ｶﾞｽ", "ガス"],
    ["a \n\t b", "A b"],
  ])("is the same for %j and %j", (one, other) => {
    expect(foldText(one)).toBe(foldText(other));
  });

  test.each([
    ["が", "か"],
    ["हिन्दी", "हन्द"],
    ["한", "하"],
    ["a", "b"],
  ])("differs for %j and %j", (one, other) => {
    expect(foldText(one)).not.toBe(foldText(other));
  });

  test("can be kept by every database", () => {
    const text = foldText("a\0b \ud800 c");
    expect(text).not.toContain("\0");
    expect(text.isWellFormed()).toBe(true);
  });
});

test("a message is found by its texts and names, not by bytes, reasoning and results", () => {
  const text = searchTextOf([
    { kind: "text", text: "Hello" },
    { kind: "reasoning", text: "secretly" },
    { kind: "image", mediaType: "image/png", data: "aGlkZGVu", name: "Photo.png" },
    { kind: "tool-call", id: "1", server: "crm", tool: "get_customer", argumentsText: '{"hidden":1}' },
    { kind: "resource", server: "crm", uri: "crm://7", text: "Seven" },
  ]);
  for (const shown of ["hello", "photo.png", "get_customer", "crm://7", "seven"]) expect(text).toContain(shown);
  for (const hidden of ["secretly", "agl", "hidden"]) expect(text).not.toContain(hidden);
});

test("a long message is found by its beginning, and a character is not cut in two", () => {
  const text = searchTextOf([{ kind: "text", text: `begin ${"🦊".repeat(40_000)} end` }]);
  expect(text).toMatch(/^begin 🦊/);
  expect(text.length).toBeLessThanOrEqual(16_000);
  expect(text.isWellFormed()).toBe(true);
});

test("what is looked for are words and phrases, each once, ten at most", () => {
  expect(searchTermsOf(' Größe "two  Words" größe "" ')).toStrictEqual(["große", "two words"].map(foldText));
  expect(searchTermsOf(Array.from({ length: 20 }, (_, index) => `w${index}`).join(" "))).toHaveLength(10);
  expect(searchTermsOf('"open end')).toStrictEqual(["open", "end"]);
  expect(searchTermsOf("\u0301")).toStrictEqual([]);
});

test("wildcards stand for themselves", () => {
  expect(patternOf("100%_!\\")).toBe("%100!%!_!!\\%");
});
