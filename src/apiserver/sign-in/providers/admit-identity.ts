import type { ExternalIdentity } from "../../../core/credential-store.ts";
import { AppError } from "../../../core/errors.ts";
import type { Role } from "../../../core/role.ts";
import type { User } from "../../../core/user-store.ts";
import type { PeopleParts } from "../people-parts.ts";
import type { IdentityProvider, ProvidedIdentity } from "./identity-provider.ts";

/** What strangers get who come from a provider with an address of an allowed domain. */
export interface NewcomerRule {
  readonly tenant: string;
  readonly role: Role;
}

/** The user, and what of it this sign-in has made. */
export interface Admitted {
  readonly user: User;
  readonly made: "user" | "link" | undefined;
}

/**
 * The user that an identity belongs to: the one it was bound to before; else the one with the verified address; else
 * a new one, where newcomers are wanted and the domain is listed. Without a verified address nothing is bound.
 *
 * @throws AppError `forbidden` with `data.reason`: `unverified`, `domain`, `not_invited` or `disabled`
 */
export async function admitIdentity(
  parts: PeopleParts,
  provider: IdentityProvider,
  given: ProvidedIdentity,
  newcomers: NewcomerRule | undefined,
): Promise<Admitted> {
  const identity: ExternalIdentity = { provider: provider.id, issuer: given.issuer, subject: given.subject };
  const email = given.verifiedEmail;
  if (email === undefined) throw refusal("unverified", `${provider.title} has not verified an e-mail address of you.`);
  const { allowedDomains } = provider.rules;
  const domain = email.slice(email.lastIndexOf("@") + 1);
  if (allowedDomains.length > 0 && !allowedDomains.includes(domain))
    throw refusal("domain", `Addresses of ${domain} may not sign in here.`);
  const bound = await parts.credentials.findByIdentity(identity);
  const known = bound ?? (await parts.users.findByEmail(email));
  const user = known ?? (await makeNewcomer(parts, given, email, allowedDomains.length > 0 ? newcomers : undefined));
  if (user.status !== "active") throw refusal("disabled", "This account is disabled.");
  if (bound === undefined) await parts.credentials.linkIdentity(user.id, identity, parts.now());
  return { user, made: known === undefined ? "user" : bound === undefined ? "link" : undefined };
}

async function makeNewcomer(
  parts: PeopleParts,
  { name }: ProvidedIdentity,
  email: string,
  rule: NewcomerRule | undefined,
): Promise<User> {
  // An instance without users waits for its first administrator, not for whoever comes first.
  if (rule === undefined || (await parts.users.isEmpty()))
    throw refusal("not_invited", "There is no account for you here. Ask an administrator to invite you.");
  return parts.users.create({
    email,
    name: name.slice(0, 100),
    roles: new Map([[rule.tenant, rule.role]]),
    createdAt: parts.now(),
  });
}

function refusal(reason: string, message: string): AppError {
  return new AppError("forbidden", message, { data: { reason } });
}
