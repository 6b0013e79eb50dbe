import { randomUUID } from "node:crypto";
import { type Transaction, sql } from "kysely";
import {
  conversationLimits,
  type ConversationRef,
  type Message,
  type MessageChange,
  type MessageUsage,
  type NewMessage,
} from "../../../core/conversation-store.ts";
import { AppError } from "../../../core/errors.ts";
import type { SqlTraits } from "../sql-dialects.ts";
import type { Tables } from "../tables.ts";
import { lockConversation } from "./conversation-rows.ts";
import type { ConversationRow, MessageRow } from "./conversation-tables.ts";
import { requireMessage } from "./conversation-writes.ts";
import { partColumns, toMessage, usageOf } from "./message-rows.ts";
import { cleanText } from "./search-text.ts";

/** As `ConversationStore.append`. */
export async function appendMessage(
  db: Transaction<Tables>,
  traits: SqlTraits,
  ref: ConversationRef,
  { message, now }: { readonly message: NewMessage; readonly now: number },
): Promise<Message> {
  const conversation = await lockConversation(db, traits, ref);
  if (conversation.messages >= conversationLimits.messages)
    throw new AppError(
      "unprocessable",
      `The conversation has ${conversation.messages} messages; more are not kept. Begin another one.`,
    );
  const { parentId = conversation.leaf_id, usage = {} } = message;
  if (parentId !== null && parentId !== conversation.leaf_id) await requireMessage(db, ref.id, parentId);
  const columns = partColumns(message.parts);
  requireRoom(conversation, columns.bytes);
  const row: MessageRow = {
    id: randomUUID(),
    conversation_id: ref.id,
    number: conversation.messages + 1,
    parent_id: parentId,
    role: message.role,
    state: message.state,
    model: message.model ?? null,
    usage_json: JSON.stringify(usage),
    version: 1,
    created_at: now,
    updated_at: now,
    streaming_at: message.state === "streaming" ? now : null,
    error: errorText(message.error ?? null),
    ...columns,
  };
  await db.insertInto("conversation_messages").values(row).execute();
  const change = { messages: row.number, leaf_id: row.id, updated_at: now };
  await count(db, ref, { ...change, bytes: columns.bytes, before: {}, after: usage });
  return toMessage(row);
}

/** As `ConversationStore.updateMessage`. */
export async function changeMessage(
  db: Transaction<Tables>,
  traits: SqlTraits,
  ref: ConversationRef & { readonly messageId: string },
  { change, basedOn, now }: { readonly change: MessageChange; readonly basedOn: number; readonly now: number },
): Promise<Message> {
  const conversation = await lockConversation(db, traits, ref);
  const before = await lockMessage(db, traits, ref);
  if (before.version !== basedOn)
    throw new AppError(
      "conflict",
      `The message was changed meanwhile: it is ${before.state} now. Look at it, and change it again.`,
      { data: { current: toMessage(before) } },
    );
  const columns = change.parts === undefined ? undefined : partColumns(change.parts);
  const addedBytes = (columns?.bytes ?? before.bytes) - before.bytes;
  if (addedBytes > 0) requireRoom(conversation, addedBytes);
  const state = change.state ?? before.state;
  const usage = change.usage ?? usageOf(before);
  const row: MessageRow = {
    ...before,
    ...columns,
    state,
    model: change.model ?? before.model,
    usage_json: JSON.stringify(usage),
    error: change.error === undefined ? before.error : errorText(change.error),
    version: before.version + 1,
    updated_at: now,
    streaming_at: state === "streaming" ? now : null,
  };
  await db.updateTable("conversation_messages").set(row).where("id", "=", row.id).execute();
  await count(db, ref, { updated_at: now, bytes: addedBytes, before: usageOf(before), after: usage });
  return toMessage(row);
}

function errorText(error: string | null): string | null {
  return error === null ? null : cleanText(error);
}

async function lockMessage(
  db: Transaction<Tables>,
  traits: SqlTraits,
  { id, messageId }: ConversationRef & { readonly messageId: string },
): Promise<MessageRow> {
  const row = await db
    .selectFrom("conversation_messages")
    .selectAll()
    .where("id", "=", messageId)
    .where("conversation_id", "=", id)
    // Whoever marks it as interrupted does not lock the conversation.
    .$if(traits.locksRows, (select) => select.forUpdate())
    .executeTakeFirst();
  if (row === undefined) throw new AppError("not_found", "There is no such message in this conversation.");
  return row;
}

function requireRoom({ bytes }: ConversationRow, added: number): void {
  if (bytes + added <= conversationLimits.conversationBytes) return;
  throw new AppError(
    "payload_too_large",
    `The messages of a conversation have at most ${conversationLimits.conversationBytes} bytes together. Begin another one.`,
  );
}

interface Counted extends Partial<Pick<ConversationRow, "messages" | "leaf_id">> {
  readonly updated_at: number;
  /** That came to the parts; negative when they became fewer. */
  readonly bytes: number;
  readonly before: MessageUsage;
  readonly after: MessageUsage;
}

/** Brings the totals of the conversation, whose row is locked, to what its messages say. */
async function count(db: Transaction<Tables>, { id }: ConversationRef, counted: Counted): Promise<void> {
  const { bytes, before, after, ...columns } = counted;
  const added = (key: keyof MessageUsage): number => Math.round(after[key] ?? 0) - Math.round(before[key] ?? 0);
  await db
    .updateTable("conversations")
    .set({
      ...columns,
      bytes: sql<number>`bytes + ${bytes}`,
      input_tokens: sql<number>`input_tokens + ${added("inputTokens")}`,
      output_tokens: sql<number>`output_tokens + ${added("outputTokens")}`,
      cost_micro_dollars: sql<number>`cost_micro_dollars + ${added("costMicroDollars")}`,
      latency_ms: sql<number>`latency_ms + ${added("latencyMs")}`,
    })
    .where("id", "=", id)
    .execute();
}
