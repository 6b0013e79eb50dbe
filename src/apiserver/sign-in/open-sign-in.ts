import { randomUUID } from "node:crypto";
import { hashToken, newToken } from "../../access/token.ts";
import { AppError } from "../../core/errors.ts";
import { signInLimits } from "../../core/sign-in-store.ts";
import type { Call } from "../operation.ts";
import { setCookie } from "./cookies.ts";
import type { PeopleParts } from "./people-parts.ts";

/** What a new sign-in consists of. */
export interface NewSignIn {
  readonly userId: string;
  readonly method: string;
  /** What the password was checked against, when it was. */
  readonly passwordHash?: string | undefined;
}

export interface OpenedSignIn {
  readonly id: string;
  readonly token: string;
  /** For `Set-Cookie`. */
  readonly cookie: string;
}

const maxAgentLength = 300;

/**
 * Signs a user in under a new token, whatever the browser sent: a token that somebody planted is worth nothing.
 *
 * @throws AppError `unauthorized` when the user was disabled or the password changed meanwhile
 */
export async function openSignIn(
  { signIns, site, now }: PeopleParts,
  { userId, method, passwordHash }: NewSignIn,
  call: Pick<Call<unknown, unknown, unknown>, "ip" | "header">,
): Promise<OpenedSignIn> {
  const [id, token] = [randomUUID(), newToken()];
  const isOpen = await signIns.open({
    id,
    tokenHash: hashToken(token),
    userId,
    method,
    createdAt: now(),
    ip: call.ip,
    userAgent: (call.header("user-agent") ?? "").slice(0, maxAgentLength),
    passwordHash,
  });
  if (!isOpen) throw new AppError("unauthorized", "The account has changed meanwhile. Sign in again.");
  return { id, token, cookie: setCookie(site, "sign-in", token, signInLimits.absoluteMs) };
}

/** Gives a sign-in another token, after what it may do has changed. */
export async function renewToken({ signIns, site }: PeopleParts, signInId: string): Promise<OpenedSignIn> {
  const token = newToken();
  await signIns.replaceToken(signInId, hashToken(token));
  return { id: signInId, token, cookie: setCookie(site, "sign-in", token, signInLimits.absoluteMs) };
}
