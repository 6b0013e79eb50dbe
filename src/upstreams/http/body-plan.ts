import type { HttpRequestConfig } from "../../core/config/request-schema.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import {
  type CompileScope,
  compileText,
  compileValue,
  type Scope,
  type Template,
  textOf,
} from "../../expressions/template.ts";
import { decodeBinary } from "./binary-text.ts";
import { constantTemplate } from "../../expressions/compile-text.ts";
import { composed } from "./fixed-template.ts";
import { type FormPart, writeMultipart } from "./multipart.ts";
import { writeParameter } from "./query-plan.ts";
import { headerValue } from "./wire-text.ts";

export interface EncodedBody {
  readonly content: Buffer | string;
  readonly contentType: string;
  /** Whether the document or the form of the body decides it, so that no header may replace it. */
  readonly isTypeFixed: boolean;
}

/** Writes the body of one call; `undefined` when there is none. `boundary` makes a multipart boundary. */
export type BodyPlan = (scope: Scope, boundary: () => string) => EncodedBody | undefined;

type BodyConfig = NonNullable<HttpRequestConfig["body"]>;

/** Compiles a body of any form. Pure; problems go to `scope.report`. */
export function compileBody(body: BodyConfig, path: DocumentPath, scope: CompileScope): BodyPlan {
  if ("json" in body) return jsonBody(body.json, body.contentType, path, scope);
  if ("form" in body) return formBody(body.form, [...path, "form"], scope);
  if ("multipart" in body) return multipartBody(body.multipart, [...path, "multipart"], scope);
  if ("text" in body) return textBody(body.text, body.contentType, path, scope);
  return binaryBody(body.binary, body.contentType, path, scope);
}

function jsonBody(
  value: JsonValue,
  contentType: string | undefined,
  path: DocumentPath,
  scope: CompileScope,
): BodyPlan {
  const template = compileValue(value, [...path, "json"], scope);
  const type = typeTemplate(contentType, path, scope);
  const text = composed([template], (callScope) => {
    const result = template.evaluate(callScope);
    return result === undefined ? undefined : stringifyJson(result);
  });
  return (callScope) => encoded(text.evaluate(callScope), type.evaluate(callScope), "application/json");
}

function formBody(form: Readonly<Record<string, JsonValue>>, path: DocumentPath, scope: CompileScope): BodyPlan {
  const fields = Object.entries(form).map(([name, value]) => ({
    name: encodeURIComponent(name),
    value: compileValue(value, [...path, name], scope),
  }));
  return (callScope) => {
    let text = "";
    // Lists repeat their name and objects become name[key], as most readers of forms expect.
    for (const { name, value } of fields) text = writeParameter(text, name, "deepObject", value.evaluate(callScope));
    return {
      content: text.replaceAll("%20", "+"),
      contentType: "application/x-www-form-urlencoded",
      isTypeFixed: true,
    };
  };
}

function textBody(value: string, contentType: string | undefined, path: DocumentPath, scope: CompileScope): BodyPlan {
  const template = compileText(value, [...path, "text"], scope);
  const type = typeTemplate(contentType, path, scope);
  return (callScope) => encoded(template.evaluate(callScope), type.evaluate(callScope), "text/plain; charset=utf-8");
}

function binaryBody(value: string, contentType: string | undefined, path: DocumentPath, scope: CompileScope): BodyPlan {
  const template = compileText(value, [...path, "binary"], scope);
  const type = typeTemplate(contentType, path, scope);
  return (callScope) => {
    const text = template.evaluate(callScope);
    if (text === undefined) return undefined;
    const { bytes, mimeType } = decodeBinary(text, "The request body");
    return encoded(bytes, type.evaluate(callScope), mimeType ?? "application/octet-stream");
  };
}

type FieldPlan = (scope: Scope) => readonly FormPart[];
type MultipartField = Extract<BodyConfig, { multipart: unknown }>["multipart"][string];

function multipartBody(
  fields: Readonly<Record<string, MultipartField>>,
  path: DocumentPath,
  scope: CompileScope,
): BodyPlan {
  const plans = Object.entries(fields).map(([name, field]): FieldPlan => {
    // The schema lets an object with `file` through in the long form only.
    if (isJsonObject(field) && Object.hasOwn(field, "file")) {
      return fileField(name, field as unknown as FileField, [...path, name], scope);
    }
    return valueField(name, field as JsonValue, [...path, name], scope);
  });
  return (callScope, boundary) => {
    const mark = boundary();
    const parts = plans.flatMap((plan) => plan(callScope));
    return {
      content: writeMultipart(parts, mark),
      contentType: `multipart/form-data; boundary=${mark}`,
      isTypeFixed: true,
    };
  };
}

interface FileField {
  readonly file: string;
  readonly filename?: string;
  readonly contentType?: string;
}

/** One part per file: `${args.NAME}` may be a text or a list of texts. */
function fileField(name: string, field: FileField, path: DocumentPath, scope: CompileScope): FieldPlan {
  const file = compileValue(field.file, [...path, "file"], scope);
  const filename = typeTemplate(field.filename, path, scope, "filename");
  const type = typeTemplate(field.contentType, path, scope);
  return (callScope) => {
    const value = file.evaluate(callScope);
    if (value === undefined || value === null) return [];
    const contentType = type.evaluate(callScope);
    return (Array.isArray(value) ? value : [value]).map((item: JsonValue): FormPart => {
      const decoded = decodeBinary(textOf(item), `The file \`${name}\``);
      return {
        name,
        content: decoded.bytes,
        // Without a file name servers take the part for an ordinary field.
        filename: filename.evaluate(callScope) ?? name,
        contentType: headerValue("content-type", contentType ?? decoded.mimeType ?? "application/octet-stream"),
      };
    });
  };
}

function valueField(name: string, value: JsonValue, path: DocumentPath, scope: CompileScope): FieldPlan {
  const template = compileValue(value, path, scope);
  return (callScope) => {
    const result = template.evaluate(callScope);
    if (result === undefined || result === null) return [];
    const items: readonly JsonValue[] = Array.isArray(result) ? result : [result];
    return items
      .filter((item) => item !== null)
      .map((item) => ({
        name,
        content: textOf(item),
        ...(typeof item === "object" ? { contentType: "application/json" } : {}),
      }));
  };
}

function typeTemplate(
  text: string | undefined,
  path: DocumentPath,
  scope: CompileScope,
  key = "contentType",
): Template<string | undefined> {
  return text === undefined ? constantTemplate(undefined) : compileText(text, [...path, key], scope);
}

function encoded(
  content: Buffer | string | undefined,
  contentType: string | undefined,
  usualType: string,
): EncodedBody | undefined {
  if (content === undefined) return undefined;
  const isTypeFixed = contentType !== undefined;
  return { content, contentType: headerValue("content-type", contentType ?? usualType), isTypeFixed };
}
