import type { Transaction } from "kysely";
import type {
  Conversation,
  ConversationChange,
  ConversationQuery,
  ConversationRef,
  ConversationStore,
  Message,
  MessageChange,
  MessageQuery,
  NewConversation,
  NewMessage,
} from "../../core/conversation-store.ts";
import { AppError } from "../../core/errors.ts";
import type { Page } from "../../core/page.ts";
import { listConversations } from "./conversations/conversation-lists.ts";
import { findConversation, lockConversation } from "./conversations/conversation-rows.ts";
import { changeConversation, createConversation } from "./conversations/conversation-writes.ts";
import { listMessages } from "./conversations/message-lists.ts";
import { appendMessage, changeMessage } from "./conversations/message-writes.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Tables } from "./tables.ts";

/** How many conversations `purge` looks for at once. */
const purgedAtOnce = 50;

/** Conversations in a database that others share: whoever opened the database closes it. */
export class SqlConversationStore implements ConversationStore {
  readonly #database: SqlDatabase;
  readonly #clock: () => number;

  /** @param clock milliseconds since 1970 */
  constructor(database: SqlDatabase, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
  }

  list(query: ConversationQuery): Promise<Page<Conversation>> {
    return listConversations(this.#database, query);
  }

  get(ref: ConversationRef): Promise<Conversation | undefined> {
    return this.#database.read((db) => findConversation(db, ref));
  }

  create(conversation: NewConversation): Promise<Conversation> {
    const { traits } = this.#database;
    return this.#database.transaction((db) => createConversation(db, traits, conversation, this.#clock()));
  }

  update(ref: ConversationRef, change: ConversationChange, basedOn: number): Promise<Conversation> {
    const { traits } = this.#database;
    return this.#database.transaction((db) =>
      changeConversation(db, traits, ref, { change, basedOn, now: this.#clock() }),
    );
  }

  async delete(ref: ConversationRef): Promise<boolean> {
    try {
      await this.#database.transaction(async (db) => {
        await lockConversation(db, this.#database.traits, ref);
        await removeConversation(db, ref.id);
      });
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === "not_found") return false;
      throw error;
    }
  }

  messages(ref: ConversationRef, query: MessageQuery): Promise<Page<Message>> {
    return this.#database.read((db) => listMessages(db, ref, query));
  }

  append(ref: ConversationRef, message: NewMessage): Promise<Message> {
    const { traits } = this.#database;
    return this.#database.transaction((db) => appendMessage(db, traits, ref, { message, now: this.#clock() }));
  }

  updateMessage(ref: ConversationRef, messageId: string, change: MessageChange, basedOn: number): Promise<Message> {
    const { traits } = this.#database;
    return this.#database.transaction((db) =>
      changeMessage(db, traits, { ...ref, messageId }, { change, basedOn, now: this.#clock() }),
    );
  }

  async interruptStreaming(olderThan: number): Promise<number> {
    // One statement: a message that is written meanwhile is not `streaming` since `olderThan` any more, or conflicts.
    const { numUpdatedRows } = await this.#database.transaction((db) =>
      db
        .updateTable("conversation_messages")
        .set(({ eb }) => ({
          state: "interrupted",
          streaming_at: null,
          version: eb("version", "+", 1),
          updated_at: this.#clock(),
        }))
        .where("streaming_at", "<", olderThan)
        .executeTakeFirstOrThrow(),
    );
    return Number(numUpdatedRows);
  }

  async purge(): Promise<number> {
    let purged = 0;
    for (;;) {
      const rows = await this.#database.read((db) =>
        db.selectFrom("conversations").select("id").where("deleted_at", "is not", null).limit(purgedAtOnce).execute(),
      );
      // Each by itself: a transaction that removes all of a person's would take too long.
      for (const { id } of rows) purged += await this.#database.transaction((db) => removeConversation(db, id));
      if (rows.length < purgedAtOnce) return purged;
    }
  }
}

async function removeConversation(db: Transaction<Tables>, id: string): Promise<number> {
  await db.deleteFrom("conversation_messages").where("conversation_id", "=", id).execute();
  const { numDeletedRows } = await db.deleteFrom("conversations").where("id", "=", id).executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
