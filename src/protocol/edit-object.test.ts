import { describe, expect, it } from "vitest";
import { appendMembers, dropMember, editObject } from "./edit-object.ts";

describe("editObject", () => {
  it("changes and drops members and leaves every other character as it is", () => {
    const text = '{ "a" : 1.50, "b": {"a": 12345678901234567890 } ,"c":"x\\u0041"}';
    const edits = new Map([
      ["a", dropMember],
      ["c", (value: string) => `[${value}]`],
      ["missing", dropMember],
    ]);
    expect(editObject(text, edits)).toBe('{"b": {"a": 12345678901234567890 },"c":["x\\u0041"]}');
    expect(editObject('{"a":1}', edits)).toBe("{}");
  });

  it("refuses an object with a member twice", () => {
    expect(() => editObject('{"a":1,"a":2}', new Map())).toThrow("The answer has a member twice.");
  });
});

describe("appendMembers", () => {
  it("adds to objects with and without members", () => {
    expect(appendMembers('{"a":{}}', ',"b":1')).toBe('{"a":{},"b":1}');
    expect(appendMembers('{"a":"{"} ', ',"b":1')).toBe('{"a":"{","b":1}');
    expect(appendMembers(" { } ", ',"b":1')).toBe(' { "b":1}');
    expect(appendMembers('{"a":1}', "")).toBe('{"a":1}');
  });
});
