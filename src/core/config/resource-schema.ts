import * as z from "zod";
import { completion } from "./prompt-schema.ts";
import { httpRequest } from "./request-schema.ts";
import { annotationsForContent, icon, meta, templateText, templateValue } from "./template-schema.ts";

const description = {
  name: z.string().min(1),
  title: z.string().optional(),
  description: z.string().optional(),
  mimeType: z.string().optional(),
  annotations: annotationsForContent.optional(),
  icons: z.array(icon).optional(),
  meta: meta.optional(),
};

/** Exactly one of text, blob, file or upstream + request. */
const content = {
  text: templateText.optional().describe("The content itself."),
  blob: templateText.optional().describe("The content as base64 or a data: URI."),
  file: z
    .string()
    .optional()
    .describe("Path below one of the document's `files.roots`; {name} takes a variable of the URI template."),
  upstream: z.string().optional().describe("Name of the http upstream that `request` goes to."),
  request: httpRequest.optional(),
  result: templateValue.optional().describe("The content instead of the response body."),
};

export const resource = z.strictObject({
  uri: z.string().min(1),
  ...description,
  ...content,
  size: z.int().min(0).optional(),
});

export const resourceTemplate = z.strictObject({
  uriTemplate: z
    .string()
    .min(1)
    .describe("RFC 6570 level 1, such as orders://{id}; its variables are `args` of the expressions."),
  ...description,
  ...content,
  complete: z.record(z.string(), completion).default({}).describe("Completion per variable."),
});

export type ResourceConfig = z.output<typeof resource>;
export type ResourceTemplateConfig = z.output<typeof resourceTemplate>;
