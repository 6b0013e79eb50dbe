import { hashRecoveryCode, totpStep } from "../../access/one-time-password.ts";
import type { Credentials } from "../../core/credential-store.ts";
import { AppError } from "../../core/errors.ts";
import type { PeopleParts } from "./people-parts.ts";
import { beginAttempt } from "./throttling.ts";

export interface PasswordAttempt {
  readonly email: string;
  readonly password: string;
  /** A code of the authenticator, or a recovery code. */
  readonly code?: string | undefined;
  readonly ip: string;
}

/** Says the same, after the same time, whatever is wrong with the two. */
const wrongPassword = "The e-mail address or the password is wrong.";

/**
 * Checks a password and, where the user has one-time passwords on, the code.
 *
 * @throws AppError `unauthorized`, with `data.codeRequired` once the password is right and the code is missing or wrong;
 *   `too_many_requests` while account or address have to wait
 */
export async function checkPassword(parts: PeopleParts, attempt: PasswordAttempt): Promise<Credentials> {
  const { email, password, code, ip } = attempt;
  const begun = await beginAttempt(parts, email, ip);
  const credentials = await parts.credentials.findByEmail(email);
  const isRight = await parts.hasher.verify(credentials?.passwordHash, password);
  if (credentials === undefined || !isRight || credentials.user.status !== "active")
    throw new AppError("unauthorized", wrongPassword);
  if (credentials.totp !== undefined) {
    if (code === undefined) {
      await begun.withdraw();
      throw new AppError("unauthorized", "Enter the code of your authenticator too.", { data: { codeRequired: true } });
    }
    if (!(await useCode(parts, credentials, code)))
      throw new AppError("unauthorized", "The code is wrong, or was used already.", { data: { codeRequired: true } });
  }
  await begun.succeed();
  return credentials;
}

/** Takes a code once: of the authenticator, or a recovery code. */
export async function useCode(parts: PeopleParts, { user, totp }: Credentials, code: string): Promise<boolean> {
  if (totp === undefined) return false;
  const plain = code.replace(/\s/g, "");
  if (!/^\d{6}$/.test(plain)) return parts.credentials.useRecoveryCode(user.id, hashRecoveryCode(code));
  const step = totpStep(parts.cipher.open(totpPlace(user.id), totp), plain, parts.now());
  return step !== undefined && parts.credentials.useTotpStep(user.id, step);
}

/** What the secret of a user is sealed for. */
export function totpPlace(userId: string): { readonly tenant: string; readonly name: string } {
  return { tenant: "*", name: `totp/${userId}` };
}
