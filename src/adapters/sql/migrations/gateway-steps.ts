import { columns, createTable, longText, type MigrationStep } from "./migration.ts";

export const gatewaySteps: readonly MigrationStep[] = [
  {
    name: "0300-gateways",
    up: async (context) => {
      await createTable(context, "gateways")
        .addColumn("id", columns.key, (column) => column.primaryKey())
        .addColumn("name", columns.key, (column) => column.notNull())
        .addColumn("reported_at", columns.integer, (column) => column.notNull())
        .addColumn("report", longText(context.traits), (column) => column.notNull())
        .execute();
    },
  },
];
