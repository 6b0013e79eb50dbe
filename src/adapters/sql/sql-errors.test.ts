import { expect, test } from "vitest";
import { AppError } from "../../core/errors.ts";
import { translateError } from "./sql-errors.ts";

function errorWith(codes: object): Error {
  return Object.assign(new Error("as a driver throws it"), codes);
}

test.each([
  ["a broken pipe", { code: "EPIPE", errno: -32, syscall: "write" }],
  ["a refused connection", { code: "ECONNREFUSED", errno: -111, syscall: "connect" }],
  ["PostgreSQL that shuts down", { code: "57P01" }],
  ["PostgreSQL with too many connections", { code: "53300" }],
  ["MySQL with too many connections", { code: "ER_CON_COUNT_ERROR", errno: 1040 }],
  ["a MySQL connection that was lost", { code: "PROTOCOL_CONNECTION_LOST" }],
  ["SQLite on a full disk", { code: "ERR_SQLITE_ERROR", errcode: 13 }],
  ["SQLite that stays locked", { code: "ERR_SQLITE_ERROR", errcode: 5 }],
])("%s means that the database is not to be had", (_what, codes) => {
  const cause = errorWith(codes);
  expect(translateError(cause)).toMatchObject({ code: "unavailable", cause });
});

test.each([
  ["a column that PostgreSQL does not know", { code: "42703" }],
  ["a table that MySQL does not know", { code: "ER_NO_SUCH_TABLE", errno: 1146 }],
  ["a constraint of SQLite", { code: "ERR_SQLITE_ERROR", errcode: 1555 }],
])("%s is told as it is", (_what, codes) => {
  const error = errorWith(codes);
  expect(translateError(error)).toBe(error);
});

test("an error of ours stays itself", () => {
  const error = new AppError("conflict", "Somebody was faster.");
  expect(translateError(error)).toBe(error);
});
