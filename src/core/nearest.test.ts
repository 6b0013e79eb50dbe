import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const keys = ["name", "upstream", "upstreams", "description", "GET", "POST"];

test.each([
  ["uspstream", "upstream"],
  ["upstraem", "upstream"],
  ["Upstreams", "upstreams"],
  ["decsription", "description"],
  ["get", "GET"],
  ["nmae", "name"],
])("%s is taken for %s", (word, meant) => {
  expect(nearest(word, keys)).toBe(meant);
});

test("a word that resembles nothing has no nearest candidate", () => {
  expect(nearest("bogus", keys)).toBeUndefined();
  expect(nearest("", keys)).toBeUndefined();
  expect(nearest("x".repeat(1_000_000), keys)).toBeUndefined();
});
