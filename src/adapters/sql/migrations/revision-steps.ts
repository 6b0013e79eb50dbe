import { sql } from "kysely";
import { columns, createTable, type MigrationStep } from "./migration.ts";

export const revisionSteps: readonly MigrationStep[] = [
  {
    name: "0001-revisions",
    up: async (context) => {
      await createTable(context, "revisions")
        .addColumn("topic", columns.name, (column) => column.primaryKey())
        .addColumn("revision", columns.integer, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: "0002-revision-topics",
    up: async ({ db }) => {
      await sql`insert into revisions (topic, revision) values ('documents', 0), ('secrets', 0), ('keys', 0)`.execute(
        db,
      );
    },
  },
];
