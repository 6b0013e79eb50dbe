import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../core/errors.ts";
import type { JsonValue } from "../core/json.ts";
import { stringifyJson } from "../core/lossless-json.ts";
import { parseStrictJson } from "./strict-json.ts";

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));
const refusal = (body: Buffer): string => {
  try {
    parseStrictJson(body);
  } catch (error) {
    if (error instanceof AppError && error.code === "parse_error") return error.message;
    throw error;
  }
  return "accepted";
};

describe("parseStrictJson", () => {
  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const compact = JSON.stringify(JSON.parse(text));
        // Compared as text: integers beyond 2^53 are bigint here and rounded there.
        expect(stringifyJson(parse(compact) as JsonValue)).toBe(compact);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["an empty body", "", /empty/],
    ["two texts", "{} {}", /unexpected character|out of place/],
    ["a key that is there twice", '{"a":1,"a":2}', /same key twice/],
    ["a nested key that is there twice", '{"x":[{"b":1,"\\u0062":2}]}', /same key twice/],
    ["half a surrogate pair", '{"a":"\\ud83d"}', /surrogate/],
    ["half a surrogate pair in a key", '{"\\udc00":1}', /surrogate/],
    ["a number no double holds", '{"a":1e400}', /not valid JSON|out of place/],
    ["65 levels", `${"[".repeat(65)}${"]".repeat(65)}`, /64 levels/],
    ["a byte order mark", "\ufeff{}", /not valid JSON/],
    ["an unfinished string", '{"a":"', /not valid JSON/],
  ])("refuses %s", (_what, text, reason) => {
    expect(refusal(Buffer.from(text))).toMatch(reason);
  });

  it.each([
    ["a lone continuation byte", [0x22, 0x80, 0x22]],
    ["an overlong slash", [0x22, 0xc0, 0xaf, 0x22]],
    ["an encoded surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ])("refuses invalid UTF-8: %s", (_what, bytes) => {
    expect(refusal(Buffer.from(bytes))).toMatch(/UTF-8/);
  });

  it("keeps integers beyond 2^53 exact", () => {
    expect(parse('{"id":9007199254740993,"n":-12345678901234567890}')).toEqual({
      id: 9007199254740993n,
      n: -12345678901234567890n,
    });
  });

  it("takes 64 levels, keys that look like prototypes, and separators inside strings", () => {
    expect(parse(`${"[".repeat(64)}${"]".repeat(64)}`)).toBeDefined();
    const value = parse('{"__proto__":{"polluted":true},"a:b":"{[\\"]}","c":1}');
    expect(Object.keys(value as object)).toEqual(["__proto__", "a:b", "c"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("answers any bytes with a value or a parse error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof refusal(Buffer.from(bytes))).toBe("string");
      }),
      { numRuns: 5_000 },
    );
  });

  it("never accepts a mutated message that JSON.parse reads otherwise", () => {
    const message =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"b":[1,2.5,"c"]}}}';
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.uint8Array({ minLength: 1, maxLength: 3 }), (at, bytes) => {
        const body = Buffer.concat([Buffer.from(message.slice(0, at)), bytes, Buffer.from(message.slice(at + 1))]);
        if (refusal(body) === "accepted") expect(parseStrictJson(body)).toEqual(JSON.parse(body.toString()));
      }),
      { numRuns: 5_000 },
    );
  });
});
