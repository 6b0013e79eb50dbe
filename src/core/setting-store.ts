import type { Author } from "./config-store.ts";

/** A setting as it is kept: any JSON value under a name. */
export interface StoredSetting {
  readonly value: unknown;
  /** 1, 2, 3 … with each change. */
  readonly version: number;
  readonly updatedBy: Author;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

export interface PutSetting {
  readonly name: string;
  readonly value: unknown;
  readonly author: Author;
  /** Version that the change is based on; 0 for a setting that was never made. */
  readonly basedOn: number;
}

/**
 * Keeps what administrators set while the program runs. Calls may overlap. Errors: `conflict` when `basedOn` is not the
 * version that is kept, `unavailable` when the store does not answer.
 */
export interface SettingStore {
  get(name: string): Promise<StoredSetting | undefined>;
  put(setting: PutSetting): Promise<StoredSetting>;
}
