import { columns, createTable, exactName, longText, type MigrationStep } from "./migration.ts";

const { key, name, integer } = columns;

/** What servers were imported from. Numbers 0800 to 0899. */
export const importSteps: readonly MigrationStep[] = [
  {
    name: "0800-server-imports",
    up: async (context) => {
      const text = longText(context.traits);
      await createTable(context, "server_imports")
        .addColumn("tenant", exactName(context.traits), (column) => column.notNull())
        .addColumn("server", exactName(context.traits), (column) => column.notNull())
        .addColumn("kind", name, (column) => column.notNull())
        .addColumn("source", text, (column) => column.notNull())
        .addColumn("address", text)
        .addColumn("choices", text, (column) => column.notNull())
        .addColumn("description_hash", name, (column) => column.notNull())
        .addColumn("imported_at", integer, (column) => column.notNull())
        .addColumn("imported_by_id", key, (column) => column.notNull())
        .addColumn("imported_by_name", key, (column) => column.notNull())
        .addColumn("names", text, (column) => column.notNull())
        .addColumn("document", text, (column) => column.notNull())
        .addPrimaryKeyConstraint("server_imports_pk", ["tenant", "server"])
        .execute();
    },
  },
];
