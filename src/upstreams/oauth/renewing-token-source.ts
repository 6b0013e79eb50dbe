import { AppError } from "../../core/errors.ts";
import { readChallenge } from "./challenge.ts";
import { coversScopes, joinScopes } from "./scopes.ts";
import type { ObtainedToken, TokenDemand } from "./token-demand.ts";
import type { TokenRefusal, TokenSource } from "./token-source.ts";

export interface RenewingTokenSourceOptions {
  /** Gets a token; never called while it is at work. */
  readonly obtain: (demand: TokenDemand) => Promise<ObtainedToken>;
  readonly close: () => Promise<void>;
  /** A token to begin with. */
  readonly accessToken: string | undefined;
  /** What an operator can do about missing scopes; undefined where the source can ask for more itself. */
  readonly scopeHint: string | undefined;
  /** For messages: "upstreams.files.oauth". */
  readonly key: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface HeldToken {
  readonly accessToken: string;
  readonly scope: string | undefined;
  /** Refusals before this time make another token look pointless. */
  readonly isFreshUntil: number;
  /** Undefined for one whose lifetime nobody knows. */
  readonly renewAt: number | undefined;
  /** So close to its end that it may be refused on its way. */
  readonly isDoubtfulFrom: number;
  /** How it was asked for; undefined for the one to begin with. */
  readonly demand: TokenDemand | undefined;
}

/** A token is renewed this long before it expires, or at half its life if that is shorter. */
const marginSeconds = 30;
/** In the last seconds of its life, or its last quarter if that is shorter, a token is sent only by who can repeat. */
const doubtfulMs = 5_000;
const freshMs = 10_000;
/** Fresh tokens that may be refused one after the other; the second is for a server that just moved. */
const mostFreshRefusals = 1;
/** How long a failure is repeated instead of asking the authorization server again. */
const failureMs = 2_000;
/** Servers that ask for more and more scopes get no further than this. */
const longestScope = 4_096;

/** Holds one token, gets the next one once for everybody, and knows when going on is pointless. */
export class RenewingTokenSource implements TokenSource {
  readonly #options: RenewingTokenSourceOptions;
  #held: HeldToken | undefined;
  #renewal: Promise<void> | undefined;
  #failure: { readonly error: unknown; readonly until: number } | undefined;
  #freshRefusals = 0;
  #isClosed = false;

  constructor(options: RenewingTokenSourceOptions) {
    this.#options = options;
    const { accessToken } = options;
    if (accessToken === undefined) return;
    this.#held = {
      accessToken,
      scope: undefined,
      isFreshUntil: -Infinity,
      renewAt: undefined,
      isDoubtfulFrom: Infinity,
      demand: undefined,
    };
  }

  /** The token that was got last, whatever its age. */
  get latest(): string | undefined {
    return this.#held?.accessToken;
  }

  /** Whether there is a token that will not be refused for its age. */
  isReady(): boolean {
    return this.#held !== undefined && this.#options.now() < this.#held.isDoubtfulFrom;
  }

  current(): string | undefined {
    const held = this.#held;
    if (held?.renewAt !== undefined && held.renewAt <= this.#options.now()) this.#renewInBackground(held);
    return held?.accessToken;
  }

  async renew(refusal: TokenRefusal): Promise<boolean> {
    const held = this.#held;
    if (held !== undefined && refusal.token !== held.accessToken) return true;
    if (this.#renewal === undefined) {
      const demand = this.#demandAfter(refusal, held);
      if (demand === undefined) return false;
      this.#throwIfUseless();
      await this.#start(demand);
    } else {
      await this.#renewal;
    }
    return this.#held?.accessToken !== refusal.token;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#options.close();
  }

  /** Undefined when another token would be refused as well. */
  #demandAfter(refusal: TokenRefusal, held: HeldToken | undefined): TokenDemand | undefined {
    const { scope: wanted, resourceMetadata } = readChallenge(refusal.challenge);
    const scope = joinScopes(held?.scope, wanted);
    if (scope !== undefined && scope.length > longestScope)
      throw this.#failed("the MCP server asks for too many scopes");
    const demand = { url: refusal.url, resourceMetadata, scope };
    const isNarrow = held !== undefined && !coversScopes(held.scope, wanted);
    if (refusal.status === 403 && held !== undefined) {
      if (!isNarrow) return undefined;
      const { scopeHint } = this.#options;
      if (scopeHint !== undefined)
        throw this.#failed(`the MCP server asks for the scope ${quoteScope(wanted)}; ${scopeHint}`);
      return { ...demand, reason: "too-narrow" };
    }
    const isFresh = held !== undefined && this.#options.now() < held.isFreshUntil;
    this.#freshRefusals = isFresh ? this.#freshRefusals + 1 : 0;
    if (this.#freshRefusals > mostFreshRefusals) return undefined;
    return { ...demand, reason: isNarrow && held.demand !== undefined ? "too-narrow" : "refused" };
  }

  #throwIfUseless(): void {
    if (this.#isClosed) throw this.#failed("the upstream is being closed");
    if (this.#failure !== undefined && this.#options.now() < this.#failure.until) throw this.#failure.error;
  }

  #renewInBackground({ demand }: HeldToken): void {
    if (demand === undefined || this.#renewal !== undefined || this.#isClosed) return;
    if (this.#failure !== undefined && this.#options.now() < this.#failure.until) return;
    // The failure is kept for whoever needs the next token; nobody waits for this one.
    this.#start({ ...demand, reason: "expiring" }).catch(() => undefined);
  }

  #start(demand: TokenDemand): Promise<void> {
    const renewal = this.#obtain(demand).finally(() => {
      this.#renewal = undefined;
    });
    this.#renewal = renewal;
    return renewal;
  }

  async #obtain(demand: TokenDemand): Promise<void> {
    const { obtain, now } = this.#options;
    try {
      const { accessToken, scope, lifetimeSeconds } = await obtain(demand);
      const at = now();
      const lifetimeMs = lifetimeSeconds === undefined ? undefined : lifetimeSeconds * 1_000;
      this.#held = {
        accessToken,
        scope: joinScopes(demand.scope, scope),
        isFreshUntil: at + Math.min(freshMs, lifetimeMs ?? freshMs),
        renewAt:
          lifetimeMs === undefined ? undefined : at + Math.max(lifetimeMs - marginSeconds * 1_000, lifetimeMs / 2),
        isDoubtfulFrom:
          lifetimeMs === undefined ? Infinity : at + Math.max(lifetimeMs - doubtfulMs, (lifetimeMs * 3) / 4),
        demand,
      };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error, until: now() + failureMs };
      throw error;
    }
  }

  #failed(reason: string): AppError {
    return new AppError("upstream_failed", `\`${this.#options.key}\`: ${reason}.`);
  }
}

/** Scopes as a server wrote them, with nothing but the characters of scopes (RFC 6749, 3.3). */
function quoteScope(scope: string | undefined): string {
  return `\`${(scope ?? "").replaceAll(/[^\x20\x21\x23-\x5b\x5d\x5f\x61-\x7e]/g, "").slice(0, 200)}\``;
}
