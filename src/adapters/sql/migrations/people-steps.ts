import { sql } from "kysely";
import { columns, createTable, longText, type MigrationContext, type MigrationStep } from "./migration.ts";

const { key, name, integer } = columns;

export const peopleSteps: readonly MigrationStep[] = [
  {
    name: "0400-tenants",
    up: async (context) => {
      await createTable(context, "tenants")
        .addColumn("id", name, (column) => column.primaryKey())
        .addColumn("title", key, (column) => column.notNull())
        .addColumn("prefix", key)
        .addColumn("disabled", integer, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: "0401-default-tenant",
    up: async ({ db }) => {
      await sql`insert into tenants (id, title, disabled, created_at) values ('default', 'Default', 0, 0)`.execute(db);
    },
  },
  {
    name: "0402-users",
    up: async (context) => {
      await createTable(context, "users")
        .addColumn("id", name, (column) => column.primaryKey())
        .addColumn("email", key, (column) => column.notNull().unique())
        .addColumn("name", key, (column) => column.notNull())
        .addColumn("status", name, (column) => column.notNull())
        .addColumn("must_change_password", integer, (column) => column.notNull())
        .addColumn("password_hash", key)
        .addColumn("totp_secret", longText(context.traits))
        .addColumn("totp_pending", longText(context.traits))
        .addColumn("totp_step", integer, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("signed_in_at", integer)
        .execute();
    },
  },
  {
    name: "0403-recovery-codes",
    up: async (context) => {
      await createTable(context, "recovery_codes")
        .addColumn("user_id", name, (column) => column.notNull())
        .addColumn("hash", name, (column) => column.notNull())
        .addPrimaryKeyConstraint("recovery_codes_key", ["user_id", "hash"])
        .execute();
    },
  },
  {
    name: "0404-memberships",
    up: async (context) => {
      await createTable(context, "memberships")
        .addColumn("user_id", name, (column) => column.notNull())
        .addColumn("tenant", name, (column) => column.notNull())
        .addColumn("role", name, (column) => column.notNull())
        .addPrimaryKeyConstraint("memberships_key", ["user_id", "tenant"])
        .execute();
    },
  },
  { name: "0405-memberships-by-tenant", up: (context) => index(context, "memberships", "tenant") },
  {
    name: "0406-identities",
    up: async (context) => {
      await createTable(context, "identities")
        .addColumn("id", name, (column) => column.primaryKey())
        .addColumn("user_id", name, (column) => column.notNull())
        .addColumn("provider", name, (column) => column.notNull())
        .addColumn("subject", longText(context.traits), (column) => column.notNull())
        .addColumn("linked_at", integer, (column) => column.notNull())
        .execute();
    },
  },
  { name: "0407-identities-by-user", up: (context) => index(context, "identities", "user_id") },
  {
    name: "0408-sign-ins",
    up: async (context) => {
      await createTable(context, "sign_ins")
        .addColumn("id", name, (column) => column.primaryKey())
        .addColumn("token_hash", name, (column) => column.notNull().unique())
        .addColumn("user_id", name, (column) => column.notNull())
        .addColumn("method", name, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("used_at", integer, (column) => column.notNull())
        .addColumn("ip", name, (column) => column.notNull())
        .addColumn("user_agent", longText(context.traits), (column) => column.notNull())
        .execute();
    },
  },
  { name: "0409-sign-ins-by-user", up: (context) => index(context, "sign_ins", "user_id") },
  {
    name: "0410-one-time-links",
    up: async (context) => {
      await createTable(context, "one_time_links")
        .addColumn("hash", name, (column) => column.primaryKey())
        .addColumn("purpose", name, (column) => column.notNull())
        .addColumn("user_id", name)
        .addColumn("created_by", key, (column) => column.notNull())
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("expires_at", integer, (column) => column.notNull())
        .execute();
    },
  },
  { name: "0411-one-time-links-by-user", up: (context) => index(context, "one_time_links", "user_id") },
  {
    name: "0412-throttles",
    up: async (context) => {
      await createTable(context, "throttles")
        .addColumn("name", key, (column) => column.primaryKey())
        .addColumn("failures", integer, (column) => column.notNull())
        .addColumn("failed_at", integer, (column) => column.notNull())
        .addColumn("blocked_until", integer, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: "0413-api-keys",
    up: async (context) => {
      await createTable(context, "api_keys")
        .addColumn("id", name, (column) => column.primaryKey())
        .addColumn("sha256", name, (column) => column.notNull().unique())
        .addColumn("hint", name, (column) => column.notNull())
        .addColumn("name", key, (column) => column.notNull())
        .addColumn("owner_id", name, (column) => column.notNull())
        .addColumn("tenant", name, (column) => column.notNull())
        .addColumn("purpose", name, (column) => column.notNull())
        .addColumn("role", name)
        .addColumn("servers", longText(context.traits))
        .addColumn("tools", longText(context.traits))
        .addColumn("created_at", integer, (column) => column.notNull())
        .addColumn("expires_at", integer)
        .addColumn("used_at", integer)
        .execute();
    },
  },
  { name: "0414-api-keys-by-owner", up: (context) => index(context, "api_keys", "owner_id") },
  { name: "0415-api-keys-by-tenant", up: (context) => index(context, "api_keys", "tenant") },
];

async function index({ db }: MigrationContext, table: string, column: string): Promise<void> {
  await db.schema.createIndex(`${table}_${column}`).on(table).column(column).execute();
}
