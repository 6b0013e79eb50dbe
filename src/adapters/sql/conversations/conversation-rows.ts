import type { Kysely, Transaction } from "kysely";
import type { Conversation, ConversationRef } from "../../../core/conversation-store.ts";
import { AppError } from "../../../core/errors.ts";
import { isJsonObject } from "../../../core/json.ts";
import type { SqlTraits } from "../sql-dialects.ts";
import type { Tables } from "../tables.ts";
import type { ConversationRow } from "./conversation-tables.ts";

/** A conversation with what its owner is called. */
export interface OwnedRow extends ConversationRow {
  readonly owner_name: string | null;
  readonly owner_email: string | null;
}

/** Those that were not deleted. */
export function selectConversations(db: Kysely<Tables>) {
  return db
    .selectFrom("conversations as c")
    .leftJoin("users as u", "u.id", "c.owner_id")
    .selectAll("c")
    .select(["u.name as owner_name", "u.email as owner_email"])
    .where("c.deleted_at", "is", null);
}

export async function findConversation(
  db: Kysely<Tables>,
  { tenant, id }: ConversationRef,
): Promise<Conversation | undefined> {
  const row = await selectConversations(db).where("c.id", "=", id).where("c.tenant", "=", tenant).executeTakeFirst();
  return row === undefined ? undefined : toConversation(row);
}

export async function requireConversation(db: Kysely<Tables>, ref: ConversationRef): Promise<Conversation> {
  const found = await findConversation(db, ref);
  if (found === undefined) throw noSuchConversation();
  return found;
}

/** The row, which nobody else changes until the transaction ends. Call it first in a transaction. */
export async function lockConversation(
  db: Transaction<Tables>,
  traits: SqlTraits,
  { tenant, id }: ConversationRef,
): Promise<ConversationRow> {
  const row = await db
    .selectFrom("conversations")
    .selectAll()
    .where("id", "=", id)
    .where("tenant", "=", tenant)
    .where("deleted_at", "is", null)
    .$if(traits.locksRows, (select) => select.forUpdate())
    .executeTakeFirst();
  if (row === undefined) throw noSuchConversation();
  return row;
}

export function noSuchConversation(): AppError {
  return new AppError("not_found", "There is no such conversation in this tenant.");
}

export function toConversation(row: OwnedRow): Conversation {
  return {
    id: row.id,
    tenant: row.tenant,
    owner: { id: row.owner_id, name: nameOf(row) },
    ...(row.key_id === null ? {} : { keyId: row.key_id }),
    title: row.title,
    ...(row.model === null ? {} : { model: row.model }),
    servers: textsOf(row.servers),
    systemPrompt: row.system_prompt,
    settings: objectOf(row.settings),
    isArchived: row.archived === 1,
    isShared: row.shared === 1,
    ...(row.leaf_id === null ? {} : { leafId: row.leaf_id }),
    version: row.version,
    totals: {
      messages: row.messages,
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      costMicroDollars: row.cost_micro_dollars,
      latencyMs: row.latency_ms,
    },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function nameOf({ owner_name: name, owner_email: email }: OwnedRow): string {
  return name === null || name === "" ? (email ?? "") : name;
}

function textsOf(json: string): readonly string[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
}

function objectOf(json: string): Conversation["settings"] {
  const value: unknown = JSON.parse(json);
  return isJsonObject(value) ? value : {};
}
