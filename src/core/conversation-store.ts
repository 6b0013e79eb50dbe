import type { JsonObject } from "./json.ts";
import type { MessagePart } from "./message-part.ts";
import type { Page, PageQuery } from "./page.ts";

/** What is kept at most: everything beyond is refused with a sentence that says so. */
export const conversationLimits = {
  /**
   * Parts of one message as JSON in UTF-8: a photograph of 3 MB as base64. Databases take statements of 16 MB as they
   * come, and quoting may double a text.
   */
  messageBytes: 4 * 1_048_576,
  /** Messages of one conversation, with all branches: the whole tree is looked at to find one path. */
  messages: 2_000,
  /** All messages of one conversation: what one deletion removes in one transaction. */
  conversationBytes: 64 * 1_048_576,
  /** Conversations that one person has in one tenant, archived ones too: what one search looks through. */
  ofPerson: 2_000,
  /** Characters. */
  title: 200,
  systemPrompt: 100_000,
  /** Settings as JSON in UTF-8. */
  settingsBytes: 65_536,
} as const;

/**
 * Whoever streams a message writes it at least this often, even when nothing came. What nobody has written for the
 * second time has lost its process.
 */
export const streamingBeat = { writeEveryMs: 15_000, lostAfterMs: 60_000 } as const;

export interface ConversationRef {
  readonly tenant: string;
  readonly id: string;
}

/** What a conversation has cost, over all branches. */
export interface ConversationTotals {
  readonly messages: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Millionths of a US dollar. */
  readonly costMicroDollars: number;
  /** Sum over the answers, in milliseconds. */
  readonly latencyMs: number;
}

/** What people choose for a conversation. */
export interface ConversationFacts {
  readonly title: string;
  /** The model that answers next; each message says which one wrote it. Not chosen yet when absent. */
  readonly model?: string | undefined;
  /** Names of servers whose tools the model may use. */
  readonly servers: readonly string[];
  readonly systemPrompt: string;
  /** Temperature, limits and the like; opaque to the store. */
  readonly settings: JsonObject;
}

export interface Conversation extends ConversationRef, ConversationFacts {
  /** Who it belongs to. `name` is their name or, without one, their address; empty when they are gone. */
  readonly owner: { readonly id: string; readonly name: string };
  /** Id of the API key that it was made with; absent when a person made it. */
  readonly keyId?: string | undefined;
  /** Put aside by its owner. */
  readonly isArchived: boolean;
  /** Members of the tenant may read it. */
  readonly isShared: boolean;
  /** The end of the branch that is shown; absent while there is no message. */
  readonly leafId?: string | undefined;
  /** 1, 2, 3 … with each `update`. What is appended or written to messages does not change it. */
  readonly version: number;
  readonly totals: ConversationTotals;
  /** Milliseconds since 1970; `updatedAt` is that of the last change of anything, messages too. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface NewConversation extends ConversationFacts {
  readonly tenant: string;
  readonly ownerId: string;
  readonly keyId?: string | undefined;
}

/** What is absent stays. */
export interface ConversationChange {
  readonly title?: string | undefined;
  readonly servers?: readonly string[] | undefined;
  readonly systemPrompt?: string | undefined;
  readonly settings?: JsonObject | undefined;
  /** Null takes it away. */
  readonly model?: string | null | undefined;
  readonly isArchived?: boolean | undefined;
  readonly isShared?: boolean | undefined;
  /** A message of this conversation, of whatever branch. */
  readonly leafId?: string | undefined;
}

export interface ConversationQuery extends PageQuery {
  readonly tenant: string;
  /**
   * - `own`: those of a person; with `keyId` only those that were made with that key
   * - `shared`: those that their owners share with the tenant
   */
  readonly of:
    | { readonly kind: "own"; readonly ownerId: string; readonly keyId?: string | undefined }
    | { readonly kind: "shared" };
  /** Both when absent. */
  readonly isArchived?: boolean | undefined;
  /**
   * Words, and phrases in quotation marks, each of which is in the title or in one of the messages, as any part of
   * what is written there, whatever its case and accents. The first ten count.
   */
  readonly search?: string | undefined;
}

export const messageRoles = ["user", "assistant", "tool", "system"] as const;
export type MessageRole = (typeof messageRoles)[number];

/**
 * - `streaming`: more is to come
 * - `complete`: all of it is there
 * - `interrupted`: it was stopped, or whoever streamed it is gone; what came is kept
 * - `failed`: `error` says why; what came is kept
 */
export const messageStates = ["streaming", "complete", "interrupted", "failed"] as const;
export type MessageState = (typeof messageStates)[number];

/** What a message has cost. What is absent is not known and counts as nothing. */
export interface MessageUsage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** Millionths of a US dollar. */
  readonly costMicroDollars?: number | undefined;
  /** From the request to the end of the answer. */
  readonly latencyMs?: number | undefined;
  readonly firstTokenMs?: number | undefined;
}

