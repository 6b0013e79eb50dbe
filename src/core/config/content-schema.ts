import * as z from "zod";
import { annotationsForContent, meta, templateText } from "./template-schema.ts";

const common = { annotations: annotationsForContent.optional(), meta: meta.optional() };

const embeddedResource = z.strictObject({
  uri: templateText,
  mimeType: templateText.optional(),
  text: templateText.optional(),
  blob: templateText.optional().describe("base64 or a data: URI."),
});

/** One content block, named by its one key: text, image, audio, resource or resourceLink. */
export const contentBlock = z.union([
  z.strictObject({ text: templateText, ...common }),
  z.strictObject({ image: z.strictObject({ data: templateText, mimeType: templateText }), ...common }),
  z.strictObject({ audio: z.strictObject({ data: templateText, mimeType: templateText }), ...common }),
  z.strictObject({ resource: embeddedResource, ...common }),
  z.strictObject({
    resourceLink: z.strictObject({
      uri: templateText,
      name: templateText,
      title: templateText.optional(),
      description: templateText.optional(),
      mimeType: templateText.optional(),
    }),
    ...common,
  }),
]);

export type ContentBlockConfig = z.output<typeof contentBlock>;
