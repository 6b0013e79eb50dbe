import type { Page, PageQuery } from "./page.ts";
import type { Role } from "./role.ts";

export type UserStatus = "active" | "disabled";

/** Somebody who may sign in. What they sign in with is kept by `CredentialStore`. */
export interface User {
  readonly id: string;
  /** In lower case, unique. */
  readonly email: string;
  readonly name: string;
  readonly status: UserStatus;
  /** May do nothing but change the password. */
  readonly mustChangePassword: boolean;
  readonly hasPassword: boolean;
  readonly hasTotp: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When they signed in last; never when absent. */
  readonly signedInAt?: number | undefined;
  /** Role by tenant; `*` holds everywhere. */
  readonly roles: ReadonlyMap<string, Role>;
}

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly roles: ReadonlyMap<string, Role>;
  /** Absent for somebody who is invited, or signs in with a provider. */
  readonly passwordHash?: string | undefined;
  readonly createdAt: number;
}

export interface UserChange {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  /** `disabled` ends every sign-in; keys rest until the user is active again. */
  readonly status?: UserStatus | undefined;
  readonly mustChangePassword?: boolean | undefined;
}

export interface UserQuery extends PageQuery {
  /** Part of the e-mail address or name, whatever its case. */
  readonly search?: string | undefined;
  readonly status?: UserStatus | undefined;
  /** Only members of this tenant; `*` for those of the instance. */
  readonly tenant?: string | undefined;
}

/**
 * Keeps people and their roles. Calls may overlap, in several processes.
 *
 * Errors: `conflict` for an e-mail address that is taken, and for whatever would leave `*` without an active
 * administrator who can sign in; `not_found` for a user or tenant that is not there; `unavailable`.
 */
export interface UserStore {
  /** By e-mail address. */
  list(query: UserQuery): Promise<Page<User>>;
  get(id: string): Promise<User | undefined>;
  findByEmail(email: string): Promise<User | undefined>;
  /** Whether there is nobody yet. */
  isEmpty(): Promise<boolean>;
  create(user: NewUser): Promise<User>;
  /** `conflict` as soon as there is anybody; of several calls at once one makes the user. */
  createFirst(user: NewUser): Promise<User>;
  update(id: string, change: UserChange): Promise<User>;
  /** Gives a role in a tenant instead of the one before; undefined takes it away. */
  setRole(id: string, tenant: string, role: Role | undefined): Promise<User>;
  /** With sign-ins, keys, links, identities and conversations. */
  delete(id: string): Promise<void>;
}
