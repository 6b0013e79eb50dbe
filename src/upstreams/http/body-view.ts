import type { JsonValue } from "../../core/json.ts";
import { parseJson } from "../../core/lossless-json.ts";
import type { ResponseView } from "../../expressions/template.ts";
import { type ContentType, decodeText } from "./content-type.ts";
import type { ResponseHead } from "./response.ts";
import { header } from "./response-headers.ts";

/** A body as expressions and schemas see it. */
export interface BodyView {
  readonly value: JsonValue;
  /** The JSON text that `value` was read from; absent when the body is no JSON. */
  readonly json?: string;
}

/** JSON is parsed, text stays text, everything else is base64, and an empty body is null. */
export function viewBody(body: Buffer, type: ContentType): BodyView {
  if (body.length === 0) return { value: null };
  if (type.kind !== "json" && type.kind !== "text") return { value: body.toString("base64") };
  const text = decodeText(body, type);
  if (type.kind === "text") return { value: text };
  try {
    return { value: parseJson(text), json: text };
  } catch {
    // Some backends call text JSON; the model can read it all the same.
    return { value: text };
  }
}

/** What expressions see as `response`. */
export function responseView(head: ResponseHead, body: JsonValue): ResponseView {
  const headers: Record<string, string> = Object.create(null);
  for (const name of Object.keys(head.headers)) {
    const value = header(head.headers, name);
    if (value !== undefined) headers[name] = value;
  }
  return { status: head.status, headers, body };
}

/**
 * JSON text on one line: line breaks between tokens would end a line of an event stream. Inside of
 * strings JSON has none.
 */
export function singleLine(json: string): string {
  const text = json.trim();
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, " ") : text;
}
