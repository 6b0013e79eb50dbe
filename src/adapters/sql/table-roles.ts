import type { Tables } from "./tables.ts";

/** What becomes of a table when everything is moved to another database. */
export type TableRole =
  /** Row by row, in the order of these columns, which name a row. */
  | {
      readonly kind: "copied";
      readonly key: readonly string[];
      readonly seedColumn?: string;
      readonly rowsAtOnce?: number;
    }
  /** Through the contract of configuration stores. */
  | { readonly kind: "documents" }
  /** Not at all: it holds for a time only, or for this database only. */
  | { readonly kind: "left" };

/**
 * Every table; who adds one decides here what becomes of it. Rows that migrations have made have 0 in `seedColumn` and
 * make room for those that are copied. `rowsAtOnce` is how many are read at once, where rows may be large.
 */
export const tableRoles: { readonly [T in keyof Tables]: TableRole } = {
  schema_migrations: { kind: "left" },
  revisions: { kind: "left" },
  documents: { kind: "documents" },
  document_versions: { kind: "documents" },
  tenants: { kind: "copied", key: ["id"], seedColumn: "created_at" },
  users: { kind: "copied", key: ["id"] },
  recovery_codes: { kind: "copied", key: ["user_id", "hash"] },
  memberships: { kind: "copied", key: ["user_id", "tenant"] },
  identities: { kind: "copied", key: ["id"] },
  api_keys: { kind: "copied", key: ["id"] },
  settings: { kind: "copied", key: ["name"] },
  audit_log: { kind: "copied", key: ["id"] },
  secrets: { kind: "copied", key: ["tenant", "name"] },
  conversations: { kind: "copied", key: ["id"], rowsAtOnce: 20 },
  // Up to 4 MB each.
  conversation_messages: { kind: "copied", key: ["conversation_id", "number"], rowsAtOnce: 10 },
  // Up to some megabytes each.
  server_imports: { kind: "copied", key: ["tenant", "server"], rowsAtOnce: 10 },
  gateways: { kind: "left" },
  sign_ins: { kind: "left" },
  one_time_links: { kind: "left" },
  throttles: { kind: "left" },
  idempotency_keys: { kind: "left" },
};
