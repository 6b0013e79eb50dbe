import * as z from "zod";
import { AppError } from "../../core/errors.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { renewToken } from "../sign-in/open-sign-in.ts";
import { requireGoodPassword, requireProof, requireSignIn } from "../sign-in/own-account.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import { csrfTokenOf } from "../sign-in/same-site.ts";
import { code, milliseconds, password, personName, userSchema, userView } from "./people-schemas.ts";

const tag = "My account";

const signInSchema = z.object({
  id: z.string(),
  method: z.string(),
  createdAt: milliseconds,
  usedAt: milliseconds,
  ip: z.string(),
  userAgent: z.string(),
  isCurrent: z.boolean(),
});

/** What people change of themselves: name, password, where they are signed in. */
export function ownAccountOperations(parts: PeopleParts): readonly AnyOperation[] {
  return [renameMe(parts), changePassword(parts), listSignIns(parts), endSignIn(parts), endOtherSignIns(parts)];
}

function renameMe(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "updateMe",
    method: "patch",
    path: "/me",
    tag,
    summary: "Change my name",
    access: { kind: "signed-in" },
    body: z.strictObject({ name: personName }),
    responses: { 200: { description: "Changed.", schema: userSchema } },
    handle: async (call) => {
      const { user } = await requireSignIn(parts, call);
      const changed = await parts.users.update(user.id, { name: call.body.name });
      await recordChange(
        parts.audit,
        call,
        {
          action: "user.update",
          target: { kind: "user", id: user.id },
          before: { name: user.name },
          after: { name: changed.name },
        },
        parts.now,
      );
      return { status: 200, body: userView(changed) };
    },
  });
}

function changePassword(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "changePassword",
    method: "put",
    path: "/me/password",
    tag,
    summary: "Change my password",
    description: "Ends every other sign-in. The cookie and the CSRF token change.",
    access: { kind: "signed-in" },
    body: z.strictObject({ currentPassword: password.optional(), code: code.optional(), password }),
    responses: {
      200: { description: "Changed; the cookie is set anew.", schema: z.object({ csrfToken: z.string() }) },
    },
    handle: async (call) => {
      const own = await requireSignIn(parts, call);
      const { currentPassword, code, password } = call.body;
      requireGoodPassword(password, [own.user.email, own.user.name]);
      await requireProof(parts, own, { password: currentPassword, code, ip: call.ip });
      await parts.credentials.setPassword(own.user.id, await parts.hasher.hash(password), own.signIn.id);
      const renewed = await renewToken(parts, own.signIn.id);
      const target = { kind: "user", id: own.user.id };
      await recordChange(parts.audit, call, { action: "user.change_password", target }, parts.now);
      return { status: 200, body: { csrfToken: csrfTokenOf(renewed.token) }, cookies: [renewed.cookie] };
    },
  });
}

function listSignIns(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "listMySignIns",
    method: "get",
    path: "/me/sign-ins",
    tag,
    summary: "Where I am signed in",
    access: { kind: "signed-in" },
    responses: { 200: { description: "Last used first.", schema: z.object({ items: z.array(signInSchema) }) } },
    handle: async (call) => {
      const { user, signIn: current } = await requireSignIn(parts, call);
      const signIns = await parts.signIns.list(user.id, parts.now());
      const items = signIns.map(({ userId: _, ...signIn }) => ({ ...signIn, isCurrent: signIn.id === current.id }));
      return { status: 200, body: { items } };
    },
  });
}

function endSignIn(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "endMySignIn",
    method: "delete",
    path: "/me/sign-ins/{id}",
    tag,
    summary: "Sign out another browser",
    access: { kind: "signed-in" },
    params: z.object({ id: z.string().max(64) }),
    responses: { 204: { description: "Signed out." } },
    handle: async (call) => {
      const { user } = await requireSignIn(parts, call);
      if (!(await parts.signIns.end(user.id, call.params.id)))
        throw new AppError("not_found", "You have no sign-in with this id.");
      const target = { kind: "user", id: user.id };
      await recordChange(parts.audit, call, { action: "session.revoke", target }, parts.now);
      return { status: 204 };
    },
  });
}

function endOtherSignIns(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "endMyOtherSignIns",
    method: "delete",
    path: "/me/sign-ins",
    tag,
    summary: "Sign out all other browsers",
    access: { kind: "signed-in" },
    responses: { 204: { description: "Signed out." } },
    handle: async (call) => {
      const { user, signIn } = await requireSignIn(parts, call);
      const ended = await parts.signIns.endAll(user.id, signIn.id);
      const target = { kind: "user", id: user.id };
      await recordChange(parts.audit, call, { action: "session.revoke", target, after: { ended } }, parts.now);
      return { status: 204 };
    },
  });
}
