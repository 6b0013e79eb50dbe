/** `setup`: makes the first administrator. `invite`: a first password. `reset`: a new password. */
export type LinkPurpose = "setup" | "invite" | "reset";

/** A link that does one thing once. */
export interface OneTimeLink {
  readonly purpose: LinkPurpose;
  /** Absent for `setup`. */
  readonly userId?: string | undefined;
  /** Id of who made it. */
  readonly createdBy: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Keeps one-time links by the lower-case hex SHA-256 of their token. Calls may overlap. Errors: `unavailable`. */
export interface LinkStore {
  /** A user's earlier links are void from then on. */
  create(hash: string, link: OneTimeLink): Promise<void>;
  /** Undefined when it is used, expired or never was; `now` is milliseconds since 1970. */
  find(hash: string, now: number): Promise<OneTimeLink | undefined>;
  /** As `find`, and takes it away: of several calls at once one gets it. */
  use(hash: string, now: number): Promise<OneTimeLink | undefined>;
  /** Forgets those that are expired. */
  prune(now: number): Promise<number>;
}
