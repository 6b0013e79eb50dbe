import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import {
  type Conversation,
  type ConversationChange,
  type ConversationFacts,
  conversationLimits,
  type ConversationRef,
  type NewConversation,
} from "../../../core/conversation-store.ts";
import { AppError } from "../../../core/errors.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { SqlTraits } from "../sql-dialects.ts";
import type { Tables } from "../tables.ts";
import { lockConversation, requireConversation } from "./conversation-rows.ts";
import type { ConversationRow } from "./conversation-tables.ts";
import { cleanText, foldText } from "./search-text.ts";

/** As `ConversationStore.create`. */
export async function createConversation(
  db: Transaction<Tables>,
  traits: SqlTraits,
  { tenant, ownerId, keyId, ...facts }: NewConversation,
  now: number,
): Promise<Conversation> {
  await lockPlace(db, traits, tenant, ownerId);
  await requireRoom(db, tenant, ownerId);
  const row: ConversationRow = {
    id: randomUUID(),
    tenant,
    owner_id: ownerId,
    key_id: keyId ?? null,
    ...noFacts,
    ...factColumns(facts),
    archived: 0,
    shared: 0,
    leaf_id: null,
    version: 1,
    messages: 0,
    bytes: 0,
    input_tokens: 0,
    output_tokens: 0,
    cost_micro_dollars: 0,
    latency_ms: 0,
    created_at: now,
    updated_at: now,
    deleted_at: null,
  };
  await db.insertInto("conversations").values(row).execute();
  return requireConversation(db, row);
}

const noFacts = { title: "", model: null, search_title: "", servers: "[]", settings: "{}", system_prompt: "" } as const;

/** Whoever deletes the tenant or the person meanwhile waits, and then finds the conversation; or was first. */
async function lockPlace(db: Transaction<Tables>, traits: SqlTraits, tenant: string, ownerId: string): Promise<void> {
  for (const [table, id, words] of [
    ["tenants", tenant, `There is no tenant ${JSON.stringify(tenant)}.`],
    ["users", ownerId, "There is no such user."],
  ] as const) {
    const row = await db
      .selectFrom(table)
      .select("id")
      .where("id", "=", id)
      .$if(traits.locksRows, (select) => select.forUpdate())
      .executeTakeFirst();
    if (row === undefined) throw new AppError("not_found", words);
  }
}

async function requireRoom(db: Transaction<Tables>, tenant: string, ownerId: string): Promise<void> {
  const { count } = await db
    .selectFrom("conversations")
    .select(({ fn }) => fn.countAll<number | string>().as("count"))
    .where("owner_id", "=", ownerId)
    .where("tenant", "=", tenant)
    .where("deleted_at", "is", null)
    .executeTakeFirstOrThrow();
  if (Number(count) < conversationLimits.ofPerson) return;
  throw new AppError(
    "unprocessable",
    `You have ${count} conversations in this tenant; more are not kept. Delete some first.`,
  );
}

/** As `ConversationStore.update`. */
export async function changeConversation(
  db: Transaction<Tables>,
  traits: SqlTraits,
  ref: ConversationRef,
  { change, basedOn, now }: { readonly change: ConversationChange; readonly basedOn: number; readonly now: number },
): Promise<Conversation> {
  const row = await lockConversation(db, traits, ref);
  if (row.version !== basedOn)
    throw new AppError("conflict", "The conversation was changed meanwhile. Look at it, and change it again.", {
      data: { current: await requireConversation(db, ref) },
    });
  if (change.leafId !== undefined) await requireMessage(db, ref.id, change.leafId);
  const { isArchived, isShared, leafId } = change;
  await db
    .updateTable("conversations")
    .set({
      ...factColumns(change),
      ...(isArchived === undefined ? {} : { archived: isArchived ? 1 : 0 }),
      ...(isShared === undefined ? {} : { shared: isShared ? 1 : 0 }),
      ...(leafId === undefined ? {} : { leaf_id: leafId }),
      version: row.version + 1,
      updated_at: now,
    })
    .where("id", "=", ref.id)
    .execute();
  return requireConversation(db, ref);
}

/** Hides what belongs to a person or tenant that is being deleted, until `ConversationStore.purge` removes it. */
export async function markDeleted(
  db: Transaction<Tables>,
  whose: { readonly ownerId: string } | { readonly tenant: string },
): Promise<void> {
  const [column, value] =
    "tenant" in whose ? (["tenant", whose.tenant] as const) : (["owner_id", whose.ownerId] as const);
  await db
    .updateTable("conversations")
    .set((eb) => ({ deleted_at: eb.ref("updated_at") }))
    .where(column, "=", value)
    .execute();
}

/** @throws AppError `unprocessable` when it is no message of this conversation */
export async function requireMessage(db: Transaction<Tables>, conversationId: string, id: string): Promise<void> {
  const found = await db
    .selectFrom("conversation_messages")
    .select("number")
    .where("id", "=", id)
    .where("conversation_id", "=", conversationId)
    .executeTakeFirst();
  if (found !== undefined) return;
  throw new AppError("unprocessable", `${JSON.stringify(id)} is no message of this conversation.`);
}

type FactColumns = Pick<ConversationRow, "title" | "search_title" | "model" | "servers" | "settings" | "system_prompt">;

function factColumns({ title, model, servers, systemPrompt, settings }: ConversationChange): Partial<FactColumns> {
  return {
    ...(title === undefined ? {} : { title: cleanText(title), search_title: foldText(title) }),
    ...(model === undefined ? {} : { model }),
    ...(servers === undefined ? {} : { servers: JSON.stringify(servers) }),
    ...(systemPrompt === undefined ? {} : { system_prompt: cleanText(systemPrompt) }),
    ...(settings === undefined ? {} : { settings: settingsText(settings) }),
  };
}

function settingsText(settings: ConversationFacts["settings"]): string {
  const text = stringifyJson(settings);
  if (Buffer.byteLength(text) <= conversationLimits.settingsBytes) return text;
  throw new AppError(
    "payload_too_large",
    `The settings of a conversation have at most ${conversationLimits.settingsBytes} bytes.`,
  );
}
