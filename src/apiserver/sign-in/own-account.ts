import { hashToken } from "../../access/token.ts";
import { passwordProblem } from "../../access/password-rules.ts";
import type { Credentials } from "../../core/credential-store.ts";
import { AppError } from "../../core/errors.ts";
import type { SignIn } from "../../core/sign-in-store.ts";
import type { User } from "../../core/user-store.ts";
import type { Call } from "../operation.ts";
import { checkPassword } from "./check-password.ts";
import { readCookie } from "./cookies.ts";
import type { PeopleParts } from "./people-parts.ts";

export type AnyCall = Pick<Call<unknown, unknown, unknown>, "caller" | "header" | "ip" | "requestId">;

export interface OwnSignIn {
  readonly signIn: SignIn;
  readonly user: User;
  readonly token: string;
}

/** The sign-in that a request came with; @throws AppError `forbidden` for keys, which are nobody's account */
export async function requireSignIn({ signIns, site, now }: PeopleParts, call: AnyCall): Promise<OwnSignIn> {
  const token = call.caller?.kind === "user" ? readCookie(site, call.header("cookie"), "sign-in") : undefined;
  const found = token === undefined ? undefined : await signIns.find(hashToken(token), now());
  if (token === undefined || found === undefined)
    throw new AppError("forbidden", "Only a person who is signed in may do this, not a key.");
  return { ...found, token };
}

/** How long a sign-in proves who somebody is who has no password. */
const freshMs = 10 * 60_000;

/**
 * Asks for proof before an account changes: whoever finds an open browser must not take it over.
 *
 * @throws AppError `unprocessable` for a wrong password or code (a 401 would end the sign-in of a page), `forbidden`
 *   when somebody without a password signed in too long ago
 */
export async function requireProof(
  parts: PeopleParts,
  { signIn, user }: OwnSignIn,
  given: { readonly password?: string | undefined; readonly code?: string | undefined; readonly ip: string },
): Promise<Credentials> {
  if (user.hasPassword) return checkAgain(parts, user, given);
  if (parts.now() - signIn.createdAt > freshMs)
    throw new AppError("forbidden", "Sign in again first: you signed in more than ten minutes ago.");
  const credentials = await parts.credentials.get(user.id);
  if (credentials === undefined) throw new AppError("unauthorized", "Sign in again.");
  return credentials;
}

async function checkAgain(
  parts: PeopleParts,
  { email }: User,
  {
    password = "",
    code,
    ip,
  }: { readonly password?: string | undefined; readonly code?: string | undefined; readonly ip: string },
): Promise<Credentials> {
  try {
    return await checkPassword(parts, { email, password, code, ip });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "unauthorized") throw error;
    const isCode = error.data !== undefined;
    const field = isCode ? "body.code" : "body.currentPassword";
    const message = isCode ? error.message : "The password is wrong.";
    throw new AppError("unprocessable", message, { data: { errors: [{ field, message }] } });
  }
}

/** @throws AppError `unprocessable` for a password that is too easy to guess */
export function requireGoodPassword(password: string, about: readonly string[]): void {
  const problem = passwordProblem(password, about);
  if (problem === undefined) return;
  throw new AppError("unprocessable", `The password ${problem}.`, {
    data: { errors: [{ field: "body.password", message: problem }] },
  });
}
