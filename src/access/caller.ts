import type { Role } from "../core/role.ts";

/** Who calls the control plane: a user with a session, or the holder of an API key. */
export interface Caller {
  readonly kind: "user" | "key";
  /** `user:ID` or `key:ID`; never a secret. */
  readonly id: string;
  /** Name for people. */
  readonly name: string;
  /** Role by tenant; `*` holds everywhere. */
  readonly roles: ReadonlyMap<string, Role>;
  /** The user who calls, or who owns the key. Absent for programs that are no user's. */
  readonly userId?: string | undefined;
  /** Id of the sign-in that the request came with; absent for keys. */
  readonly signInId?: string | undefined;
}
