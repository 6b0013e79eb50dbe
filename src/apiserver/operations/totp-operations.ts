import * as z from "zod";
import {
  hashRecoveryCode,
  newRecoveryCodes,
  newTotpSecret,
  totpStep,
  totpUri,
} from "../../access/one-time-password.ts";
import { AppError } from "../../core/errors.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { totpPlace } from "../sign-in/check-password.ts";
import { renewToken } from "../sign-in/open-sign-in.ts";
import { requireProof, requireSignIn } from "../sign-in/own-account.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import { csrfTokenOf } from "../sign-in/same-site.ts";
import { beginAttempt } from "../sign-in/throttling.ts";
import { code, password } from "./people-schemas.ts";

const tag = "My account";
/** What authenticators show above the account. */
const issuer = "Passerelle";

const proof = z.strictObject({ currentPassword: password.optional(), code: code.optional() });
const recoveryCodes = z.array(z.string()).describe("Shown this once; each signs in once instead of a code.");

/** One-time passwords (TOTP, RFC 6238): enrol, confirm, turn off, recovery codes. */
export function totpOperations(parts: PeopleParts): readonly AnyOperation[] {
  return [enrol(parts), confirm(parts), turnOff(parts), renewCodes(parts)];
}

function enrol(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "enrolTotp",
    method: "post",
    path: "/me/totp",
    tag,
    summary: "Begin with one-time passwords",
    description: "Nothing changes until a code of the authenticator is confirmed.",
    access: { kind: "signed-in" },
    body: proof,
    responses: {
      200: { description: "What the authenticator needs.", schema: z.object({ secret: z.string(), uri: z.string() }) },
    },
    handle: async (call) => {
      const own = await requireSignIn(parts, call);
      await requireProof(parts, own, { password: call.body.currentPassword, code: call.body.code, ip: call.ip });
      if (own.user.hasTotp) throw new AppError("conflict", "One-time passwords are on already. Turn them off first.");
      const secret = newTotpSecret();
      await parts.credentials.setPendingTotp(own.user.id, parts.cipher.seal(totpPlace(own.user.id), secret));
      return { status: 200, body: { secret, uri: totpUri(secret, issuer, own.user.email) } };
    },
  });
}

function confirm(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "confirmTotp",
    method: "post",
    path: "/me/totp/confirm",
    tag,
    summary: "Turn one-time passwords on",
    access: { kind: "signed-in" },
    body: z.strictObject({ code: z.string().min(6).max(10) }),
    responses: {
      200: {
        description: "They are on; the cookie is set anew.",
        schema: z.object({ recoveryCodes, csrfToken: z.string() }),
      },
    },
    handle: async (call) => {
      const { user, signIn } = await requireSignIn(parts, call);
      const sealed = (await parts.credentials.get(user.id))?.pendingTotp;
      if (sealed === undefined) throw new AppError("conflict", "Begin first: there is no secret to confirm.");
      const attempt = await beginAttempt(parts, user.email, call.ip);
      const step = totpStep(parts.cipher.open(totpPlace(user.id), sealed), call.body.code, parts.now());
      if (step === undefined) throw wrongCode();
      await attempt.succeed();
      const codes = newRecoveryCodes();
      const recoveryHashes = codes.map(hashRecoveryCode);
      if (!(await parts.credentials.confirmTotp(user.id, { sealed, step, recoveryHashes })))
        throw new AppError("conflict", "The secret was replaced meanwhile. Begin again.");
      await parts.signIns.endAll(user.id, signIn.id);
      const renewed = await renewToken(parts, signIn.id);
      const target = { kind: "user", id: user.id };
      await recordChange(parts.audit, call, { action: "user.enable_totp", target }, parts.now);
      const body = { recoveryCodes: codes, csrfToken: csrfTokenOf(renewed.token) };
      return { status: 200, body, cookies: [renewed.cookie] };
    },
  });
}

function turnOff(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "removeTotp",
    method: "post",
    path: "/me/totp/remove",
    tag,
    summary: "Turn one-time passwords off",
    access: { kind: "signed-in" },
    body: proof,
    responses: {
      200: { description: "They are off; the cookie is set anew.", schema: z.object({ csrfToken: z.string() }) },
    },
    handle: async (call) => {
      const own = await requireSignIn(parts, call);
      await requireProof(parts, own, { password: call.body.currentPassword, code: call.body.code, ip: call.ip });
      if (!(await parts.credentials.removeTotp(own.user.id)))
        throw new AppError("conflict", "One-time passwords are off already.");
      const renewed = await renewToken(parts, own.signIn.id);
      const target = { kind: "user", id: own.user.id };
      await recordChange(parts.audit, call, { action: "user.disable_totp", target }, parts.now);
      return { status: 200, body: { csrfToken: csrfTokenOf(renewed.token) }, cookies: [renewed.cookie] };
    },
  });
}

function renewCodes(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "renewRecoveryCodes",
    method: "post",
    path: "/me/recovery-codes",
    tag,
    summary: "Make new recovery codes",
    description: "The ones before sign nobody in any more.",
    access: { kind: "signed-in" },
    body: proof,
    responses: { 200: { description: "The codes.", schema: z.object({ recoveryCodes }) } },
    handle: async (call) => {
      const own = await requireSignIn(parts, call);
      await requireProof(parts, own, { password: call.body.currentPassword, code: call.body.code, ip: call.ip });
      if (!own.user.hasTotp) throw new AppError("conflict", "One-time passwords are off.");
      const codes = newRecoveryCodes();
      await parts.credentials.replaceRecoveryCodes(own.user.id, codes.map(hashRecoveryCode));
      const target = { kind: "user", id: own.user.id };
      await recordChange(parts.audit, call, { action: "user.renew_recovery_codes", target }, parts.now);
      return { status: 200, body: { recoveryCodes: codes } };
    },
  });
}

function wrongCode(): AppError {
  const message = "The code is wrong. Check the clock of the device.";
  return new AppError("unprocessable", message, { data: { errors: [{ field: "body.code", message }] } });
}
