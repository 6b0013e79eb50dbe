import * as z from "zod";
import { AppError } from "../../core/errors.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { userCaller } from "../sign-in/authenticate-caller.ts";
import { checkPassword } from "../sign-in/check-password.ts";
import { forgetCookie } from "../sign-in/cookies.ts";
import { describeCaller } from "../sign-in/describe-caller.ts";
import { openSignIn } from "../sign-in/open-sign-in.ts";
import { type AnyCall, requireSignIn } from "../sign-in/own-account.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import type { IdentityProvider } from "../sign-in/providers/identity-provider.ts";
import { requireSameSite } from "../sign-in/same-site.ts";
import { code, meSchema, password } from "./people-schemas.ts";

const tag = "Signing in";

const methodsSchema = z.object({
  needsSetup: z.boolean().describe("There is no user yet: the program printed a link that makes the first one."),
  providers: z.array(z.object({ id: z.string(), title: z.string() })),
});

/** Signing in and out, and who one is. */
export function sessionOperations(
  parts: PeopleParts & { readonly providers: readonly IdentityProvider[] },
): readonly AnyOperation[] {
  return [listMethods(parts), signIn(parts), signOut(parts), getMe(parts)];
}

function listMethods({ users, providers }: Parameters<typeof sessionOperations>[0]): AnyOperation {
  return defineOperation({
    id: "listSignInMethods",
    method: "get",
    path: "/sign-in",
    tag,
    summary: "How one can sign in here",
    access: { kind: "public", limit: 120 },
    responses: { 200: { description: "The ways.", schema: methodsSchema } },
    handle: async () => ({
      status: 200,
      body: { needsSetup: await users.isEmpty(), providers: providers.map(({ id, title }) => ({ id, title })) },
    }),
  });
}

function signIn(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "signIn",
    method: "post",
    path: "/session",
    tag,
    summary: "Sign in with a password",
    description: "Answers 401 with `codeRequired` when the password is right and a code is needed besides.",
    access: { kind: "public", limit: 30 },
    body: z.strictObject({ email: z.string().min(1).max(300), password, code: code.optional() }),
    responses: { 201: { description: "Signed in; the cookie is set.", schema: meSchema } },
    handle: async (call) => {
      requireSameSite(parts.site, call.header);
      const { user, passwordHash } = await check(parts, call);
      const opened = await openSignIn(parts, { userId: user.id, method: "password", passwordHash }, call);
      const caller = userCaller(user, opened.id);
      await recordChange(
        parts.audit,
        { ...call, caller },
        { action: "session.open", target: { kind: "user", id: user.id }, after: { method: "password" } },
        parts.now,
      );
      const body = await describeCaller(parts, caller, { user, method: "password", token: opened.token });
      return { status: 201, body, cookies: [opened.cookie] };
    },
  });
}

async function check(
  parts: PeopleParts,
  call: AnyCall & { readonly body: { email: string; password: string; code?: string | undefined } },
) {
  const { email, password, code } = call.body;
  try {
    return await checkPassword(parts, { email, password, code, ip: call.ip });
  } catch (error) {
    if (error instanceof AppError && (error.code === "unauthorized" || error.code === "too_many_requests"))
      await recordChange(
        parts.audit,
        { ...call, caller: undefined },
        {
          action: "session.open_failed",
          target: { kind: "user", id: email.toLowerCase() },
          after: { reason: error.message },
        },
        parts.now,
      );
    throw error;
  }
}

function signOut(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "signOut",
    method: "delete",
    path: "/session",
    tag,
    summary: "Sign out",
    access: { kind: "signed-in" },
    responses: { 204: { description: "Signed out; the cookie opens nothing any more." } },
    handle: async (call) => {
      const { signIn } = await requireSignIn(parts, call);
      await parts.signIns.end(signIn.userId, signIn.id);
      const target = { kind: "user", id: signIn.userId };
      await recordChange(parts.audit, call, { action: "session.close", target }, parts.now);
      return { status: 204, cookies: [forgetCookie(parts.site, "sign-in")] };
    },
  });
}

function getMe(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "getMe",
    method: "get",
    path: "/me",
    tag,
    summary: "Who I am and what I may do",
    access: { kind: "signed-in" },
    responses: { 200: { description: "The caller.", schema: meSchema } },
    handle: async (call) => {
      if (call.caller === undefined) throw new AppError("unauthorized", "Sign in first.");
      if (call.caller.kind === "key") return { status: 200, body: await describeCaller(parts, call.caller) };
      const { user, signIn, token } = await requireSignIn(parts, call);
      const body = await describeCaller(parts, call.caller, { user, method: signIn.method, token });
      return { status: 200, body };
    },
  });
}
