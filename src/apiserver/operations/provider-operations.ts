import { randomBytes } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { recordChange } from "../audit.ts";
import { apiRoot } from "../app.ts";
import { type AnyOperation, type Call, defineOperation, type Reply } from "../operation.ts";
import { userCaller } from "../sign-in/authenticate-caller.ts";
import { forgetCookie, readCookie, setCookie } from "../sign-in/cookies.ts";
import { openSignIn } from "../sign-in/open-sign-in.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import { admitIdentity, type NewcomerRule } from "../sign-in/providers/admit-identity.ts";
import { type FlowCookie, flowLifetimeMs } from "../sign-in/providers/flow-cookie.ts";
import type { IdentityProvider, SignInFlow } from "../sign-in/providers/identity-provider.ts";
import { urlOf } from "../sign-in/site.ts";

const tag = "Signing in";

export interface ProviderParts extends PeopleParts {
  readonly providers: readonly IdentityProvider[];
  readonly newcomers: NewcomerRule | undefined;
  readonly flowCookie: FlowCookie;
  readonly log: Log;
}

const params = z.object({ provider: z.string().max(32) });

/** Signing in with OpenID Connect, Google or GitHub: away and back. */
export function providerOperations(parts: ProviderParts): readonly AnyOperation[] {
  return [goToProvider(parts), comeBack(parts)];
}

function goToProvider(parts: ProviderParts): AnyOperation {
  return defineOperation({
    id: "signInWithProvider",
    method: "get",
    path: "/sign-in/{provider}",
    tag,
    summary: "Go to a provider to sign in",
    description: "A browser that is on its way gets /sign-in?problem=REASON when the provider is away.",
    access: { kind: "public", limit: 60 },
    params,
    query: z.object({ returnTo: z.string().max(2_000).optional() }),
    responses: { 303: { description: "To the provider." } },
    handle: async (call) => {
      const provider = requireProvider(parts, call.params.provider);
      try {
        return await leaveFor(parts, provider, ownPath(call.query.returnTo));
      } catch (error) {
        // A person who pressed a button reads a page, a script a problem.
        if (call.header("sec-fetch-dest") !== "document") throw error;
        return refuse(parts, provider, call, error);
      }
    },
  });
}

async function leaveFor(parts: ProviderParts, provider: IdentityProvider, returnTo: string): Promise<Reply> {
  const random = (): string => randomBytes(32).toString("base64url");
  const flow: SignInFlow = {
    provider: provider.id,
    state: random(),
    nonce: random(),
    codeVerifier: random(),
    returnTo,
  };
  const location = await provider.authorizationUrl(flow, redirectUri(parts, provider));
  const value = parts.flowCookie.write(flow, parts.now());
  return { status: 303, headers: { location }, cookies: [setCookie(parts.site, "flow", value, flowLifetimeMs)] };
}

function comeBack(parts: ProviderParts): AnyOperation {
  return defineOperation({
    id: "finishSignInWithProvider",
    method: "get",
    path: "/sign-in/{provider}/callback",
    tag,
    summary: "Come back from a provider",
    description: "Goes on to the page that one came from; when it does not work, to /sign-in?problem=REASON.",
    access: { kind: "public", limit: 60 },
    params,
    query: z.looseObject({}),
    responses: { 303: { description: "To a page of this site." } },
    handle: async (call) => {
      const provider = requireProvider(parts, call.params.provider);
      try {
        return await finish(parts, provider, call);
      } catch (error) {
        return refuse(parts, provider, call, error);
      }
    },
  });
}

type CallbackCall = Pick<
  Call<unknown, Readonly<Record<string, unknown>>, unknown>,
  "query" | "header" | "ip" | "requestId"
>;

async function finish(parts: ProviderParts, provider: IdentityProvider, call: CallbackCall): Promise<Reply> {
  const cookie = readCookie(parts.site, call.header("cookie"), "flow");
  const flow = cookie === undefined ? undefined : parts.flowCookie.read(cookie, parts.now());
  if (flow?.provider !== provider.id)
    throw new AppError("forbidden", "The sign-in was not begun in this browser, or took too long.", {
      data: { reason: "expired" },
    });
  const query = new URLSearchParams(
    Object.entries(call.query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const identity = await provider.identify(flow, redirectUri(parts, provider), `?${query.toString()}`);
  const { user, made } = await admitIdentity(parts, provider, identity, parts.newcomers);
  const opened = await openSignIn(parts, { userId: user.id, method: provider.id }, call);
  const change = {
    action: "session.open",
    target: { kind: "user", id: user.id },
    after: { method: provider.id, ...(made === undefined ? {} : { made }) },
  };
  await recordChange(parts.audit, { ...call, caller: userCaller(user, opened.id) }, change, parts.now);
  return away(parts, flow.returnTo, opened.cookie);
}

async function refuse(
  parts: ProviderParts,
  provider: IdentityProvider,
  call: CallbackCall,
  error: unknown,
): Promise<Reply> {
  if (!(error instanceof AppError)) throw error;
  const reason = reasonOf(error);
  parts.log.warn("sign-in with a provider failed", { provider: provider.id, reason, error });
  const target = { kind: "provider", id: provider.id };
  const change = { action: "session.open_failed", target, after: { reason } };
  await recordChange(parts.audit, { ...call, caller: undefined }, change, parts.now);
  return away(parts, `/sign-in?problem=${encodeURIComponent(reason)}`);
}

function reasonOf({ code, data }: AppError): string {
  if (typeof data === "object" && data !== null && "reason" in data) return String(data.reason);
  return code === "unauthorized" ? "refused" : code === "unavailable" ? "unavailable" : "provider";
}

function away(parts: ProviderParts, path: string, ...cookies: readonly string[]): Reply {
  const location = urlOf(parts.site, path);
  return { status: 303, headers: { location }, cookies: [forgetCookie(parts.site, "flow"), ...cookies] };
}

function requireProvider({ providers }: ProviderParts, id: string): IdentityProvider {
  const provider = providers.find((candidate) => candidate.id === id);
  if (provider === undefined) throw new AppError("not_found", "There is no such provider.");
  return provider;
}

/** Never taken from the request: providers compare it by the letter. */
function redirectUri({ site }: ProviderParts, { id }: IdentityProvider): string {
  return urlOf(site, `${apiRoot}/sign-in/${id}/callback`);
}

/** A path of our own site, whatever was asked for. */
function ownPath(returnTo: string | undefined): string {
  const base = "https://site.invalid";
  if (returnTo === undefined || !/^\/(?![/\\])/.test(returnTo) || !URL.canParse(returnTo, base)) return "/";
  const url = new URL(returnTo, base);
  return url.origin === base ? url.pathname.replace(/^\/{2,}/, "/") + url.search + url.hash : "/";
}
