import type { User } from "./user-store.ts";

/** One browser that a user is signed in with. (A session is of an MCP client; this is not one.) */
export interface SignIn {
  readonly id: string;
  readonly userId: string;
  /** `password`, `link`, or the name of a provider. */
  readonly method: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** To the minute. */
  readonly usedAt: number;
  readonly ip: string;
  readonly userAgent: string;
}

export interface OpenSignIn extends Omit<SignIn, "usedAt"> {
  /** Lower-case hex SHA-256 of the token in the cookie. */
  readonly tokenHash: string;
  /** What the password was checked against: a sign-in is not opened when it changed meanwhile. */
  readonly passwordHash?: string | undefined;
}

/** A sign-in ends when it is not used for `idleMs`, and `absoluteMs` after it began, whatever happens. */
export const signInLimits = { idleMs: 12 * 3_600_000, absoluteMs: 7 * 86_400_000 } as const;

/** Keeps sign-ins, by the hash of their token. Calls may overlap. Errors: `unavailable`. */
export interface SignInStore {
  /** False when the user is not active any more, or has another password. */
  open(signIn: OpenSignIn): Promise<boolean>;
  /**
   * The sign-in and its user, whose roles are those in tenants that are not disabled. Undefined when it is over or the
   * user is not active. `now` is milliseconds since 1970.
   */
  find(tokenHash: string, now: number): Promise<{ readonly signIn: SignIn; readonly user: User } | undefined>;
  /** It was used. */
  touch(id: string, at: number): Promise<void>;
  /** Gives it another token; the one before opens nothing from then on. */
  replaceToken(id: string, tokenHash: string): Promise<void>;
  /** Those of a user that are not over, last used first. */
  list(userId: string, now: number): Promise<readonly SignIn[]>;
  /** False when the user has none with this id. */
  end(userId: string, id: string): Promise<boolean>;
  /** Every one but `exceptId`; answers how many. */
  endAll(userId: string, exceptId?: string): Promise<number>;
  /** Forgets those that are over. */
  prune(now: number): Promise<number>;
}
