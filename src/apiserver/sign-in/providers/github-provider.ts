import { createHash } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../../core/errors.ts";
import type { IdentityProvider, ProvidedIdentity, ProviderRules, SignInFlow } from "./identity-provider.ts";

export interface GithubOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly rules: ProviderRules;
  /** Of another GitHub (Enterprise Server); github.com when absent. No slash at the end. */
  readonly siteUrl?: string;
  readonly apiUrl?: string;
}

const timeoutMs = 10_000;
/** Far more than the answers that are asked for have. */
const maxAnswerBytes = 262_144;

const tokenSchema = z.object({ access_token: z.string() });
const userSchema = z.object({ id: z.number().int(), login: z.string(), name: z.string().nullish() });
const emailsSchema = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

/** GitHub, which speaks OAuth 2 and has an API for who somebody is. Only a primary address that is verified counts. */
export class GithubProvider implements IdentityProvider {
  readonly id = "github";
  readonly title = "GitHub";
  readonly rules: ProviderRules;
  readonly #options: GithubOptions;
  readonly #siteUrl: string;
  readonly #apiUrl: string;

  constructor(options: GithubOptions) {
    this.rules = options.rules;
    this.#options = options;
    this.#siteUrl = options.siteUrl ?? "https://github.com";
    this.#apiUrl = options.apiUrl ?? "https://api.github.com";
  }

  async authorizationUrl(flow: SignInFlow, redirectUri: string): Promise<string> {
    const url = new URL(`${this.#siteUrl}/login/oauth/authorize`);
    url.search = new URLSearchParams({
      client_id: this.#options.clientId,
      redirect_uri: redirectUri,
      scope: "read:user user:email",
      state: flow.state,
      code_challenge: createHash("sha256").update(flow.codeVerifier).digest("base64url"),
      code_challenge_method: "S256",
    }).toString();
    return url.href;
  }

  async identify(flow: SignInFlow, redirectUri: string, query: string): Promise<ProvidedIdentity> {
    const given = new URLSearchParams(query);
    const code = given.get("code");
    if (given.get("state") !== flow.state || code === null)
      throw new AppError("unauthorized", "GitHub did not let you in.");
    const token = await this.#token(flow, redirectUri, code);
    const [user, emails] = await Promise.all([
      this.#ask(userSchema, `${this.#apiUrl}/user`, token),
      this.#ask(emailsSchema, `${this.#apiUrl}/user/emails`, token),
    ]);
    const primary = emails.find((email) => email.primary && email.verified);
    return {
      issuer: this.#siteUrl,
      subject: String(user.id),
      verifiedEmail: primary?.email.toLowerCase(),
      name: user.name ?? user.login,
    };
  }

  async #token(flow: SignInFlow, redirectUri: string, code: string): Promise<string> {
    const body = new URLSearchParams({
      client_id: this.#options.clientId,
      client_secret: this.#options.clientSecret,
      code,
      redirect_uri: redirectUri,
      code_verifier: flow.codeVerifier,
    });
    const answer = await this.#fetch(`${this.#siteUrl}/login/oauth/access_token`, { method: "POST", body });
    const parsed = tokenSchema.safeParse(answer);
    // GitHub says no with status 200.
    if (!parsed.success) throw new AppError("unauthorized", "GitHub did not let you in.");
    return parsed.data.access_token;
  }

  async #ask<T>(schema: z.ZodType<T>, url: string, token: string): Promise<T> {
    const parsed = schema.safeParse(await this.#fetch(url, { headers: { authorization: `Bearer ${token}` } }));
    if (parsed.success) return parsed.data;
    throw failed(parsed.error);
  }

  async #fetch(url: string, init: { method?: string; body?: URLSearchParams; headers?: Record<string, string> }) {
    try {
      const response = await fetch(url, {
        ...init,
        headers: { accept: "application/json", "user-agent": "passerelle", ...init.headers },
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const text = await readBounded(response);
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw failed(cause);
    }
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function failed(cause: unknown): AppError {
  return new AppError("upstream_failed", "Signing in with GitHub does not work at the moment.", { cause });
}
