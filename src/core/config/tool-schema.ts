import * as z from "zod";
import { contentBlock } from "./content-schema.ts";
import { httpRequest } from "./request-schema.ts";
import { icon, json, mcpName, meta, milliseconds, templateText, templateValue } from "./template-schema.ts";

/** A JSON Schema object, kept and passed on as written. */
export const jsonSchema = z.record(z.string(), json).meta({
  description: "JSON Schema (2020-12; 2019-09 and draft-07 by $schema), passed on to clients as written.",
});

export const toolAnnotations = z
  .looseObject({
    title: z.string().optional().describe("Name for people."),
    readOnlyHint: z.boolean().optional().describe("The tool changes nothing."),
    destructiveHint: z.boolean().optional().describe("The tool may delete or overwrite."),
    idempotentHint: z.boolean().optional().describe("Calling again with the same arguments changes nothing more."),
    openWorldHint: z.boolean().optional().describe("The tool reaches things beyond this system."),
  })
  .meta({ id: "toolAnnotations", description: "Hints for clients; they are not enforced." });

/** A question that is put to the user before a tool is called. */
export const confirm = z
  .strictObject({
    message: templateText.describe("What the user is asked; sees `args` and `principal`."),
    whenUnable: z
      .enum(["refuse", "call"])
      .default("refuse")
      .describe("What happens where the client cannot ask its user."),
  })
  .meta({ id: "confirm", description: "Ask the user, by elicitation, before the tool is called." });

/** How a backend that streams (text/event-stream or NDJSON) becomes notifications and a result. */
const stream = z.strictObject({
  progress: z
    .strictObject({
      when: templateText.optional().describe("Boolean expression over `event`; without it every event counts."),
      progress: templateValue.describe("Number that grows; sees `event` (type, id, data)."),
      total: templateValue.optional().describe("Number that progress grows to."),
      message: templateText.optional().describe("What is going on, for people."),
    })
    .optional()
    .describe("Which events become progress notifications, and how."),
  log: z
    .strictObject({
      when: templateText.optional().describe("Boolean expression over `event`; without it every event counts."),
      level: templateText
        .default("info")
        .describe("debug, info, notice, warning, error, critical, alert or emergency."),
      logger: templateText.optional().describe("Name of what logs."),
      data: templateValue.describe("The message: text or a structure."),
    })
    .optional()
    .describe("Which events become log notifications, and how."),
  result: z
    .enum(["last", "all"])
    .default("last")
    .describe(
      "What `response.body` is at the end: the data of the last event that was neither progress nor log, or a list of all of them.",
    ),
});

export const tool = z
  .strictObject({
    name: mcpName.describe("Unique in the document; what clients call."),
    title: z.string().optional().describe("Name for people."),
    description: z.string().optional().describe("What the tool does and when to use it, for the model."),
    upstream: z.string().describe("Name of one of the document's upstreams."),
    input: jsonSchema
      .default({ type: "object" })
      .describe("JSON Schema (2020-12; 2019-09 and draft-07 by $schema) of the arguments, enforced on every call."),
    request: httpRequest,
    result: templateValue
      .optional()
      .describe("The result instead of the response body; sees `response` (status, headers, body)."),
    content: z
      .array(contentBlock)
      .min(1)
      .optional()
      .describe("The content blocks instead of the ones made from the response."),
    output: jsonSchema.optional().describe("Schema of the result; clients then also get it as structuredContent."),
    stream: stream.optional().describe("For an upstream that answers with events or lines of JSON."),
    annotations: toolAnnotations.optional(),
    confirm: confirm.optional(),
    icons: z.array(icon).optional().describe("Images that clients may show."),
    meta: meta.optional(),
    timeoutMs: milliseconds.optional().describe("Instead of the upstream's timeoutMs."),
  })
  .meta({ id: "tool", description: "A tool: what clients see, and the request that a call becomes." });

export type ConfirmConfig = z.output<typeof confirm>;
export type ToolConfig = z.output<typeof tool>;
