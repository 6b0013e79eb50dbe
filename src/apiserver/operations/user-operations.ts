import * as z from "zod";
import { AppError } from "../../core/errors.ts";
import type { User } from "../../core/user-store.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-schema.ts";
import { makeLink } from "../sign-in/one-time-links.ts";
import type { AnyCall } from "../sign-in/own-account.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import { email, linkSchema, personName, role, tenantOrEvery, userSchema, userView } from "./people-schemas.ts";

const tag = "Users";
const params = z.object({ user: z.string().max(64) });
const read = { kind: "permission", permission: "users.read" } as const;
const write = { kind: "permission", permission: "users.write" } as const;

/** People of the instance, for its administrators. */
export function userOperations(parts: PeopleParts): readonly AnyOperation[] {
  return [
    listUsers(parts),
    inviteUser(parts),
    getUser(parts),
    updateUser(parts),
    deleteUser(parts),
    resetPassword(parts),
    endSignIns(parts),
    removeTotp(parts),
  ];
}

function listUsers({ users }: PeopleParts): AnyOperation {
  return defineOperation({
    id: "listUsers",
    method: "get",
    path: "/users",
    tag,
    summary: "List users",
    access: read,
    query: pageQuery.extend({
      search: z.string().max(200).optional().describe("Part of the address or name."),
      status: z.enum(["active", "disabled"]).optional(),
      tenant: tenantOrEvery.optional().describe("Only its members."),
    }),
    responses: { 200: { description: "By e-mail address.", schema: pageOf(userSchema) } },
    handle: async ({ query }) => {
      const page = await users.list(query);
      return { status: 200, body: { ...page, items: page.items.map(userView) } };
    },
  });
}

function inviteUser(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "inviteUser",
    method: "post",
    path: "/users",
    tag,
    summary: "Invite somebody",
    description: "Hand on the link yourself: it sets the first password, once, within seven days.",
    access: write,
    isCreation: true,
    body: z.strictObject({ email, name: personName.default(""), roles: z.record(tenantOrEvery, role).default({}) }),
    responses: { 201: { description: "Invited.", schema: z.object({ user: userSchema, link: linkSchema }) } },
    handle: async (call) => {
      const roles = new Map(Object.entries(call.body.roles));
      const { email, name } = call.body;
      const user = await parts.users.create({ email, name, roles, createdAt: parts.now() });
      const link = await makeLink(parts, { purpose: "invite", userId: user.id, createdBy: call.caller?.id ?? "" });
      await record(parts, call, "user.invite", user.id, { after: factsOf(user) });
      return { status: 201, body: { user: userView(user), link } };
    },
  });
}

function getUser(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "getUser",
    method: "get",
    path: "/users/{user}",
    tag,
    summary: "Get a user",
    access: read,
    params,
    responses: { 200: { description: "The user.", schema: userSchema } },
    handle: async (call) => ({ status: 200, body: userView(await requireUser(parts, call.params.user)) }),
  });
}

function updateUser(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "updateUser",
    method: "patch",
    path: "/users/{user}",
    tag,
    summary: "Change a user",
    description: "Disabling ends every sign-in at once, and keys of the user open nothing until they are active again.",
    access: write,
    params,
    body: z.strictObject({
      email: email.optional(),
      name: personName.optional(),
      status: z.enum(["active", "disabled"]).optional(),
      mustChangePassword: z.boolean().optional(),
    }),
    responses: { 200: { description: "Changed.", schema: userSchema } },
    handle: async (call) => {
      const before = await requireUser(parts, call.params.user);
      const after = await parts.users.update(before.id, call.body);
      await record(parts, call, "user.update", after.id, { before: factsOf(before), after: factsOf(after) });
      await parts.announcer.announce("keys");
      return { status: 200, body: userView(after) };
    },
  });
}

function deleteUser(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "deleteUser",
    method: "delete",
    path: "/users/{user}",
    tag,
    summary: "Delete a user",
    description: "With sign-ins, keys and conversations. What they did stays in the audit log.",
    access: write,
    params,
    responses: { 204: { description: "Deleted." } },
    handle: async (call) => {
      const before = await requireUser(parts, call.params.user);
      await parts.users.delete(before.id);
      await record(parts, call, "user.delete", before.id, { before: factsOf(before) });
      await parts.announcer.announce("keys");
      return { status: 204 };
    },
  });
}

function resetPassword(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "resetUserPassword",
    method: "post",
    path: "/users/{user}/reset-link",
    tag,
    summary: "Make a link that sets a new password",
    description: "Works once, within a day. The password before stays until the link is used; links before are void.",
    access: write,
    params,
    responses: { 201: { description: "The link.", schema: linkSchema } },
    handle: async (call) => {
      const user = await requireUser(parts, call.params.user);
      if (user.status !== "active") throw new AppError("conflict", "The user is disabled. Enable them first.");
      const purpose = user.hasPassword ? "reset" : "invite";
      const link = await makeLink(parts, { purpose, userId: user.id, createdBy: call.caller?.id ?? "" });
      await record(parts, call, "user.reset_password", user.id, { after: { purpose, expiresAt: link.expiresAt } });
      return { status: 201, body: link };
    },
  });
}

function endSignIns(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "endUserSignIns",
    method: "delete",
    path: "/users/{user}/sign-ins",
    tag,
    summary: "Sign a user out everywhere",
    access: write,
    params,
    responses: { 204: { description: "Signed out." } },
    handle: async (call) => {
      const user = await requireUser(parts, call.params.user);
      const ended = await parts.signIns.endAll(user.id);
      await record(parts, call, "session.revoke", user.id, { after: { ended } });
      return { status: 204 };
    },
  });
}

function removeTotp(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "removeUserTotp",
    method: "delete",
    path: "/users/{user}/totp",
    tag,
    summary: "Turn a user's one-time passwords off",
    description: "For somebody who has lost the device and the recovery codes. Ends every sign-in.",
    access: write,
    params,
    responses: { 204: { description: "They are off." } },
    handle: async (call) => {
      const user = await requireUser(parts, call.params.user);
      if (!(await parts.credentials.removeTotp(user.id)))
        throw new AppError("conflict", "One-time passwords are off already.");
      await parts.signIns.endAll(user.id);
      await record(parts, call, "user.disable_totp", user.id, {});
      return { status: 204 };
    },
  });
}

async function requireUser({ users }: PeopleParts, id: string): Promise<User> {
  const user = await users.get(id);
  if (user === undefined) throw new AppError("not_found", "There is no such user.");
  return user;
}

function factsOf({ email, name, status, mustChangePassword, roles }: User) {
  return { email, name, status, mustChangePassword, roles: Object.fromEntries(roles) };
}

async function record(
  parts: PeopleParts,
  call: AnyCall,
  action: string,
  id: string,
  change: { readonly before?: unknown; readonly after?: unknown },
): Promise<void> {
  await recordChange(parts.audit, call, { action, target: { kind: "user", id }, ...change }, parts.now);
}
