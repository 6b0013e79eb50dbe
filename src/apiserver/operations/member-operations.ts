import * as z from "zod";
import { AppError } from "../../core/errors.ts";
import type { Role } from "../../core/role.ts";
import type { User } from "../../core/user-store.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-schema.ts";
import type { AnyCall } from "../sign-in/own-account.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import { email, role, tenantOrEvery } from "./people-schemas.ts";

export type MemberParts = Pick<PeopleParts, "users" | "audit" | "announcer" | "now">;

const tag = "Members";
const params = z.object({ tenant: tenantOrEvery });
const memberParams = z.object({ tenant: tenantOrEvery, user: z.string().max(64) });
const memberSchema = z.object({ id: z.string(), email: z.string(), name: z.string(), role });
const read = { kind: "permission", permission: "members.read" } as const;
const write = { kind: "permission", permission: "members.write" } as const;

/** Who has which role in a tenant; in `*`, in all of them and for the instance. */
export function memberOperations(parts: MemberParts): readonly AnyOperation[] {
  return [listMembers(parts), addMember(parts), setRole(parts), removeMember(parts)];
}

function listMembers({ users }: MemberParts): AnyOperation {
  return defineOperation({
    id: "listMembers",
    method: "get",
    path: "/tenants/{tenant}/members",
    tag,
    summary: "List the members of a tenant",
    access: read,
    params,
    query: pageQuery.extend({ search: z.string().max(200).optional() }),
    responses: { 200: { description: "By e-mail address.", schema: pageOf(memberSchema) } },
    handle: async ({ params: { tenant }, query }) => {
      const page = await users.list({ ...query, tenant });
      const items = page.items.flatMap((user) => memberView(user, tenant));
      return { status: 200, body: { ...page, items } };
    },
  });
}

function addMember(parts: MemberParts): AnyOperation {
  return defineOperation({
    id: "addMember",
    method: "post",
    path: "/tenants/{tenant}/members",
    tag,
    summary: "Make a user a member",
    description: "Of somebody who has an account; administrators of the instance invite others.",
    access: write,
    params,
    body: z.strictObject({ email, role }),
    responses: { 201: { description: "A member now.", schema: memberSchema } },
    handle: async (call) => {
      const { tenant } = call.params;
      const user = await parts.users.findByEmail(call.body.email);
      if (user === undefined)
        throw new AppError("not_found", "Nobody has this address. An administrator of the instance can invite them.");
      if (user.roles.has(tenant)) throw new AppError("conflict", "This user is a member already. Change the role.");
      const body = await change(parts, call, { user, tenant, role: call.body.role });
      return { status: 201, body };
    },
  });
}

function setRole(parts: MemberParts): AnyOperation {
  return defineOperation({
    id: "setMemberRole",
    method: "put",
    path: "/tenants/{tenant}/members/{user}",
    tag,
    summary: "Change a member's role",
    access: write,
    params: memberParams,
    body: z.strictObject({ role }),
    responses: { 200: { description: "Changed.", schema: memberSchema } },
    handle: async (call) => {
      const { tenant, user: id } = call.params;
      const user = await requireMember(parts, tenant, id);
      return { status: 200, body: await change(parts, call, { user, tenant, role: call.body.role }) };
    },
  });
}

function removeMember(parts: MemberParts): AnyOperation {
  return defineOperation({
    id: "removeMember",
    method: "delete",
    path: "/tenants/{tenant}/members/{user}",
    tag,
    summary: "Take a member's role away",
    access: write,
    params: memberParams,
    responses: { 204: { description: "No member any more." } },
    handle: async (call) => {
      const { tenant, user: id } = call.params;
      await change(parts, call, { user: await requireMember(parts, tenant, id), tenant, role: undefined });
      return { status: 204 };
    },
  });
}

interface RoleChange {
  readonly user: User;
  readonly tenant: string;
  readonly role: Role | undefined;
}

async function change(parts: MemberParts, call: AnyCall, { user, tenant, role }: RoleChange) {
  const after = await parts.users.setRole(user.id, tenant, role);
  await recordChange(
    parts.audit,
    call,
    {
      action: "member.change",
      target: { kind: "user", id: user.id },
      tenant,
      before: { role: user.roles.get(tenant) },
      after: { role },
    },
    parts.now,
  );
  await parts.announcer.announce("keys");
  return memberView(after, tenant)[0];
}

/** Of other tenants it tells nothing. */
function memberView({ id, email, name, roles }: User, tenant: string) {
  const role = roles.get(tenant);
  return role === undefined ? [] : [{ id, email, name, role }];
}

async function requireMember({ users }: MemberParts, tenant: string, id: string): Promise<User> {
  const user = await users.get(id);
  if (user?.roles.has(tenant)) return user;
  throw new AppError("not_found", "There is no such member of this tenant.");
}
