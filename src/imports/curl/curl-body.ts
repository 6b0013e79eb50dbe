import { AppError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { parseJson } from "../../core/lossless-json.ts";
import { isCredential } from "../secrets/credential-look.ts";
import { type BodyContext, fileSchema } from "./body-context.ts";
import type { CurlData } from "./curl-command.ts";
import { readPairs } from "./curl-url.ts";
import { formBody } from "./form-body.ts";
import { argumentFor, withDefault } from "./guessed-value.ts";
import { jsonBody } from "./json-body.ts";
import { readMultipart } from "./multipart-text.ts";

/** The body that a command sends, as a document has it; absent without one. */
export function readBody(context: BodyContext): JsonObject | undefined {
  const { request, args } = context;
  if (request.form.length > 0) return formBody(context);
  const upload = request.options.get("upload")?.at(-1);
  if (upload !== undefined) return fileBody(upload, "binary", context);
  if (request.data.length === 0) return undefined;
  const file = request.data.find(isFile);
  if (file !== undefined) {
    if (request.data.length > 1) {
      throw new AppError(
        "unprocessable",
        `line ${request.line}: a body is made of a file and of other data; give it in one piece`,
      );
    }
    return fileBody(file.value.slice(1), file.meaning === "dataBinary" ? "binary" : "text", context);
  }
  const text = dataText(request.data);
  const type =
    context.contentType ?? (request.data.some(({ meaning }) => meaning === "json") ? "application/json" : undefined);
  return (
    textBody(text, type, context) ?? {
      text: args.expression({ name: "body", schema: withDefault({ type: "string" }, text), isRequired: false }),
      ...(type === undefined ? {} : { contentType: type }),
    }
  );
}

/** The text that curl makes of its data: pieces of a form are joined by `&`, pieces of JSON stand side by side. */
export function dataText(data: readonly CurlData[]): string {
  return data.reduce((text, { meaning, value }) => {
    if (meaning === "json") return text + value;
    const piece = meaning === "dataUrlencode" ? urlencoded(value) : value;
    return text === "" ? piece : `${text}&${piece}`;
  }, "");
}

/** `content`, `=content`, `name=content`; the name is taken as it is. */
function urlencoded(value: string): string {
  const equals = value.indexOf("=");
  const name = value.slice(0, Math.max(equals, 0));
  return `${name === "" ? "" : `${name}=`}${encodeURIComponent(value.slice(equals + 1))}`;
}

function isFile({ meaning, value }: CurlData): boolean {
  if (meaning === "dataUrlencode") return /^[^=]*@/.test(value);
  return meaning !== "dataRaw" && value.startsWith("@");
}

function textBody(text: string, type: string | undefined, context: BodyContext): JsonObject | undefined {
  const { args, keepSecret, note, request } = context;
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(type ?? "")?.[1];
  if (boundary !== undefined) return multipartBody(text, boundary, context);
  const isForm = type === undefined || /^application\/x-www-form-urlencoded/i.test(type);
  const isJson = /[/+]json\b/i.test(type ?? "") || (isForm && /^\s*[{[]/.test(text));
  const json = isJson ? tryJson(text) : undefined;
  if (json !== undefined) {
    if (isForm) {
      note({
        code: "content-type-assumed",
        message: "The body is JSON, but the command sends it as a form; the tool sends it as application/json.",
        pointer: `line ${request.line}`,
      });
    }
    const isUsual = isForm || /^application\/json$/i.test(type ?? "");
    return { json: jsonBody(json, args, keepSecret), ...(isUsual ? {} : { contentType: type }) };
  }
  if (isJson) {
    note({
      code: "not-json",
      message: "The body says that it is JSON but cannot be read as such; the tool takes it as one text.",
      pointer: `line ${request.line}`,
    });
    return undefined;
  }
  return isForm && /^[^=&\s]+=/.test(text) ? { form: pairsBody(readPairs(text), context) } : undefined;
}

/** Fields of a form or a query as arguments, credentials as secrets; a name that comes several times is a list. */
export function pairsBody(
  pairs: readonly (readonly [string, string])[],
  { args, keepSecret }: Pick<BodyContext, "args" | "keepSecret">,
): JsonObject {
  const fields = new Map<string, JsonValue>();
  for (const [name] of pairs) {
    if (fields.has(name)) continue;
    const values = pairs.filter(([other]) => other === name).map(([, value]) => value);
    const [first = ""] = values;
    if (values.length > 1) {
      const schema = withDefault({ type: "array", items: { type: "string" } }, values);
      fields.set(name, args.expression({ name, schema, isRequired: false }));
    } else if (isCredential(name, first)) fields.set(name, `\${${keepSecret(name, first)}}`);
    else fields.set(name, args.expression(argumentFor(name, first)));
  }
  return Object.fromEntries(fields);
}

function multipartBody(text: string, boundary: string, context: BodyContext): JsonObject | undefined {
  const parts = readMultipart(text, boundary);
  if (parts === undefined) return undefined;
  const fields = parts.map(({ name, value, filename, contentType }): [string, JsonValue] => {
    if (filename === undefined) return [name, context.args.expression(argumentFor(name, value))];
    const file = context.args.expression({ name, schema: fileSchema(filename), isRequired: true });
    return [name, { file, filename, ...(contentType === undefined ? {} : { contentType }) }];
  });
  return { multipart: Object.fromEntries(fields) };
}

/** The file itself stays where it is: its content becomes an argument. */
function fileBody(path: string, kind: "binary" | "text", context: BodyContext): JsonObject {
  const { args, contentType, note, request } = context;
  note({
    code: "file-is-argument",
    message: `The file ${path} is not read; its content is the argument \`body\` of each call.`,
    pointer: `line ${request.line}`,
  });
  if (kind === "text" && /[/+]json\b/i.test(contentType ?? "")) {
    return {
      json: args.expression({ name: "body", schema: { description: "The body, as JSON." }, isRequired: true }),
      contentType: contentType ?? "",
    };
  }
  const schema = kind === "binary" ? fileSchema(path) : { type: "string", description: "The body, as text." };
  const body = args.expression({ name: "body", schema, isRequired: true });
  const type = contentType ?? (kind === "text" ? "application/x-www-form-urlencoded" : undefined);
  return { [kind]: body, ...(type === undefined ? {} : { contentType: type }) };
}

function tryJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof AppError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
