import * as z from "zod";
import type { Conversation } from "../../core/conversation-store.ts";
import { AppError } from "../../core/errors.ts";
import { recordChange } from "../audit.ts";
import {
  type ConversationParts,
  holderOf,
  listedFor,
  requireOwn,
  requireReadable,
} from "../conversations/conversation-access.ts";
import {
  conversation,
  conversationChange,
  conversationConflict,
  conversationParams,
  describeConversation,
  leaf,
  newConversation,
} from "../conversations/conversation-schemas.ts";
import { exportConversation, exportHeaders, exportTypes } from "../conversations/export-conversation.ts";
import { type AnyOperation, type Call, defineOperation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-schema.ts";
import { etagOf, ifMatchHeader, requireIfMatch } from "../servers/if-match.ts";
import { tenantParams } from "../servers/server-schemas.ts";

const tag = "Conversations";
const read = { kind: "permission", permission: "chat.read" } as const;
const use = { kind: "permission", permission: "chat.use" } as const;
const missing = { 404: { description: "There is no such conversation that the caller may read." } } as const;

/** Conversations with models: one's own, and those that members of the tenant share. */
export function conversationOperations(parts: ConversationParts): readonly AnyOperation[] {
  return [
    listConversations(parts),
    createConversation(parts),
    getConversation(parts),
    updateConversation(parts),
    deleteConversation(parts),
    exportOne(parts),
  ];
}

function listConversations({ conversations }: ConversationParts): AnyOperation {
  return defineOperation({
    id: "listConversations",
    method: "get",
    path: "/tenants/{tenant}/conversations",
    tag,
    summary: "List conversations",
    description: "Those that were changed last first. Nobody lists private ones of somebody else, whatever their role.",
    access: read,
    params: tenantParams,
    query: pageQuery.extend({
      of: z
        .enum(["own", "shared"])
        .default("own")
        .describe("One's own, or those that their owners share with the tenant."),
      archived: z.enum(["true", "false", "any"]).default("false"),
      search: z
        .string()
        .max(200)
        .optional()
        .describe(
          'Words, and "phrases", each of which is anywhere in the title or a message, whatever its case and accents.',
        ),
    }),
    responses: { 200: { description: "A page of them.", schema: pageOf(conversation) } },
    handle: async ({ caller, params: { tenant }, query: { of, archived, ...query } }) => {
      const isArchived = archived === "any" ? undefined : archived === "true";
      const page = await conversations.list({ ...query, tenant, isArchived, of: listedFor(caller, of) });
      const items = page.items.map((item) => describeConversation(item, caller));
      return { status: 200, body: { ...page, items } };
    },
  });
}

function createConversation({ conversations }: ConversationParts): AnyOperation {
  return defineOperation({
    id: "createConversation",
    method: "post",
    path: "/tenants/{tenant}/conversations",
    tag,
    summary: "Begin a conversation",
    description: "It belongs to whoever begins it, and is private until it is shared.",
    access: use,
    isCreation: true,
    params: tenantParams,
    body: newConversation,
    responses: {
      201: { description: "The conversation, without messages.", schema: conversation },
      404: { description: "There is no such tenant." },
      413: { description: "The settings are too large." },
      422: { description: "The caller has as many conversations as are kept." },
    },
    handle: async ({ caller, params: { tenant }, body }) => {
      const made = await conversations.create({ ...body, tenant, ...holderOf(caller) });
      return { status: 201, headers: { etag: etagOf(made) }, body: describeConversation(made, caller) };
    },
  });
}

function getConversation(parts: ConversationParts): AnyOperation {
  return defineOperation({
    id: "getConversation",
    method: "get",
    path: "/tenants/{tenant}/conversations/{conversation}",
    tag,
    summary: "Get a conversation without its messages",
    access: read,
    params: conversationParams,
    responses: { 200: { description: "The conversation.", schema: conversation }, ...missing },
    handle: async (call) => {
      const found = await requireReadable(parts, call);
      return { status: 200, headers: { etag: etagOf(found) }, body: describeConversation(found, call.caller) };
    },
  });
}

function updateConversation(parts: ConversationParts): AnyOperation {
  return defineOperation({
    id: "updateConversation",
    method: "patch",
    path: "/tenants/{tenant}/conversations/{conversation}",
    tag,
    summary: "Change, archive or share a conversation, or show another branch",
    description: "What is absent stays. Messages that are appended meanwhile are no conflict.",
    access: use,
    params: conversationParams,
    body: conversationChange,
    headers: [ifMatchHeader],
    responses: {
      200: { description: "The conversation now.", schema: conversation },
      403: { description: "It belongs to somebody else." },
      ...missing,
      409: { description: "It was changed meanwhile; `current` is what it is.", schema: conversationConflict },
      413: { description: "The settings are too large." },
      422: { description: "`leafId` is no message of it." },
      428: { description: "If-Match is missing." },
    },
    handle: async (call) => {
      const basedOn = requireIfMatch(call);
      const before = await requireOwn(parts, call);
      const after = await parts.conversations.update(before, call.body, basedOn);
      if (before.isShared !== after.isShared)
        await record(parts, call, after.isShared ? "conversation.share" : "conversation.unshare", after);
      return { status: 200, headers: { etag: etagOf(after) }, body: describeConversation(after, call.caller) };
    },
  });
}

function deleteConversation(parts: ConversationParts): AnyOperation {
  return defineOperation({
    id: "deleteConversation",
    method: "delete",
    path: "/tenants/{tenant}/conversations/{conversation}",
    tag,
    summary: "Delete a conversation with its messages",
    description: "For good.",
    access: use,
    params: conversationParams,
    responses: {
      204: { description: "It is gone." },
      403: { description: "It belongs to somebody else." },
      ...missing,
    },
    handle: async (call) => {
      const before = await requireOwn(parts, call);
      if (!(await parts.conversations.delete(before)))
        throw new AppError("not_found", "There is no such conversation in this tenant.");
      await record(parts, call, "conversation.delete", before);
      return { status: 204 };
    },
  });
}

function exportOne(parts: ConversationParts): AnyOperation {
  return defineOperation({
    id: "exportConversation",
    method: "get",
    path: "/tenants/{tenant}/conversations/{conversation}/export",
    tag,
    summary: "Export a conversation",
    description: "As JSON with all branches, or as Markdown with one of them.",
    access: read,
    params: conversationParams,
    query: z.object({
      format: z.enum(["json", "markdown"]).default("json"),
      leaf: leaf.optional().describe("Of the branch in Markdown; the one that is shown when absent."),
    }),
    responses: {
      200: {
        description: "A file, as a stream.",
        schema: z.looseObject({ format: z.string(), version: z.int(), conversation, messages: z.array(z.unknown()) }),
        otherContentTypes: [exportTypes.markdown],
      },
      ...missing,
    },
    handle: async (call) => {
      const { format, leaf: leafId } = call.query;
      const found = await requireReadable(parts, call);
      const shown = describeConversation(found, call.caller);
      const raw = await exportConversation(parts.conversations, shown, { format, leafId });
      return { status: 200, headers: exportHeaders(shown, format), raw };
    },
  });
}

/** Who reads the audit log need not be who may read the conversation: what was said in a private one is not told. */
async function record(
  parts: ConversationParts,
  call: Pick<Call<unknown, unknown, unknown>, "caller" | "ip" | "requestId">,
  action: "conversation.share" | "conversation.unshare" | "conversation.delete",
  { id, tenant, isShared, title, totals }: Conversation,
): Promise<void> {
  const facts = { isShared, ...(isShared ? { title } : {}), messages: totals.messages };
  const change = action === "conversation.delete" ? { before: facts } : { after: facts };
  await recordChange(parts.audit, call, { action, tenant, target: { kind: "conversation", id }, ...change }, parts.now);
}
