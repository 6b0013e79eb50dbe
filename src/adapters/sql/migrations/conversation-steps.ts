import { columns, createTable, longText, type MigrationStep } from "./migration.ts";

const { key, name, integer } = columns;

/** Conversations with models. Numbers 0700 to 0799. */
export const conversationSteps: readonly MigrationStep[] = [
  {
    name: "0700-conversations",
    up: async (context) => {
      const text = longText(context.traits);
      await createTable(context, "conversations")
        .addColumn("id", name, (column) => column.primaryKey())
        .addColumn("tenant", name, (column) => column.notNull())
        .addColumn("owner_id", name, (column) => column.notNull())
        .addColumn("key_id", name)
        .addColumn("title", text, (column) => column.notNull())
        .addColumn("search_title", text, (column) => column.notNull())
        .addColumn("model", key)
        .addColumn("servers", text, (column) => column.notNull())
        .addColumn("archived", integer, (column) => column.notNull())
        .addColumn("shared", integer, (column) => column.notNull())
        .addColumn("leaf_id", name)
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("messages", integer, (column) => column.notNull())
        .addColumn("bytes", integer, (column) => column.notNull())
        .addColumn("input_tokens", integer, (column) => column.notNull())
        .addColumn("output_tokens", integer, (column) => column.notNull())
        .addColumn("cost_micro_dollars", integer, (column) => column.notNull())
        .addColumn("latency_ms", integer, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("updated_at", integer, (column) => column.notNull())
        .addColumn("deleted_at", integer)
        // The last ones: SQLite reads a row from its beginning, and looking for conversations does not need them.
        .addColumn("settings", text, (column) => column.notNull())
        .addColumn("system_prompt", text, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: "0701-conversations-by-owner",
    up: async ({ db }) => {
      await db.schema
        .createIndex("conversations_owner")
        .on("conversations")
        .columns(["owner_id", "tenant", "updated_at", "id"])
        .execute();
    },
  },
  {
    name: "0702-conversations-by-tenant",
    up: async ({ db }) => {
      await db.schema
        .createIndex("conversations_tenant")
        .on("conversations")
        .columns(["tenant", "shared", "updated_at", "id"])
        .execute();
    },
  },
  {
    name: "0703-conversations-by-deletion",
    up: async ({ db }) => {
      await db.schema.createIndex("conversations_deleted_at").on("conversations").column("deleted_at").execute();
    },
  },
  {
    name: "0704-conversation-messages",
    up: async (context) => {
      const text = longText(context.traits);
      await createTable(context, "conversation_messages")
        .addColumn("id", name, (column) => column.notNull().unique())
        .addColumn("conversation_id", name, (column) => column.notNull())
        .addColumn("number", integer, (column) => column.notNull())
        .addColumn("parent_id", name)
        .addColumn("role", name, (column) => column.notNull())
        .addColumn("state", name, (column) => column.notNull())
        .addColumn("model", key)
        .addColumn("usage_json", text, (column) => column.notNull())
        .addColumn("version", integer, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("updated_at", integer, (column) => column.notNull())
        .addColumn("streaming_at", integer)
        .addColumn("bytes", integer, (column) => column.notNull())
        .addColumn("error", text)
        .addColumn("search_text", text, (column) => column.notNull())
        // The last one: what is searched is read without it.
        .addColumn("parts", text, (column) => column.notNull())
        .addPrimaryKeyConstraint("conversation_messages_pk", ["conversation_id", "number"])
        .execute();
    },
  },
  {
    name: "0705-conversation-messages-by-streaming",
    up: async ({ db }) => {
      await db.schema
        .createIndex("conversation_messages_streaming_at")
        .on("conversation_messages")
        .column("streaming_at")
        .execute();
    },
  },
];
