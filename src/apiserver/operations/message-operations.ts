import * as z from "zod";
import { type ConversationParts, requireOwn, requireReadable } from "../conversations/conversation-access.ts";
import {
  conversationParams,
  leaf,
  maxMessageBodyBytes,
  message,
  messageChange,
  messageConflict,
  messageParams,
  newMessage,
} from "../conversations/conversation-schemas.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-schema.ts";
import { etagOf, ifMatchHeader, requireIfMatch } from "../servers/if-match.ts";

export type MessageParts = Pick<ConversationParts, "conversations">;

const tag = "Conversations";
const read = { kind: "permission", permission: "chat.read" } as const;
const use = { kind: "permission", permission: "chat.use" } as const;

/** Messages of a conversation, which are a tree. */
export function messageOperations(parts: MessageParts): readonly AnyOperation[] {
  return [listMessages(parts), appendMessage(parts), updateMessage(parts)];
}

function listMessages(parts: MessageParts): AnyOperation {
  return defineOperation({
    id: "listMessages",
    method: "get",
    path: "/tenants/{tenant}/conversations/{conversation}/messages",
    tag,
    summary: "List the messages of a conversation",
    description:
      "The branch that is shown, from its beginning; that of another leaf; or all branches with `of=tree`. A page has fewer messages than `limit` when they are large.",
    access: read,
    params: conversationParams,
    query: pageQuery.extend({ of: z.enum(["path", "tree"]).default("path"), leaf: leaf.optional() }),
    responses: {
      200: { description: "By number.", schema: pageOf(message) },
      404: { description: "There is no such conversation that the caller may read, or no such leaf in it." },
    },
    handle: async (call) => {
      const { of, leaf: leafId, ...query } = call.query;
      const found = await requireReadable(parts, call);
      const kind = of === "tree" ? ({ kind: "tree" } as const) : ({ kind: "path", leafId } as const);
      return { status: 200, body: await parts.conversations.messages(found, { ...query, of: kind }) };
    },
  });
}

function appendMessage(parts: MessageParts): AnyOperation {
  return defineOperation({
    id: "appendMessage",
    method: "post",
    path: "/tenants/{tenant}/conversations/{conversation}/messages",
    tag,
    summary: "Append a message to a conversation",
    description:
      "It becomes the leaf. To edit a question or to have another answer, append to the message before it: that is another branch.",
    access: use,
    isCreation: true,
    params: conversationParams,
    body: newMessage,
    maxBodyBytes: maxMessageBodyBytes,
    responses: {
      201: { description: "The message.", schema: message },
      403: { description: "The conversation belongs to somebody else." },
      404: { description: "There is no such conversation that the caller may read." },
      413: { description: "The message is too large, or all messages of the conversation are together." },
      422: { description: "`parentId` is no message of it, or it has as many messages as are kept." },
    },
    handle: async (call) => {
      const made = await parts.conversations.append(await requireOwn(parts, call), call.body);
      return { status: 201, headers: { etag: etagOf(made) }, body: made };
    },
  });
}

function updateMessage(parts: MessageParts): AnyOperation {
  return defineOperation({
    id: "updateMessage",
    method: "patch",
    path: "/tenants/{tenant}/conversations/{conversation}/messages/{message}",
    tag,
    summary: "Change a message",
    description:
      "What is absent stays; `parts` and `usage` are replaced. Whoever streams an answer writes what has come this way, at least every 15 seconds.",
    access: use,
    params: messageParams,
    body: messageChange,
    maxBodyBytes: maxMessageBodyBytes,
    headers: [ifMatchHeader],
    responses: {
      200: { description: "The message now.", schema: message },
      403: { description: "The conversation belongs to somebody else." },
      404: { description: "There is no such conversation that the caller may read, or no such message in it." },
      409: { description: "It was changed meanwhile; `current` is what it is.", schema: messageConflict },
      413: { description: "The message is too large, or all messages of the conversation are together." },
      428: { description: "If-Match is missing." },
    },
    handle: async (call) => {
      const basedOn = requireIfMatch(call);
      const found = await requireOwn(parts, call);
      const after = await parts.conversations.updateMessage(found, call.params.message, call.body, basedOn);
      return { status: 200, headers: { etag: etagOf(after) }, body: after };
    },
  });
}
