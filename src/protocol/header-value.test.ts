import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHeaderValue, encodeHeaderValue } from "./header-value.ts";

describe("encodeHeaderValue", () => {
  it("leaves plain ASCII as it is", () => {
    expect(encodeHeaderValue("get_customer")).toBe("get_customer");
    expect(encodeHeaderValue("a b\tc")).toBe("a b\tc");
    expect(encodeHeaderValue("")).toBe("");
  });

  it("encodes what a header cannot carry, and what looks encoded", () => {
    expect(encodeHeaderValue("grüße")).toBe("=?base64?Z3LDvMOfZQ==?=");
    expect(encodeHeaderValue(" a")).toBe("=?base64?IGE=?=");
    expect(encodeHeaderValue("a\r\nX-Other: 1")).toMatch(/^=\?base64\?[A-Za-z0-9+/=]+\?=$/);
    expect(encodeHeaderValue("=?base64?YQ==?=")).toBe("=?base64?PT9iYXNlNjQ/WVE9PT89?=");
  });

  it("is undone by decodeHeaderValue, whatever the text", () => {
    const value = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(value, (text) => {
        const encoded = encodeHeaderValue(text);
        expect(encoded).toMatch(/^[\x20-\x7e\t]*$/);
        expect(decodeHeaderValue(encoded)).toBe(text);
      }),
    );
  });
});
