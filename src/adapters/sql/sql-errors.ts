import { AppError } from "../../core/errors.ts";

/** SQLite: constraint primary key, unique. */
const sqliteDuplicates = new Set([1555, 2067]);
/** SQLite: busy, locked; primary codes. */
const sqliteBusy = new Set([5, 6]);
/** SQLite: busy, locked, I/O error, full, cannot open; primary codes. */
const sqliteUnavailable = new Set([5, 6, 10, 13, 14]);

/** A row with this key is there already. */
export function isDuplicateKey(error: unknown): boolean {
  const { code, errno, errcode } = codesOf(error);
  return code === "23505" || errno === 1062 || (errcode !== undefined && sqliteDuplicates.has(errcode));
}

/** Another transaction was in the way and nothing was done: the same may be tried again at once. */
export function isTransient(error: unknown): boolean {
  const { code, errno, errcode } = codesOf(error);
  if (errcode !== undefined) return sqliteBusy.has(errcode & 0xff);
  return code === "40001" || code === "40P01" || errno === 1213 || errno === 1205 || errno === 1020;
}

/**
 * The error as the rest of the program knows it. What a database says about a statement is a defect of ours and stays
 * as it is; everything else means that the database is not to be had.
 */
export function translateError(error: unknown): unknown {
  if (error instanceof AppError || isStatementError(error)) return error;
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return error;
  return new AppError("unavailable", "The database does not answer. Try again.", { cause: error });
}

function isStatementError(error: unknown): boolean {
  const { code, errno, errcode } = codesOf(error);
  // The operating system's: its codes have five letters too, such as EPIPE.
  if (errno !== undefined && errno < 0) return false;
  if (errcode !== undefined) return !sqliteUnavailable.has(errcode & 0xff);
  if (isTransient(error)) return false;
  // PostgreSQL: five letters; classes 08 (connection), 53 (resources), 57 (shut down), 58 (system) pass.
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) return !/^(?:08|53|57|58|25006)/.test(code);
  // MySQL: server errors from 1000; too many connections, shut down, read only, lost.
  return (
    errno !== undefined &&
    errno >= 1_000 &&
    errno < 2_000 &&
    ![1040, 1053, 1077, 1079, 1290, 1836, 1927].includes(errno)
  );
}

interface Codes {
  readonly code: string | undefined;
  readonly errno: number | undefined;
  readonly errcode: number | undefined;
}

function codesOf(error: unknown): Codes {
  if (!(error instanceof Error)) return { code: undefined, errno: undefined, errcode: undefined };
  const text = (key: string): unknown =>
    key in error ? (error as unknown as Record<string, unknown>)[key] : undefined; // `in` has looked
  const [code, errno, errcode] = [text("code"), text("errno"), text("errcode")];
  return {
    code: typeof code === "string" ? code : undefined,
    errno: typeof errno === "number" ? errno : undefined,
    errcode: typeof errcode === "number" ? errcode : undefined,
  };
}
