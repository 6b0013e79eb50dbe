import { expect, test } from "vitest";
import { passwordProblem } from "./password-rules.ts";

const about = ["marie.dupont@example.com", "Marie Dupont"];

test.each([
  ["violet tractor sings"],
  ["correct horse battery staple"],
  ["gT5$kq9!zXw2"],
  ["Über den Wolken muß"],
  ["馬馬虎虎的密碼一二三四五六七"],
  ["x".repeat(3) + "a long passphrase ".repeat(14)],
])("%s is taken", (password) => {
  expect(passwordProblem(password, about)).toBeUndefined();
});

test.each([
  ["short one", /at least 12/],
  ["😀😀😀😀😀😀", /at least 12/],
  ["a long passphrase ".repeat(15), /at most 256/],
  ["aaaaaaaaaaaaaaaa", /repeats/],
  ["abababababababab", /repeats/],
  ["123456789012", /sequence/],
  ["abcdefghijklmnop", /sequence/],
  ["qwertyuiop12345", /sequence/],
  ["987654321098", /sequence/],
  ["passwordpassword1", /everybody tries/],
  ["P@ssw0rd2024!!!", /everybody tries/],
  ["administrator-2026", /everybody tries/],
  ["Passerelle123456", /everybody tries/],
  ["letmeinletmein99", /everybody tries/],
  ["marie.dupont1987", /your name/],
  ["DUPONT-dupont-1", /your name/],
])("%s is refused with a reason", (password, reason) => {
  expect(passwordProblem(password, about)).toMatch(reason);
});
