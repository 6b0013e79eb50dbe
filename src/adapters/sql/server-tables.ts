/** Requests that must run once, with what they were answered. */
interface IdempotencyKeyRow {
  caller: string;
  key_hash: string;
  request_hash: string;
  started_at: number;
  answer: string | null;
}

export interface SettingRow {
  name: string;
  /** JSON. */
  value: string;
  version: number;
  updated_by_id: string;
  updated_by_name: string;
  updated_at: number;
}

/** Tables of the apiserver's frame. Times are milliseconds since 1970. */
export interface ServerTables {
  idempotency_keys: IdempotencyKeyRow;
  settings: SettingRow;
}
