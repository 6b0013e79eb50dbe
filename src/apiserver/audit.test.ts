import { expect, test } from "vitest";
import { maskSecrets } from "./audit.ts";

test("what its name calls secret is masked, however deep; facts about it stay", () => {
  const value = {
    name: "crm",
    password: "p",
    hasPassword: true,
    nested: [{ apiKey: "k", clientSecret: { value: "s" }, Authorization: "Bearer x" }],
    tokenExpiresAt: null,
    passwordHash: "h",
    tokens: 3,
  };
  expect(maskSecrets(value)).toStrictEqual({
    name: "crm",
    password: "•••",
    hasPassword: true,
    nested: [{ apiKey: "•••", clientSecret: "•••", Authorization: "•••" }],
    tokenExpiresAt: null,
    passwordHash: "•••",
    tokens: 3,
  });
  expect(maskSecrets(undefined)).toBeUndefined();
});
