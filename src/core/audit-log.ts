import type { Page, PageQuery } from "./page.ts";

export interface AuditEntry {
  /** Sorts by time. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Absent for what belongs to no tenant. */
  readonly tenant?: string | undefined;
  readonly actor: {
    readonly kind: "user" | "key" | "program" | "anonymous";
    readonly id: string;
    readonly name: string;
  };
  /** Such as `server.save`, `session.open_failed`. */
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string };
  /** JSON values with secrets masked; absent where there is no before or after. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly ip?: string | undefined;
  readonly requestId?: string | undefined;
}

export interface AuditQuery extends PageQuery {
  /** Only of these tenants; of all, and of none, when absent. */
  readonly tenants?: readonly string[] | undefined;
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  readonly targetKind?: string | undefined;
  readonly targetId?: string | undefined;
  /** Milliseconds since 1970, inclusive and exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Who did what. Entries are never changed; old ones are forgotten by `prune` alone. */
export interface AuditLog {
  /** Resolves when the entry is durable. */
  append(entry: Omit<AuditEntry, "id">): Promise<void>;
  /** Newest first. */
  list(query: AuditQuery): Promise<Page<AuditEntry>>;
  prune(before: number): Promise<number>;
  close(): Promise<void>;
}
