import * as z from "zod";
import { annotationsForContent, meta, templateText } from "./template-schema.ts";

const common = { annotations: annotationsForContent.optional(), meta: meta.optional() };

const media = z.strictObject({
  data: templateText.describe("base64 or a data: URI."),
  mimeType: templateText.describe("Media type, such as image/png."),
});

const embeddedResource = z.strictObject({
  uri: templateText.describe("URI of the resource."),
  mimeType: templateText.optional().describe("Media type of the content."),
  text: templateText.optional().describe("The content, when it is text."),
  blob: templateText.optional().describe("base64 or a data: URI."),
});

/** One content block, named by its one key: text, image, audio, resource or resourceLink. */
export const contentBlock = z
  .union([
    z.strictObject({ text: templateText.describe("A text block."), ...common }),
    z.strictObject({ image: media.describe("An image block."), ...common }),
    z.strictObject({ audio: media.describe("An audio block."), ...common }),
    z.strictObject({ resource: embeddedResource.describe("A resource with its content."), ...common }),
    z.strictObject({
      resourceLink: z
        .strictObject({
          uri: templateText.describe("URI that clients can read."),
          name: templateText.describe("Name for programs."),
          title: templateText.optional().describe("Name for people."),
          description: templateText.optional().describe("What it is, for the model."),
          mimeType: templateText.optional().describe("Media type of the content."),
        })
        .describe("A resource without its content."),
      ...common,
    }),
  ])
  .meta({
    id: "contentBlock",
    description: "One content block, named by its one key: text, image, audio, resource or resourceLink.",
  });

export type ContentBlockConfig = z.output<typeof contentBlock>;
