import * as z from "zod";

/** Longest name of a server, tool, prompt or file. */
const name = z.string().max(255);
const mediaType = z
  .string()
  .max(255)
  .regex(/^[\w.+-]+\/[\w.+-]+(?:;.*)?$/, "must be a media type, such as image/png");
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, "must be base64 without line breaks");
const jsonText = z.string().describe("JSON as text, so that every digit stays; cut off while it is still coming.");

/** Bytes that are shown or heard; kept within the message. */
const media = { mediaType, data: base64.describe("The bytes as base64."), name: name.optional() };

const approval = z
  .strictObject({
    state: z.enum(["waiting", "granted", "refused"]),
    by: z.enum(["person", "policy"]).optional().describe("Who decided; absent while it waits."),
    decidedAt: z.int().optional().describe("Milliseconds since 1970."),
  })
  .describe("Whether the call may be made; absent when nobody was asked.");

const toolCall = z.strictObject({
  kind: z.literal("tool-call"),
  id: z.string().min(1).max(255).describe("As the model names the call."),
  server: name.optional().describe("Name of the server; absent for a tool of the model's provider."),
  tool: name,
  argumentsText: jsonText.describe("What the model wrote as arguments: JSON, cut off while it is still coming."),
  editedArgumentsText: jsonText.optional().describe("What a person made of the arguments; the call was made with it."),
  approval: approval.optional(),
  resultText: jsonText.optional().describe("JSON text of the result as the client got it; absent until there is one."),
  isError: z.boolean().optional().describe("The tool answered, and the answer says that it failed."),
  error: z.string().optional().describe("Why there is no answer, for people."),
  durationMs: z.number().nonnegative().optional(),
});

/** One piece of a message, by its kind. What is absent is not known, or has not come yet. */
export const messagePart = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("text"), text: z.string() }),
    z.strictObject({
      kind: z.literal("reasoning"),
      text: z.string(),
      signature: z.string().optional().describe("Opaque: what the model's provider wants back with it."),
    }),
    z.strictObject({ kind: z.literal("image"), ...media }),
    z.strictObject({ kind: z.literal("audio"), ...media }),
    z.strictObject({ kind: z.literal("file"), ...media }),
    toolCall,
    z.strictObject({
      kind: z.literal("prompt"),
      server: name,
      prompt: name,
      arguments: z.record(z.string(), z.string()),
      text: z.string().describe("What the server made of it, as it was put into the conversation."),
    }),
    z.strictObject({
      kind: z.literal("resource"),
      server: name,
      uri: z.string().min(1).max(8_192),
      mediaType: mediaType.optional(),
      text: z.string().optional(),
      data: base64.optional().describe("Instead of `text`: the bytes as base64."),
    }),
  ])
  .meta({ id: "MessagePart", description: "One piece of a message." });

export type MessagePart = z.output<typeof messagePart>;
