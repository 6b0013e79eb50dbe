import {
  conversationLimits,
  type Message,
  messageRoles,
  messageStates,
  type MessageUsage,
} from "../../../core/conversation-store.ts";
import { AppError } from "../../../core/errors.ts";
import type { MessagePart } from "../../../core/message-part.ts";
import type { MessageRow } from "./conversation-tables.ts";
import { searchTextOf } from "./search-text.ts";

export function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    ...(row.parent_id === null ? {} : { parentId: row.parent_id }),
    number: row.number,
    role: messageRoles.find((role) => role === row.role) ?? "system",
    // A state that this program does not know is over.
    state: messageStates.find((state) => state === row.state) ?? "interrupted",
    parts: JSON.parse(row.parts) as MessagePart[], // `partColumns` wrote it
    ...(row.model === null ? {} : { model: row.model }),
    usage: usageOf(row),
    ...(row.error === null ? {} : { error: row.error }),
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function usageOf({ usage_json: json }: Pick<MessageRow, "usage_json">): MessageUsage {
  return JSON.parse(json) as MessageUsage; // it was written from one
}

/** What the parts of a message are kept as; @throws AppError `payload_too_large` */
export function partColumns(parts: readonly MessagePart[]): Pick<MessageRow, "parts" | "bytes" | "search_text"> {
  const text = JSON.stringify(parts);
  const bytes = Buffer.byteLength(text);
  if (bytes > conversationLimits.messageBytes)
    throw new AppError(
      "payload_too_large",
      `The message has ${bytes} bytes; a message of a conversation has at most ${conversationLimits.messageBytes}. Send smaller files.`,
    );
  return { parts: text, bytes, search_text: searchTextOf(parts) };
}
