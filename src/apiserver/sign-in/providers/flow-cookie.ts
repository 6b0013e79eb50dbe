import { createHmac, hkdfSync } from "node:crypto";
import * as z from "zod";
import { isSameText } from "../../../access/token.ts";
import type { SignInFlow } from "./identity-provider.ts";

/** How long somebody may be away at a provider. */
export const flowLifetimeMs = 10 * 60_000;

const sealedFlow = z.object({
  provider: z.string(),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
  expiresAt: z.number(),
});

/** Signs what a browser keeps while it is away, so that any replica can take it back. */
export class FlowCookie {
  readonly #key: Buffer;

  /** @param secret the same in all replicas */
  constructor(secret: Buffer) {
    this.#key = Buffer.from(hkdfSync("sha256", secret, "", "passerelle sign-in flow", 32));
  }

  write(flow: SignInFlow, now: number): string {
    const body = Buffer.from(JSON.stringify({ ...flow, expiresAt: now + flowLifetimeMs })).toString("base64url");
    return `${body}.${this.#sign(body)}`;
  }

  /** Undefined when it was not written here, or is too old. */
  read(cookie: string, now: number): SignInFlow | undefined {
    const [body = "", signature = "", ...more] = cookie.split(".");
    if (more.length > 0 || !isSameText(signature, this.#sign(body))) return undefined;
    const parsed = sealedFlow.safeParse(JSON.parse(Buffer.from(body, "base64url").toString()));
    if (!parsed.success || parsed.data.expiresAt <= now) return undefined;
    const { expiresAt: _, ...flow } = parsed.data;
    return flow;
  }

  #sign(body: string): string {
    return createHmac("sha256", this.#key).update(body).digest("base64url");
  }
}
