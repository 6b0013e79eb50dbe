/** Tables of tenants, people and what they sign in with. Times are milliseconds since 1970, flags 0 or 1. */
export interface PeopleTables {
  tenants: TenantRow;
  users: UserRow;
  recovery_codes: { user_id: string; hash: string };
  memberships: { user_id: string; tenant: string; role: string };
  /** `id` is a hash of issuer and subject, which are longer than a key may be. */
  identities: { id: string; user_id: string; provider: string; subject: string; linked_at: number };
  sign_ins: SignInRow;
  one_time_links: OneTimeLinkRow;
  throttles: { name: string; failures: number; failed_at: number; blocked_until: number };
  api_keys: ApiKeyRow;
}

export interface TenantRow {
  id: string;
  title: string;
  prefix: string | null;
  disabled: number;
  created_at: number;
}

export interface UserRow {
  id: string;
  /** In lower case. */
  email: string;
  name: string;
  status: string;
  must_change_password: number;
  password_hash: string | null;
  /** Sealed, as JSON; `totp_pending` waits for its first code. */
  totp_secret: string | null;
  totp_pending: string | null;
  /** Number of the 30-second step whose code was used last. */
  totp_step: number;
  created_at: number;
  signed_in_at: number | null;
}

export interface SignInRow {
  id: string;
  token_hash: string;
  user_id: string;
  method: string;
  created_at: number;
  used_at: number;
  ip: string;
  user_agent: string;
}

export interface OneTimeLinkRow {
  hash: string;
  purpose: string;
  user_id: string | null;
  created_by: string;
  created_at: number;
  expires_at: number;
}

export interface ApiKeyRow {
  id: string;
  sha256: string;
  hint: string;
  name: string;
  owner_id: string;
  tenant: string;
  purpose: string;
  role: string | null;
  /** JSON lists of texts. */
  servers: string | null;
  tools: string | null;
  created_at: number;
  expires_at: number | null;
  used_at: number | null;
}
