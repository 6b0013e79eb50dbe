/** A request that must run once, by who sends it and the key that they chose. */
export interface RequestClaim {
  /** `Caller.id`. */
  readonly caller: string;
  /** Lower-case hex SHA-256 of the key. */
  readonly keyHash: string;
  /** Lower-case hex SHA-256 of what is asked for. */
  readonly requestHash: string;
}

/**
 * - `first`: nobody has asked for it; it may run now, then `keep` or `release`
 * - `running`: it runs already
 * - `differs`: the key was used for another request
 * - `answered`: what was kept of the first answer
 */
export type ClaimOutcome =
  | { readonly kind: "first" | "running" | "differs" }
  | { readonly kind: "answered"; readonly answer: string };

/**
 * Remembers answers by key for a day, so that a repeated request is not run again. Of any number of equal claims at
 * once, in all processes on the store, exactly one is `first`. A claim whose process was killed is given away again
 * after two minutes. Errors: `unavailable` when the store does not answer.
 */
export interface IdempotencyStore {
  claim(claim: RequestClaim): Promise<ClaimOutcome>;
  /** The request was answered; `answer` is opaque to the store. */
  keep(claim: RequestClaim, answer: string): Promise<void>;
  /** The request came to nothing: the key is free again. */
  release(claim: RequestClaim): Promise<void>;
  /** Forgets what is older than a day. Answers how many. */
  prune(): Promise<number>;
}
