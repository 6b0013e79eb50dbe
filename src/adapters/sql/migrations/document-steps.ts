import { columns, createTable, exactName, longText, type MigrationStep } from "./migration.ts";

/** Numbers 0100 to 0199. */
export const documentSteps: readonly MigrationStep[] = [
  {
    name: "0100-document-versions",
    up: async (context) => {
      await createTable(context, "document_versions")
        .addColumn("tenant", exactName(context.traits), (column) => column.notNull())
        .addColumn("name", exactName(context.traits), (column) => column.notNull())
        .addColumn("version", columns.integer, (column) => column.notNull())
        .addColumn("revision", columns.integer, (column) => column.notNull())
        .addColumn("change", columns.name, (column) => column.notNull())
        .addColumn("hash", columns.name, (column) => column.notNull())
        .addColumn("author_id", columns.key, (column) => column.notNull())
        .addColumn("author_name", columns.key, (column) => column.notNull())
        .addColumn("message", longText(context.traits), (column) => column.notNull())
        .addColumn("saved_at", columns.integer, (column) => column.notNull())
        .addColumn("tags", longText(context.traits), (column) => column.notNull())
        .addColumn("summary", longText(context.traits))
        // The last one: SQLite reads a row from its beginning, and lists do not need the text.
        .addColumn("text", longText(context.traits))
        .addPrimaryKeyConstraint("document_versions_key", ["tenant", "name", "version"])
        .execute();
    },
  },
  {
    name: "0101-documents",
    up: async (context) => {
      await createTable(context, "documents")
        .addColumn("tenant", exactName(context.traits), (column) => column.notNull())
        .addColumn("name", exactName(context.traits), (column) => column.notNull())
        .addColumn("version", columns.integer, (column) => column.notNull())
        .addColumn("revision", columns.integer, (column) => column.notNull())
        .addColumn("is_deleted", columns.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint("documents_key", ["tenant", "name"])
        .execute();
    },
  },
  {
    name: "0102-documents-by-revision",
    up: async ({ db }) => {
      await db.schema.createIndex("documents_by_revision").on("documents").column("revision").execute();
    },
  },
];
