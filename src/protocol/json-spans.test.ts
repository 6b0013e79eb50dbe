import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementSpans, memberSpans } from "./json-spans.ts";

const whitespace = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

/** JSON text of a value with random whitespace between tokens and some characters escaped. */
function spread(value: unknown, space: () => string): string {
  if (Array.isArray(value)) return `[${space()}${value.map((item) => spread(item, space) + space()).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${space()}${JSON.stringify(key)}${space()}:${space()}${spread(member, space)}${space()}`,
  );
  return `{${space()}${members.join(",")}${space()}}`;
}

describe("memberSpans", () => {
  it("cuts every member out as it was written", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });
    fc.assert(
      fc.property(object, fc.infiniteStream(whitespace), whitespace, (value, spaces, outside) => {
        const text = outside + spread(value, () => spaces.next().value) + outside;
        const spans = memberSpans(text) ?? [];
        const parsed: unknown = JSON.parse(text);
        expect(spans.map(({ key }) => key)).toEqual(
          Object.entries(value).map(([key]) => key), // own keys, `__proto__` among them
        );
        const found = spans.map(({ key, start, end }) => `${JSON.stringify(key)}:${text.slice(start, end)}`);
        expect(JSON.parse(`{${found.join(",")}}`)).toEqual(parsed);
        for (const { keyStart } of spans) expect(text.charAt(keyStart)).toBe('"');
      }),
      { numRuns: 500 },
    );
  });

  it("takes a value with its brackets and quotes, whatever its strings hold", () => {
    const text = String.raw` { "a" : "}\\\"]," , "b":[{"c":"\\"},"]"] ,"d":-1.5e3}`;
    const spans = memberSpans(text) ?? [];
    expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual([
      String.raw`"}\\\"],"`,
      String.raw`[{"c":"\\"},"]"]`,
      "-1.5e3",
    ]);
  });

  it("refuses a key that comes twice, in whatever spelling", () => {
    expect(memberSpans('{"result":1,"result":2}')).toBeUndefined();
    expect(memberSpans(String.raw`{"result":1,"res\u0075lt":2}`)).toBeUndefined();
    expect(memberSpans('{"a":{"x":1},"b":{"x":2}}')).toHaveLength(2);
    const many = Array.from({ length: 40 }, (_, index) => `"k${index}":0`);
    expect(memberSpans(`{${many.join(",")}}`)).toHaveLength(40);
    expect(memberSpans(`{${many.join(",")},"k39":0}`)).toBeUndefined();
  });

  it("finds nothing in an empty object", () => {
    expect(memberSpans(" { } ")).toEqual([]);
  });
});

describe("elementSpans", () => {
  it("cuts every element out as it was written", () => {
    const list = fc.array(fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(list, fc.infiniteStream(whitespace), (value, spaces) => {
        const text = spread(value, () => spaces.next().value);
        const elements = elementSpans(text).map(({ start, end }) => JSON.parse(text.slice(start, end)) as unknown);
        expect(elements).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });
});
