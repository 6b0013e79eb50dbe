import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SecretMask } from "./secret-mask.ts";

function maskOf(secrets: Readonly<Record<string, string>>): SecretMask {
  const mask = new SecretMask({ get: (name) => secrets[name] });
  for (const name of Object.keys(secrets)) mask.get(name);
  return mask;
}

/** Ways in which a value gets into a text. */
const spellings: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => value,
  json: (value) => JSON.stringify(value).slice(1, -1),
  jsonInJson: (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3),
  percent: encodeURIComponent,
  everyByte: (value) => [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  form: (value) => new URLSearchParams({ v: value }).toString().slice(2),
  unicodeEscapes: (value) =>
    Array.from({ length: value.length }, (_, i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  latin1: (value) => Buffer.from(value).toString("latin1"),
  upper: (value) => value.toUpperCase(),
  hex: (value) => Buffer.from(value).toString("hex"),
};

const value = fc
  .string({ unit: fc.constantFrom(...Array.from("abXY09 /+%&\"\n<'üあ")), minLength: 8, maxLength: 40 })
  // What is nothing but white space, or the same in two spellings, cannot be told from what is no secret.
  .filter((text) => /[abXY09]{3}/.test(text));

describe("a mask", () => {
  test.each(Object.entries(spellings))("finds any value that is written in the way %s", (_, spell) => {
    fc.assert(
      fc.property(value, (secret) => {
        const masked = maskOf({ KEY: secret }).mask(`[${spell(secret)}]`);
        expect(masked).toBe("[${secrets.KEY}]");
      }),
      { numRuns: 300 },
    );
  });

  test("finds base64 wherever it begins", () => {
    fc.assert(
      fc.property(value, fc.string({ maxLength: 5 }), (secret, before) => {
        for (const encoding of ["base64", "base64url"] as const) {
          const masked = maskOf({ KEY: secret }).mask(Buffer.from(`${before}${secret}!`).toString(encoding));
          expect(masked).toContain("${secrets.KEY}");
          const shown = Buffer.from(masked.replace("${secrets.KEY}", ""), encoding).toString("latin1");
          expect(shown).not.toContain(secret.slice(2, -2));
        }
      }),
    );
  });

  test("keeps JSON what it is, with secrets in keys and numbers too", () => {
    const mask = maskOf({ NUMBER: "12345678", WORD: "hunter22" });
    const text = '{"hunter22":[12345678,9007199254740993,"a hunter22\\n"],"n":1e2,"ok":true,"no":null}';
    expect(mask.maskJson(text)).toBe(
      '{"${secrets.WORD}":["${secrets.NUMBER}",9007199254740993,"a ${secrets.WORD}\\n"],"n":100,"ok":true,"no":null}',
    );
    const other = '{"n":1e2}';
    expect(mask.maskJson(other)).toBe(other);
  });

  test("finds the parts of a URL", () => {
    const mask = maskOf({ URL: "https://me:pass%20word@db.internal.example:8443/tenant-7?key=abc" });
    const shown = mask.mask("connect db.internal.example:8443 GET /tenant-7/x?key=abc as me with pass word, key abc");
    expect(shown).not.toMatch(/db\.internal|8443|tenant-7|pass|abc/);
  });

  test("names the longer of two that overlap", () => {
    expect(maskOf({ SHORT: "secret", LONG: "secret-and-more" }).mask("a secret-and-more, a secret")).toBe(
      "a ${secrets.LONG}, a ${secrets.SHORT}",
    );
  });

  test("leaves texts alone that hold none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii", maxLength: 60 }), (text) => {
        expect(maskOf({ KEY: "this-is-not-in-there" }).mask(text)).toBe(text);
      }),
    );
  });

  test("takes time in proportion to the text", () => {
    const mask = maskOf(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`K${i}`, `${"s".repeat(100)}${i}`])));
    const time = (length: number): number => {
      const begunAt = performance.now();
      mask.mask("s".repeat(length));
      return performance.now() - begunAt;
    };
    time(10_000);
    expect(time(800_000)).toBeLessThan(Math.max(time(100_000), 20) * 40);
  });
});
