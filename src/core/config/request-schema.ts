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
    value: templateValue.describe("The value: text, a number, a list or an object."),
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
    filename: templateText.optional().describe("File name that the upstream sees."),
    contentType: templateText.optional().describe("Media type of the part."),
  }),
  shortForm("file"),
]);

const contentType = templateText.optional().describe("Instead of the media type that fits the body.");

const noContentType = z.undefined().optional().describe("The form decides the media type.");

/** Exactly one way to write the body. */
const body = z.union([
  z.strictObject({ json: templateValue.describe("The body as a structure, sent as JSON."), contentType }),
  z.strictObject({
    form: z.record(z.string(), templateValue).describe("Fields, sent urlencoded."),
    contentType: noContentType,
  }),
  z.strictObject({
    multipart: z.record(z.string(), multipartField).describe("Fields and files, sent as multipart/form-data."),
    contentType: noContentType,
  }),
  z.strictObject({ text: templateText.describe("The body as text."), contentType }),
  z.strictObject({ binary: templateText.describe("base64 or a data: URI."), contentType }),
]);

export const httpRequest = z
  .strictObject({
    method: z.enum(httpMethods).default("GET").describe("HTTP method."),
    path: z
      .string()
      .describe(
        "Appended to baseUrl. {name} is replaced by the argument of that name, percent-encoded as one segment; ${…} likewise.",
      ),
    query: z.record(z.string(), queryParameter).default({}).describe("A value that is absent is left out."),
    headers: z.record(z.string(), templateText).default({}).describe("Sent besides the headers of the upstream."),
    cookies: z.record(z.string(), templateText).default({}).describe("Sent as one Cookie header."),
    body: body.optional().describe("Exactly one of json, form, multipart, text and binary."),
    idempotent: z
      .boolean()
      .optional()
      .describe("May be sent again after a failure. Without it: GET, HEAD, PUT, DELETE and OPTIONS may."),
  })
  .meta({ id: "httpRequest", description: "The HTTP request that a call becomes." });

export type HttpRequestConfig = z.output<typeof httpRequest>;
