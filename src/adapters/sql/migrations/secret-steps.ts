import { columns, createTable, longText, type MigrationStep } from "./migration.ts";

export const secretSteps: readonly MigrationStep[] = [
  {
    name: "0200-secrets",
    up: async (context) => {
      const text = longText(context.traits);
      await createTable(context, "secrets")
        .addColumn("tenant", columns.name, (column) => column.notNull())
        .addColumn("name", columns.name, (column) => column.notNull())
        .addColumn("description", text, (column) => column.notNull())
        .addColumn("version", columns.integer, (column) => column.notNull())
        .addColumn("key_id", columns.name, (column) => column.notNull())
        .addColumn("ciphertext", text, (column) => column.notNull())
        .addColumn("updated_by_id", columns.key, (column) => column.notNull())
        .addColumn("updated_by_name", text, (column) => column.notNull())
        .addColumn("updated_at", columns.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("secrets_pk", ["tenant", "name"])
        .execute();
    },
  },
];
