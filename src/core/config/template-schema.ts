import * as z from "zod";
import { isJsonValue, type JsonValue } from "../json.ts";

/** Any JSON value. One flat check instead of a recursive schema, which costs ten times as much. */
export const json = z.custom<JsonValue>(isJsonValue, "must be a value that JSON can hold");

/**
 * A value that may hold `${…}` expressions in any string inside it. A string that is exactly one
 * `${…}` keeps the type of its value.
 */
export const templateValue: z.ZodType<JsonValue> = json.meta({
  id: "template",
  description:
    "Any YAML value; strings may hold ${…} expressions (CEL). A string that is exactly one ${…} keeps the type of its value.",
});

export const templateText = z.string().meta({
  description: "Text that may hold ${…} expressions (CEL).",
});

/** A whole number of milliseconds within bounds that a timer can hold. */
export const milliseconds = z.int().min(1).max(86_400_000);

export const bytes = z.int().min(1).max(1_073_741_824);

export const icon = z
  .strictObject({
    src: z.string().describe("https: or data: URL of the image."),
    mimeType: z.string().optional().describe("Media type, such as image/png."),
    sizes: z.array(z.string()).optional().describe("Sizes it is made for, such as 48x48, or any."),
    theme: z.enum(["light", "dark"]).optional().describe("Background that it is made for."),
  })
  .meta({ id: "icon", description: "An image that clients may show." });

export const meta = z.record(z.string(), json).describe("Passed on to clients as `_meta`.");

export const annotationsForContent = z
  .strictObject({
    audience: z
      .array(z.enum(["user", "assistant"]))
      .optional()
      .describe("Who it is meant for."),
    priority: z.number().min(0).max(1).optional().describe("1 is needed, 0 is optional."),
    lastModified: z.string().optional().describe("Time of the last change, ISO 8601."),
  })
  .meta({ id: "contentAnnotations", description: "Hints for clients about content." });

/** Names that every revision takes: letters, digits, `_`, `-`, `.`; at most 128 characters. */
export const mcpName = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,128}$/, "must be 1 to 128 characters of A-Z, a-z, 0-9, `_`, `-` and `.`");
