import * as z from "zod";
import { completion } from "./prompt-schema.ts";
import { httpRequest } from "./request-schema.ts";
import { annotationsForContent, icon, meta, templateText, templateValue } from "./template-schema.ts";

const description = {
  name: z.string().min(1).describe("Name for programs."),
  title: z.string().optional().describe("Name for people."),
  description: z.string().optional().describe("What it is and when to use it, for the model."),
  mimeType: z.string().optional().describe("Media type of the content."),
  annotations: annotationsForContent.optional(),
  icons: z.array(icon).optional().describe("Images that clients may show."),
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
  request: httpRequest.optional().describe("Request whose answer is the content."),
  result: templateValue.optional().describe("The content instead of the response body."),
};

export const resource = z
  .strictObject({
    uri: z.string().min(1).describe("What clients read it by; unique in the document."),
    ...description,
    ...content,
    size: z.int().min(0).optional().describe("Bytes of the content, when they are known."),
  })
  .meta({ id: "resource", description: "A resource: one of text, blob, file, or upstream with request." });

export const resourceTemplate = z
  .strictObject({
    uriTemplate: z
      .string()
      .min(1)
      .describe("RFC 6570 level 1, such as orders://{id}; its variables are `args` of the expressions."),
    ...description,
    ...content,
    complete: z.record(z.string(), completion).default({}).describe("Completion per variable."),
  })
  .meta({ id: "resourceTemplate", description: "Resources whose URI has variables." });

export type ResourceConfig = z.output<typeof resource>;
export type ResourceTemplateConfig = z.output<typeof resourceTemplate>;
