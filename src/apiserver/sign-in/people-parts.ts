import type { PasswordHasher } from "../../access/password-hasher.ts";
import type { ApiKeyStore } from "../../core/api-key-store.ts";
import type { AuditLog } from "../../core/audit-log.ts";
import type { ChangeAnnouncer } from "../../core/change-feed.ts";
import type { CredentialStore } from "../../core/credential-store.ts";
import type { KeySource } from "../../core/key-source.ts";
import type { LinkStore } from "../../core/link-store.ts";
import type { SealedValue } from "../../core/secret-store.ts";
import type { SignInStore } from "../../core/sign-in-store.ts";
import type { TenantStore } from "../../core/tenant-store.ts";
import type { ThrottleStore } from "../../core/throttle-store.ts";
import type { UserStore } from "../../core/user-store.ts";
import type { Site } from "./site.ts";

/** Seals secrets of one-time passwords, so that the database alone opens none. */
export interface TotpCipher {
  seal(place: { readonly tenant: string; readonly name: string }, value: string): SealedValue;
  open(place: { readonly tenant: string; readonly name: string }, sealed: SealedValue): string;
}

/** What accounts and signing in are made of. */
export interface PeopleParts {
  readonly tenants: TenantStore;
  readonly users: UserStore;
  readonly credentials: CredentialStore;
  readonly signIns: SignInStore;
  readonly links: LinkStore;
  readonly throttles: ThrottleStore;
  readonly keys: ApiKeyStore & Pick<KeySource, "recordUse">;
  readonly audit: AuditLog;
  readonly announcer: ChangeAnnouncer;
  readonly hasher: PasswordHasher;
  readonly cipher: TotpCipher;
  readonly site: Site;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
