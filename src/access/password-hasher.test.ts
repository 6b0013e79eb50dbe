import { expect, test } from "vitest";
import { PasswordHasher } from "./password-hasher.ts";

test("a password is kept as Argon2id with the parameters of OWASP, salted", async () => {
  const hasher = new PasswordHasher();
  const [one, two] = await Promise.all([hasher.hash("the same password"), hasher.hash("the same password")]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(two);
  expect(await hasher.verify(one, "the same password")).toBe(true);
  expect(await hasher.verify(one, "another password")).toBe(false);
  expect(await hasher.verify(undefined, "no password is this one")).toBe(false);
});

test("a flood of passwords waits in turn, and beyond that is told to come back", async () => {
  const hasher = new PasswordHasher();
  const results = await Promise.allSettled(Array.from({ length: 80 }, (_, n) => hasher.hash(`password ${n}`)));
  const refused = results.filter(({ status }) => status === "rejected");
  expect(refused).toHaveLength(80 - 4 - 64);
  for (const result of refused) expect(result).toMatchObject({ reason: { code: "overloaded" } });
  expect(await hasher.hash("afterwards")).toMatch(/^\$argon2id/);
});
