import { AppError } from "../../../core/errors.ts";
import { GithubProvider } from "./github-provider.ts";
import type { IdentityProvider, ProviderRules } from "./identity-provider.ts";
import { OpenIdProvider } from "./openid-provider.ts";

/** The options of sign-in by providers, as settings have them. */
export interface ProviderSettings {
  readonly oidcIssuer: string | undefined;
  readonly oidcClientId: string | undefined;
  readonly oidcClientSecret: string | undefined;
  readonly oidcTitle: string;
  readonly googleClientId: string | undefined;
  readonly googleClientSecret: string | undefined;
  readonly githubClientId: string | undefined;
  readonly githubClientSecret: string | undefined;
  /** E-mail domains that providers may bring, in lower case; all when empty. */
  readonly signInDomains: readonly string[];
}

const googleIssuer = "https://accounts.google.com";

/**
 * Every provider that is set up. Connects to none yet.
 *
 * @throws AppError `invalid_configuration` for one that is set up by half
 */
export function makeProviders(settings: ProviderSettings): readonly IdentityProvider[] {
  const rules: ProviderRules = { allowedDomains: settings.signInDomains };
  const providers: IdentityProvider[] = [];
  const { oidcIssuer, oidcTitle: title } = settings;
  const oidc = clientOf("oidc", settings.oidcClientId, settings.oidcClientSecret);
  if ((oidc === undefined) !== (oidcIssuer === undefined))
    throw new AppError("invalid_configuration", "OpenID Connect needs oidcIssuer, oidcClientId and oidcClientSecret.");
  if (oidc !== undefined && oidcIssuer !== undefined)
    providers.push(new OpenIdProvider({ id: "oidc", title, issuer: oidcIssuer, ...oidc, rules }));
  const google = clientOf("google", settings.googleClientId, settings.googleClientSecret);
  if (google !== undefined)
    providers.push(new OpenIdProvider({ id: "google", title: "Google", issuer: googleIssuer, ...google, rules }));
  const github = clientOf("github", settings.githubClientId, settings.githubClientSecret);
  if (github !== undefined) providers.push(new GithubProvider({ ...github, rules }));
  return providers;
}

function clientOf(name: string, clientId: string | undefined, clientSecret: string | undefined) {
  if (clientId === undefined && clientSecret === undefined) return undefined;
  if (clientId !== undefined && clientSecret !== undefined) return { clientId, clientSecret };
  throw new AppError("invalid_configuration", `Signing in needs both ${name}ClientId and ${name}ClientSecret.`);
}
