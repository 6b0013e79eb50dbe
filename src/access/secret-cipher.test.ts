import { createHash, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SecretCipher } from "./secret-cipher.ts";

const [first, second] = [randomBytes(32), randomBytes(32)];
const place = { tenant: "shop", name: "TOKEN" };

test("any well-formed text opens again as it was", () => {
  const cipher = new SecretCipher([first]);
  const text = fc.string({ unit: "binary", maxLength: 300 }).filter((value) => value.isWellFormed());
  fc.assert(fc.property(text, (value) => cipher.open(place, cipher.seal(place, value)) === value));
});

test("the same value looks different each time, and shows nothing of itself or of the key", () => {
  const cipher = new SecretCipher([first]);
  const [one, other] = [cipher.seal(place, "s3cr3t-value"), cipher.seal(place, "s3cr3t-value")];
  expect(one.ciphertext).not.toBe(other.ciphertext);
  expect(Buffer.from(one.ciphertext.slice(3), "base64url").toString("latin1")).not.toContain("s3cr3t-value");
  expect(one.keyId).not.toContain(createHash("sha256").update(first).digest("hex").slice(0, 8));
});

test("the first key seals, every key opens", () => {
  const before = new SecretCipher([first]).seal(place, "value");
  const rotated = new SecretCipher([second, first]);
  expect(rotated.open(place, before)).toBe("value");
  expect(rotated.seal(place, "value").keyId).toBe(rotated.sealingKeyId);
  expect(rotated.sealingKeyId).not.toBe(before.keyId);
});

test("a value does not open at another name or tenant, nor where both are cut elsewhere", () => {
  const cipher = new SecretCipher([first]);
  const sealed = cipher.seal(place, "value");
  for (const other of [
    { tenant: "shop", name: "OTHER" },
    { tenant: "sho", name: "pTOKEN" },
    { tenant: "default", name: "TOKEN" },
  ]) {
    expect(() => cipher.open(other, sealed)).toThrow("damaged, or was sealed for another name");
  }
});

test("every flipped bit, every cut and every other text is damage, not a value", () => {
  const cipher = new SecretCipher([first]);
  const { keyId, ciphertext } = cipher.seal(place, "value");
  const bytes = Buffer.from(ciphertext.slice(3), "base64url");
  const broken = [
    "",
    "v1.",
    "v1.AAAA",
    "v2." + ciphertext.slice(3),
    ciphertext.slice(3),
    `${ciphertext}=`,
    `v1.${bytes.subarray(0, -1).toString("base64url")}`,
    ...Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return `v1.${flipped.toString("base64url")}`;
    }),
  ];
  for (const text of broken) {
    expect(() => cipher.open(place, { keyId, ciphertext: text })).toThrow(
      expect.objectContaining({ code: "invalid_configuration", message: expect.stringContaining("is damaged") }),
    );
  }
});

test("a key that is not there any more is named by its id", () => {
  const sealed = new SecretCipher([first]).seal(place, "value");
  expect(() => new SecretCipher([second]).open(place, sealed)).toThrow(
    expect.objectContaining({
      code: "invalid_configuration",
      message: `The secret TOKEN of shop was sealed with the key ${sealed.keyId}, which is not among the encryption keys.`,
    }),
  );
});

test("without a key nothing is sealed, and the reason says what to set", () => {
  expect(() => new SecretCipher([]).seal(place, "value")).toThrow(
    expect.objectContaining({ code: "unavailable", message: expect.stringContaining("PASSERELLE_ENCRYPTION_KEYS") }),
  );
  expect(() => new SecretCipher([Buffer.alloc(16)])).toThrow("32 bytes");
});
