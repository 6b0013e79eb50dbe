import * as z from "zod";
import { isJsonObject, type JsonValue } from "../json.ts";
import { templateText, templateValue } from "./template-schema.ts";

/**
 * A value that is not the long form whose key is `key`: without this, a mistake in the long form
 * would silently turn it into a literal value.
 */
function shortForm(key: string): z.ZodType<JsonValue> {
  return templateValue.refine((value) => !isJsonObject(value) || !Object.hasOwn(value, key), { abort: true });
}

export const httpMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

const queryParameter = z.union([
  z.strictObject({
    value: templateValue,
    style: z
      .enum(["repeat", "comma", "space", "pipe", "brackets", "deepObject"])
      .default("repeat")
      .describe("How lists and objects are written: a=1&a=2, a=1,2, a=1%202, a=1|2, a[]=1&a[]=2, a[k]=v."),
  }),
  shortForm("value"),
]);

const multipartField = z.union([
  z.strictObject({
    file: templateText.describe("The content: base64 or a data: URI, usually ${args.NAME}."),
    filename: templateText.optional(),
    contentType: templateText.optional(),
  }),
  shortForm("file"),
]);

const contentType = templateText.optional();

/** Exactly one way to write the body. */
const body = z.union([
  z.strictObject({ json: templateValue, contentType }),
  z.strictObject({ form: z.record(z.string(), templateValue), contentType: z.undefined().optional() }),
  z.strictObject({ multipart: z.record(z.string(), multipartField), contentType: z.undefined().optional() }),
  z.strictObject({ text: templateText, contentType }),
  z.strictObject({ binary: templateText.describe("base64 or a data: URI."), contentType }),
]);

export const httpRequest = z.strictObject({
  method: z.enum(httpMethods).default("GET"),
  path: z
    .string()
    .describe(
      "Appended to baseUrl. {name} is replaced by the argument of that name, percent-encoded as one segment; ${…} likewise.",
    ),
  query: z.record(z.string(), queryParameter).default({}).describe("A value that is absent is left out."),
  headers: z.record(z.string(), templateText).default({}),
  cookies: z.record(z.string(), templateText).default({}),
  body: body.optional(),
  idempotent: z
    .boolean()
    .optional()
    .describe("May be sent again after a failure. Without it: GET, HEAD, PUT, DELETE and OPTIONS may."),
});

export type HttpRequestConfig = z.output<typeof httpRequest>;
