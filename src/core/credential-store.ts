import type { SealedValue } from "./secret-store.ts";
import type { User } from "./user-store.ts";

/** What a user signs in with. Never leaves the program. */
export interface Credentials {
  readonly user: User;
  /** Argon2id, as text; absent when the user has no password. */
  readonly passwordHash?: string | undefined;
  /** Sealed secret of one-time passwords; absent when they are off. */
  readonly totp?: SealedValue | undefined;
  /** One that waits for its first code. */
  readonly pendingTotp?: SealedValue | undefined;
}

/** An account at a provider, bound to a user. */
export interface ExternalIdentity {
  /** Name of the provider in settings, for people. */
  readonly provider: string;
  /** URL that the subject is unique at. */
  readonly issuer: string;
  readonly subject: string;
}

/** Keeps what people sign in with. Calls may overlap. Errors: `not_found` for a user that is not there, `unavailable`. */
export interface CredentialStore {
  get(userId: string): Promise<Credentials | undefined>;
  findByEmail(email: string): Promise<Credentials | undefined>;
  /** Ends every sign-in of the user but `exceptSignIn`, forgets links, and takes `mustChangePassword` away. */
  setPassword(userId: string, passwordHash: string, exceptSignIn?: string): Promise<void>;
  /** Keeps a secret until `confirmTotp`. */
  setPendingTotp(userId: string, sealed: SealedValue): Promise<void>;
  /** Makes the pending secret, if it is still this one, the user's; replaces recovery codes. False otherwise. */
  confirmTotp(
    userId: string,
    confirmed: { readonly sealed: SealedValue; readonly step: number; readonly recoveryHashes: readonly string[] },
  ): Promise<boolean>;
  /** With recovery codes; false when it was off. */
  removeTotp(userId: string): Promise<boolean>;
  /** Marks a step as used: true once per step, and never for an earlier one. */
  useTotpStep(userId: string, step: number): Promise<boolean>;
  /** Takes a code away: true once. */
  useRecoveryCode(userId: string, hash: string): Promise<boolean>;
  replaceRecoveryCodes(userId: string, hashes: readonly string[]): Promise<void>;
  countRecoveryCodes(userId: string): Promise<number>;
  findByIdentity(identity: ExternalIdentity): Promise<User | undefined>;
  /** `conflict` when the identity is somebody else's. */
  linkIdentity(userId: string, identity: ExternalIdentity, at: number): Promise<void>;
  /** Names of providers, each once. */
  listProviders(userId: string): Promise<readonly string[]>;
}
