import { columns, createTable, longText, type MigrationStep } from "./migration.ts";

/** Tables of the apiserver's frame: requests that run once, and settings of the instance. */
export const serverSteps: readonly MigrationStep[] = [
  {
    name: "0600-idempotency-keys",
    up: async (context) => {
      await createTable(context, "idempotency_keys")
        .addColumn("caller", columns.key, (column) => column.notNull())
        .addColumn("key_hash", columns.name, (column) => column.notNull())
        .addColumn("request_hash", columns.name, (column) => column.notNull())
        .addColumn("started_at", columns.integer, (column) => column.notNull())
        .addColumn("answer", longText(context.traits))
        .addPrimaryKeyConstraint("idempotency_keys_pk", ["caller", "key_hash"])
        .execute();
    },
  },
  {
    name: "0601-idempotency-keys-by-age",
    up: async ({ db }) => {
      await db.schema
        .createIndex("idempotency_keys_started_at")
        .on("idempotency_keys")
        .columns(["started_at"])
        .execute();
    },
  },
  {
    name: "0602-settings",
    up: async (context) => {
      await createTable(context, "settings")
        .addColumn("name", columns.name, (column) => column.primaryKey())
        .addColumn("value", longText(context.traits), (column) => column.notNull())
        .addColumn("version", columns.integer, (column) => column.notNull())
        .addColumn("updated_by_id", columns.key, (column) => column.notNull())
        .addColumn("updated_by_name", columns.key, (column) => column.notNull())
        .addColumn("updated_at", columns.integer, (column) => column.notNull())
        .execute();
    },
  },
];
