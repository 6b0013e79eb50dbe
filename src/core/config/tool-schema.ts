import * as z from "zod";
import { contentBlock } from "./content-schema.ts";
import { httpRequest } from "./request-schema.ts";
import { icon, json, mcpName, meta, milliseconds, templateText, templateValue } from "./template-schema.ts";

/** A JSON Schema object, kept and passed on as written. */
export const jsonSchema = z.record(z.string(), json).meta({
  description: "JSON Schema (2020-12; 2019-09 and draft-07 by $schema), passed on to clients as written.",
});

const toolAnnotations = z.looseObject({
  title: z.string().optional(),
  readOnlyHint: z.boolean().optional(),
  destructiveHint: z.boolean().optional(),
  idempotentHint: z.boolean().optional(),
  openWorldHint: z.boolean().optional(),
});

/** How a backend that streams (text/event-stream or NDJSON) becomes notifications and a result. */
const stream = z.strictObject({
  progress: z
    .strictObject({
      when: templateText.optional().describe("Boolean expression over `event`; without it every event counts."),
      progress: templateValue,
      total: templateValue.optional(),
      message: templateText.optional(),
    })
    .optional(),
  log: z
    .strictObject({
      when: templateText.optional(),
      level: templateText.default("info"),
      logger: templateText.optional(),
      data: templateValue,
    })
    .optional(),
  result: z
    .enum(["last", "all"])
    .default("last")
    .describe(
      "What `response.body` is at the end: the data of the last event that was neither progress nor log, or a list of all of them.",
    ),
});

export const tool = z.strictObject({
  name: mcpName,
  title: z.string().optional(),
  description: z.string().optional(),
  upstream: z.string().describe("Name of one of the document's upstreams."),
  input: jsonSchema.default({ type: "object" }),
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
  stream: stream.optional(),
  annotations: toolAnnotations.optional(),
  icons: z.array(icon).optional(),
  meta: meta.optional(),
  timeoutMs: milliseconds.optional().describe("Instead of the upstream's timeoutMs."),
});

export type ToolConfig = z.output<typeof tool>;