export interface Message {
  readonly id: string;
  readonly conversationId: string;
  /** The message that it follows; the first of a branch that begins at the root when absent. */
  readonly parentId?: string | undefined;
  /** 1, 2, 3 … of the conversation, in the order in which they were appended: greater than that of the parent. */
  readonly number: number;
  readonly role: MessageRole;
  readonly state: MessageState;
  readonly parts: readonly MessagePart[];
  /** Which model wrote it. */
  readonly model?: string | undefined;
  readonly usage: MessageUsage;
  /** Why it failed, for people. */
  readonly error?: string | undefined;
  /** 1, 2, 3 … with each change. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface NewMessage {
  /** The leaf when absent; null begins another branch at the root. */
  readonly parentId?: string | null | undefined;
  readonly role: MessageRole;
  readonly state: MessageState;
  readonly parts: readonly MessagePart[];
  readonly model?: string | undefined;
  readonly usage?: MessageUsage | undefined;
  readonly error?: string | undefined;
}

/** What is absent stays; `parts` and `usage` are replaced as a whole. */
export interface MessageChange {
  readonly state?: MessageState | undefined;
  readonly parts?: readonly MessagePart[] | undefined;
  readonly model?: string | undefined;
  readonly usage?: MessageUsage | undefined;
  /** Null takes it away. */
  readonly error?: string | null | undefined;
}

export interface MessageQuery extends PageQuery {
  /**
   * - `path`: from the root to `leafId`, or to the conversation's leaf when that is absent
   * - `tree`: all branches
   */
  readonly of: { readonly kind: "path"; readonly leafId?: string | undefined } | { readonly kind: "tree" };
}

/**
 * Keeps conversations with models: a tree of messages each, so that another answer or another question is another
 * branch. Who may see what is for the caller to decide. Calls may overlap, in several processes; what two of them do to
 * one conversation comes one after the other.
 *
 * Errors: `not_found` for a conversation, message, owner or tenant that is not there; `conflict` when `basedOn` is not
 * the version any more, with what is as `data.current`; `unprocessable` for what `conversationLimits` counts and for
 * messages that are none of this conversation; `payload_too_large` for what they weigh; `bad_request` for a cursor of
 * another list; `unavailable`.
 */
export interface ConversationStore {
  /** Those that were changed last first. A cursor stays good while others change. */
  list(query: ConversationQuery): Promise<Page<Conversation>>;
  get(ref: ConversationRef): Promise<Conversation | undefined>;
  create(conversation: NewConversation): Promise<Conversation>;
  update(ref: ConversationRef, change: ConversationChange, basedOn: number): Promise<Conversation>;
  /** With its messages, at once. False when there was none. */
  delete(ref: ConversationRef): Promise<boolean>;
  /** By number. Pages hold fewer than `limit` when messages are large; `not_found` for a leaf that is not there. */
  messages(ref: ConversationRef, query: MessageQuery): Promise<Page<Message>>;
  /** The message becomes the leaf. */
  append(ref: ConversationRef, message: NewMessage): Promise<Message>;
  /**
   * Whoever streams uses this for what has come, and as its beat (`streamingBeat`), with the version that the change
   * before gave. A `conflict` tells that the message was marked as interrupted, or stopped by somebody.
   */
  updateMessage(ref: ConversationRef, id: string, change: MessageChange, basedOn: number): Promise<Message>;
  /**
   * Marks as interrupted what is `streaming` and was not written since `olderThan` (milliseconds since 1970); what came
   * stays. Any process may do so for all: a message that is written meanwhile is left alone, and of several at once one
   * marks it. Answers how many.
   */
  interruptStreaming(olderThan: number): Promise<number>;
  /** Removes for good what belonged to people and tenants that were deleted; nobody sees it before. Answers how many. */
  purge(): Promise<number>;
}
