import * as z from "zod";
import { hashToken } from "../../access/token.ts";
import { AppError } from "../../core/errors.ts";
import type { OneTimeLink } from "../../core/link-store.ts";
import { everyTenant } from "../../core/role.ts";
import type { User } from "../../core/user-store.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, type Call, defineOperation, type Reply } from "../operation.ts";
import { userCaller } from "../sign-in/authenticate-caller.ts";
import { describeCaller } from "../sign-in/describe-caller.ts";
import { openSignIn } from "../sign-in/open-sign-in.ts";
import { requireGoodPassword } from "../sign-in/own-account.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import { requireSameSite } from "../sign-in/same-site.ts";
import { email, meSchema, password, personName, token } from "./people-schemas.ts";

const tag = "Signing in";

/** Links that work once: the first administrator, invitations, passwords that an administrator reset. */
export function linkOperations(parts: PeopleParts): readonly AnyOperation[] {
  return [inspectLink(parts), useLink(parts), setUp(parts)];
}

function inspectLink(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "inspectLink",
    method: "post",
    path: "/links/inspect",
    tag,
    summary: "What a one-time link is for",
    access: { kind: "public", limit: 60 },
    body: z.strictObject({ token }),
    responses: {
      200: {
        description: "The link is good.",
        schema: z.object({
          purpose: z.enum(["setup", "invite", "reset"]),
          email: z.string().optional(),
          name: z.string().optional(),
        }),
      },
    },
    handle: async (call) => {
      const { purpose, userId } = await requireLink(parts, call.body.token);
      if (userId === undefined) return { status: 200, body: { purpose } };
      const user = await requireActive(parts, userId);
      return { status: 200, body: { purpose, email: user.email, name: user.name } };
    },
  });
}

function useLink(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "useLink",
    method: "post",
    path: "/links/use",
    tag,
    summary: "Set a password by an invitation or a reset",
    description: "Signs in, unless a code of an authenticator is needed: then sign in with the new password.",
    access: { kind: "public", limit: 30 },
    body: z.strictObject({ token, password, name: personName.optional() }),
    responses: {
      201: { description: "Set, and signed in.", schema: meSchema },
      204: { description: "Set. Sign in with it and the code of your authenticator." },
    },
    handle: async (call) => {
      requireSameSite(parts.site, call.header);
      const link = await requireLink(parts, call.body.token);
      if (link.userId === undefined) throw badLink();
      const before = await requireActive(parts, link.userId);
      const { name = before.name, password } = call.body;
      requireGoodPassword(password, [before.email, name]);
      const passwordHash = await parts.hasher.hash(password);
      await takeLink(parts, call.body.token);
      await parts.credentials.setPassword(before.id, passwordHash);
      if (name !== before.name) await parts.users.update(before.id, { name });
      const user = await requireActive(parts, before.id);
      await recordAs(parts, call, user, `user.accept_${link.purpose}`);
      if (user.hasTotp) return { status: 204 };
      return signInAs(parts, call, user, passwordHash);
    },
  });
}

function setUp(parts: PeopleParts): AnyOperation {
  return defineOperation({
    id: "setUp",
    method: "post",
    path: "/setup",
    tag,
    summary: "Make the first administrator",
    access: { kind: "public", limit: 30 },
    body: z.strictObject({ token, email, name: personName, password }),
    responses: { 201: { description: "Made, and signed in.", schema: meSchema } },
    handle: async (call) => {
      requireSameSite(parts.site, call.header);
      const link = await requireLink(parts, call.body.token);
      if (link.purpose !== "setup") throw badLink();
      const { email, name, password } = call.body;
      requireGoodPassword(password, [email, name]);
      const passwordHash = await parts.hasher.hash(password);
      await takeLink(parts, call.body.token);
      const roles = new Map([[everyTenant, "administrator" as const]]);
      const user = await parts.users.createFirst({ email, name, roles, passwordHash, createdAt: parts.now() });
      await recordAs(parts, call, user, "user.create");
      return signInAs(parts, call, user, passwordHash);
    },
  });
}

type AnonymousCall = Pick<Call<unknown, unknown, unknown>, "ip" | "requestId" | "header">;

async function signInAs(parts: PeopleParts, call: AnonymousCall, user: User, passwordHash: string): Promise<Reply> {
  const opened = await openSignIn(parts, { userId: user.id, method: "link", passwordHash }, call);
  const signedIn = { user, method: "link", token: opened.token };
  const body = await describeCaller(parts, userCaller(user, opened.id), signedIn);
  return { status: 201, body, cookies: [opened.cookie] };
}

async function recordAs(parts: PeopleParts, call: AnonymousCall, user: User, action: string): Promise<void> {
  const { id, email, name, roles } = user;
  const change = {
    action,
    target: { kind: "user", id },
    after: { email, name, roles: Object.fromEntries(roles) },
  };
  await recordChange(parts.audit, { ...call, caller: userCaller(user, "") }, change, parts.now);
}

async function requireLink({ links, now }: PeopleParts, token: string): Promise<OneTimeLink> {
  const link = await links.find(hashToken(token), now());
  if (link === undefined) throw badLink();
  return link;
}

async function takeLink({ links, now }: PeopleParts, token: string): Promise<void> {
  if ((await links.use(hashToken(token), now())) === undefined) throw badLink();
}

async function requireActive({ users }: PeopleParts, userId: string): Promise<User> {
  const user = await users.get(userId);
  if (user?.status !== "active") throw badLink();
  return user;
}

function badLink(): AppError {
  return new AppError("not_found", "This link is used, expired or not complete. Ask for a new one.");
}
