import * as z from "zod";
import { contentBlock } from "./content-schema.ts";
import { icon, mcpName, meta, templateText, templateValue } from "./template-schema.ts";

/** Where the values that completion/complete offers come from. */
export const completion = z
  .union([
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
  ])
  .meta({ id: "completion", description: "Where the values that clients offer while typing come from." });

const promptArgument = z.strictObject({
  name: z.string().min(1).describe("Name of the argument; expressions see it as args.NAME."),
  title: z.string().optional().describe("Name for people."),
  description: z.string().optional().describe("What it is and when to use it, for the model."),
  required: z.boolean().default(false).describe("Whether clients must give it."),
  type: z
    .enum(["string", "integer", "number", "boolean"])
    .default("string")
    .describe("Clients send text; it is checked and converted to this type."),
  enum: z.array(z.string()).min(1).optional().describe("The only values taken, also offered as completion."),
  default: z.union([z.string(), z.number(), z.boolean()]).optional().describe("Value when clients give none."),
  complete: completion.optional(),
});

const promptMessage = z.strictObject({
  role: z.enum(["user", "assistant"]).default("user").describe("Who says it."),
  content: contentBlock,
});

export const prompt = z
  .strictObject({
    name: mcpName.describe("Unique in the document; what clients ask for."),
    title: z.string().optional().describe("Name for people."),
    description: z.string().optional().describe("What it is and when to use it, for the model."),
    arguments: z.array(promptArgument).default([]).describe("What clients fill in."),
    messages: z.array(promptMessage).min(1).describe("The messages that clients get."),
    icons: z.array(icon).optional().describe("Images that clients may show."),
    meta: meta.optional(),
  })
  .meta({ id: "prompt", description: "A prompt: messages with arguments." });

export type PromptConfig = z.output<typeof prompt>;
export type PromptArgumentConfig = z.output<typeof promptArgument>;
export type CompletionConfig = z.output<typeof completion>;
