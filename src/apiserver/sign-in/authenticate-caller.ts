import type { Caller } from "../../access/caller.ts";
import { isKey } from "../../access/key-format.ts";
import { rolesOfKey } from "../../access/key-roles.ts";
import { hashToken } from "../../access/token.ts";
import type { ApiKeyInfo } from "../../core/api-key-store.ts";
import { AppError } from "../../core/errors.ts";
import type { SignIn } from "../../core/sign-in-store.ts";
import type { User } from "../../core/user-store.ts";
import { readCookie } from "./cookies.ts";
import type { PeopleParts } from "./people-parts.ts";
import { requireOwnPage } from "./same-site.ts";

export type AuthenticationParts = Pick<PeopleParts, "signIns" | "keys" | "site" | "now">;

/** Uses are remembered to the minute: one write per minute instead of one per request. */
const touchEveryMs = 60_000;
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);
/** Operations that sign somebody in, or out of nothing: a sign-in from before must not be in the way. */
const openPath = /^\/api\/v1\/(?:session|setup|links\/\w+)$/;

/**
 * Who sends a request: the user whose sign-in the cookie names, or the holder of the key in `Authorization: Bearer`.
 * Undefined when nobody says so, or the sign-in is over. Everything is asked of the store each time, so what is
 * revoked, disabled or taken away ends with the next request.
 *
 * Throws `unauthorized` for a key that is not good, `forbidden` for what another site made a browser send.
 */
export function callerAuthenticator(parts: AuthenticationParts): (request: Request) => Promise<Caller | undefined> {
  return async (request) => {
    const authorization = request.headers.get("authorization");
    if (authorization !== null) return holderOf(authorization, parts);
    const token = readCookie(parts.site, request.headers.get("cookie"), "sign-in");
    if (token === undefined || token === "") return undefined;
    const found = await parts.signIns.find(hashToken(token), parts.now());
    if (found === undefined) return undefined;
    if (request.method === "POST" && openPath.test(new URL(request.url).pathname)) return undefined;
    if (!safeMethods.has(request.method)) requireOwnPage(parts.site, (name) => request.headers.get(name), token);
    await touch(found.signIn, parts);
    return userCaller(found.user, found.signIn.id);
  };
}

async function touch({ id, usedAt }: SignIn, { signIns, now }: AuthenticationParts): Promise<void> {
  if (now() - usedAt >= touchEveryMs) await signIns.touch(id, now());
}

/** Until the password is changed, a user who must may do nothing else. */
export function userCaller(user: User, signInId: string): Caller {
  return {
    kind: "user",
    id: `user:${user.id}`,
    name: user.name === "" ? user.email : user.name,
    roles: user.mustChangePassword ? new Map() : user.roles,
    userId: user.id,
    signInId,
  };
}

async function holderOf(authorization: string, parts: AuthenticationParts): Promise<Caller> {
  const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  const found = key !== undefined && isKey(key) ? await parts.keys.find(hashToken(key), parts.now()) : undefined;
  if (found === undefined)
    throw new AppError("unauthorized", "The API key is unknown, expired or revoked, or its owner is not active.");
  const { key: info, owner } = found;
  if (info.use.kind !== "api")
    throw new AppError("unauthorized", "This key is for MCP clients. The API takes keys that were made for it.");
  await recordUse(info, parts);
  return {
    kind: "key",
    id: `key:${info.id}`,
    name: info.name,
    roles: owner.mustChangePassword ? new Map() : rolesOfKey(info.use.role, info.tenant, owner.roles),
    userId: owner.id,
  };
}

async function recordUse({ id, usedAt }: ApiKeyInfo, { keys, now }: AuthenticationParts): Promise<void> {
  if (usedAt === undefined || now() - usedAt >= touchEveryMs) await keys.recordUse(new Map([[id, now()]]));
}
