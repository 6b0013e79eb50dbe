import { columns, createTable, longText, type MigrationStep } from "./migration.ts";

export const auditSteps: readonly MigrationStep[] = [
  {
    name: "0500-audit-log",
    up: async (context) => {
      await createTable(context, "audit_log")
        .addColumn("id", columns.name, (column) => column.primaryKey())
        .addColumn("at", columns.integer, (column) => column.notNull())
        .addColumn("tenant", columns.name)
        .addColumn("actor_kind", columns.name, (column) => column.notNull())
        .addColumn("actor_id", columns.key, (column) => column.notNull())
        .addColumn("actor_name", longText(context.traits), (column) => column.notNull())
        .addColumn("action", columns.name, (column) => column.notNull())
        .addColumn("target_kind", columns.name, (column) => column.notNull())
        .addColumn("target_id", longText(context.traits), (column) => column.notNull())
        .addColumn("before_json", longText(context.traits))
        .addColumn("after_json", longText(context.traits))
        .addColumn("ip", columns.name)
        .addColumn("request_id", columns.key)
        .execute();
    },
  },
  {
    name: "0501-audit-log-by-tenant",
    up: async ({ db }) => {
      await db.schema.createIndex("audit_log_tenant").on("audit_log").columns(["tenant", "id"]).execute();
    },
  },
  {
    name: "0502-audit-log-by-actor",
    up: async ({ db }) => {
      await db.schema.createIndex("audit_log_actor").on("audit_log").columns(["actor_id", "id"]).execute();
    },
  },
  {
    name: "0503-audit-log-by-time",
    up: async ({ db }) => {
      await db.schema.createIndex("audit_log_at").on("audit_log").columns(["at"]).execute();
    },
  },
];
