import type { AuditTables } from "./audit-tables.ts";
import type { ConversationTables } from "./conversations/conversation-tables.ts";
import type { DocumentTables } from "./documents/document-tables.ts";
import type { GatewayTables } from "./gateway-tables.ts";
import type { ImportTables } from "./import-tables.ts";
import type { PeopleTables } from "./people-tables.ts";
import type { SecretTables } from "./secret-tables.ts";
import type { ServerTables } from "./server-tables.ts";

/** Every table of the database, by name. Each room of tables says its own beside the code that uses them. */
export interface Tables
  extends MigrationTables,
    RevisionTables,
    DocumentTables,
    SecretTables,
    GatewayTables,
    PeopleTables,
    AuditTables,
    ServerTables,
    ConversationTables,
    ImportTables {}

/** Kept by the library that runs the steps. */
interface MigrationTables {
  schema_migrations: { name: string; timestamp: string };
}

/** How often each topic has changed: what readers ask before they read. Its row is locked by every change. */
interface RevisionTables {
  revisions: { topic: string; revision: number };
}
