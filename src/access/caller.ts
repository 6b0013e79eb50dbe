import type { Role } from "./permissions.ts";

/** Who calls the control plane: a user with a session, or the holder of an API key. */
export interface Caller {
  readonly kind: "user" | "key";
  /** `user:ID` or `key:ID`; never a secret. */
  readonly id: string;
  /** Name for people. */
  readonly name: string;
  /** Role by tenant; `*` holds everywhere. */
  readonly roles: ReadonlyMap<string, Role>;
}
