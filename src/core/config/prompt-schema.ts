import * as z from "zod";
import { contentBlock } from "./content-schema.ts";
import { icon, mcpName, meta, templateText, templateValue } from "./template-schema.ts";

/** Where the values that completion/complete offers come from. */
export const completion = z.union([
  z.strictObject({ values: z.array(z.string()).min(1).describe("Offered when they begin with what was typed.") }),
  z.strictObject({
    tool: mcpName.describe("Tool of this server that is called for values."),
    arguments: z
      .record(z.string(), templateValue)
      .default({})
      .describe("Sees args.value (typed so far), args.name and args.context."),
    values: templateText
      .default("${response.body}")
      .describe("List of strings; sees `response.body`, the tool's result."),
  }),
]);

const promptArgument = z.strictObject({
  name: z.string().min(1),
  title: z.string().optional(),
  description: z.string().optional(),
  required: z.boolean().default(false),
  type: z
    .enum(["string", "integer", "number", "boolean"])
    .default("string")
    .describe("Clients send text; it is checked and converted to this type."),
  enum: z.array(z.string()).min(1).optional().describe("The only values taken, also offered as completion."),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  complete: completion.optional(),
});

const promptMessage = z.strictObject({
  role: z.enum(["user", "assistant"]).default("user"),
  content: contentBlock,
});

export const prompt = z.strictObject({
  name: mcpName,
  title: z.string().optional(),
  description: z.string().optional(),
  arguments: z.array(promptArgument).default([]),
  messages: z.array(promptMessage).min(1),
  icons: z.array(icon).optional(),
  meta: meta.optional(),
});

export type PromptConfig = z.output<typeof prompt>;
export type PromptArgumentConfig = z.output<typeof promptArgument>;
export type CompletionConfig = z.output<typeof completion>;
