import * as z from "zod";
import type { Caller } from "../../access/caller.ts";
import {
  type Conversation,
  type ConversationFacts,
  conversationLimits,
  messageRoles,
  messageStates,
} from "../../core/conversation-store.ts";
import { messagePart } from "../../core/message-part.ts";
import { milliseconds } from "../operations/people-schemas.ts";
import { problemSchema } from "../problem.ts";
import { identifier, tenantParams } from "../servers/server-schemas.ts";
import { holderOf, holds } from "./conversation-access.ts";

/** A body with the largest message, whatever JSON makes of its characters. */
export const maxMessageBodyBytes = 2 * conversationLimits.messageBytes;

const id = z.string().min(1).max(64);
export const conversationParams = tenantParams.extend({ conversation: id.describe("Id of the conversation.") });
export const messageParams = conversationParams.extend({ message: id.describe("Id of the message.") });
export const leaf = id.describe("Id of the message that the branch ends with.");

const title = z.string().trim().max(conversationLimits.title);
const model = z.string().min(1).max(191).describe("The model that answers next.");
const servers = z.array(identifier).max(50).describe("Names of servers whose tools the model may use.");
const systemPrompt = z.string().max(conversationLimits.systemPrompt);
const settings = z
  .record(z.string().max(200), z.unknown())
  .transform((value) => value as ConversationFacts["settings"]) // it was parsed from JSON
  .describe("Temperature, limits and the like, up to 64 KiB of JSON; kept as they are.");

export const newConversation = z.strictObject({
  title: title.default(""),
  model: model.optional(),
  servers: servers.default([]),
  systemPrompt: systemPrompt.default(""),
  settings: settings.default({}),
});

export const conversationChange = z.strictObject({
  title: title.optional(),
  model: model.nullable().optional().describe("Null takes it away."),
  servers: servers.optional(),
  systemPrompt: systemPrompt.optional(),
  settings: settings.optional(),
  isArchived: z.boolean().optional(),
  isShared: z.boolean().optional().describe("Whether members of the tenant may read it."),
  leafId: id.optional().describe("The message that the branch ends with which is shown."),
});

const count = z.int().nonnegative();

export const conversation = z
  .strictObject({
    id: z.string(),
    tenant: z.string(),
    owner: z.strictObject({ id: z.string(), name: z.string() }),
    isOwn: z.boolean().describe("Whether the caller may change it."),
    keyId: z.string().optional().describe("The API key that it was made with; only its owner is told."),
    title: z.string(),
    model: z.string().optional(),
    servers: z.array(z.string()),
    systemPrompt: z.string(),
    settings: z.record(z.string(), z.unknown()),
    isArchived: z.boolean(),
    isShared: z.boolean(),
    leafId: z.string().optional().describe("The end of the branch that is shown; absent without messages."),
    version: z.int().describe("1, 2, 3 … with each change but those of messages; also the ETag."),
    totals: z
      .strictObject({
        messages: count,
        inputTokens: count,
        outputTokens: count,
        costMicroDollars: count.describe("Millionths of a US dollar."),
        latencyMs: count,
      })
      .describe("Of all branches."),
    createdAt: milliseconds,
    updatedAt: milliseconds,
  })
  .meta({ id: "Conversation", description: "A conversation with a model, without its messages." });

/** A conversation as the API shows it to somebody. */
export function describeConversation(
  { keyId, ...shown }: Conversation,
  caller: Caller | undefined,
): z.output<typeof conversation> {
  const isOwn = holds(holderOf(caller), { keyId, ...shown });
  return { ...shown, servers: [...shown.servers], isOwn, ...(isOwn && keyId !== undefined ? { keyId } : {}) };
}

const role = z.enum(messageRoles);
const state = z
  .enum(messageStates)
  .describe(
    "`streaming`: more is to come; a message that nobody writes for a minute becomes `interrupted`. `failed`: `error` says why.",
  );
/** No answer counts more, so that sums over a conversation stay whole numbers. */
const quantity = z.int().min(0).max(1_000_000_000).optional();
const usage = z
  .strictObject({
    inputTokens: quantity,
    outputTokens: quantity,
    costMicroDollars: quantity.describe("Millionths of a US dollar."),
    latencyMs: quantity.describe("From the request to the end of the answer."),
    firstTokenMs: quantity,
  })
  .meta({ id: "MessageUsage", description: "What a message has cost; what is absent is not known." });
const parts = z.array(messagePart).max(500).describe("In their order; up to 4 MiB as JSON.");
const error = z.string().max(10_000);
const author = z.string().min(1).max(191).describe("The model that wrote it.");

export const newMessage = z.strictObject({
  parentId: id.nullable().optional().describe("The leaf when absent; null begins another branch at the root."),
  role,
  state: state.default("complete"),
  parts,
  model: author.optional(),
  usage: usage.optional(),
  error: error.optional(),
});

export const messageChange = z.strictObject({
  state: state.optional(),
  parts: parts.optional(),
  model: author.optional(),
  usage: usage.optional(),
  error: error.nullable().optional().describe("Null takes it away."),
});

export const message = z
  .strictObject({
    id: z.string(),
    conversationId: z.string(),
    parentId: z.string().optional().describe("Absent for the first of a branch."),
    number: z.int().describe("1, 2, 3 … in the order in which they were appended."),
    role,
    state,
    parts: z.array(messagePart),
    model: z.string().optional(),
    usage,
    error: z.string().optional(),
    version: z.int().describe("1, 2, 3 … with each change; also the ETag."),
    createdAt: milliseconds,
    updatedAt: milliseconds,
  })
  .meta({ id: "Message", description: "One message of a conversation." });

/** Why a change cannot be: somebody was faster. */
export const conversationConflict = problemSchema
  .extend({ current: conversation.omit({ isOwn: true }).optional() })
  .meta({ id: "ConversationConflict", description: "What the conversation is now." });
export const messageConflict = problemSchema
  .extend({ current: message.optional() })
  .meta({ id: "MessageConflict", description: "What the message is now." });
