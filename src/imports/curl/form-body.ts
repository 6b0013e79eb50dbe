import type { JsonObject, JsonValue } from "../../core/json.ts";
import { type BodyContext, fileSchema } from "./body-context.ts";
import { argumentFor } from "./guessed-value.ts";

/** The fields of `-F`: values are arguments with defaults, files are arguments in base64. */
export function formBody({ request, args, note }: BodyContext): JsonObject {
  const fields = new Map<string, JsonValue>();
  for (const { isLiteral, value } of request.form) {
    const equals = value.indexOf("=");
    const name = value.slice(0, Math.max(equals, 0));
    const content = value.slice(equals + 1);
    if (fields.has(name)) {
      note({
        code: "field-repeated",
        message: `The field ${name} comes several times; the tool has it once.`,
        pointer: `line ${request.line}`,
      });
    } else if (!isLiteral && content.startsWith("@")) {
      const { path, filename, type } = readFile(content.slice(1));
      const schema = fileSchema(path);
      const file = args.expression({ name, schema, isRequired: true });
      fields.set(name, { file, filename, ...(type === undefined ? {} : { contentType: type }) });
      note({
        code: "file-is-argument",
        message: `The file ${path} is not read; its content is the argument \`${name}\` of each call.`,
        pointer: `line ${request.line}`,
      });
    } else if (!isLiteral && content.startsWith("<")) {
      fields.set(name, args.expression({ name, schema: { type: "string" }, isRequired: true }));
    } else
      fields.set(name, args.expression(argumentFor(name, isLiteral ? content : content.replace(/;type=[^;]+$/, ""))));
  }
  return { multipart: Object.fromEntries(fields) };
}

/** `photo.png;type=image/png;filename=me.png` */
function readFile(text: string): {
  readonly path: string;
  readonly filename: string;
  readonly type: string | undefined;
} {
  const [path = "", ...parameters] = text.split(";");
  const find = (name: string): string | undefined =>
    parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
  const base = path.split(/[/\\]/).at(-1) ?? "";
  return { path, filename: find("filename") ?? (base === "" || base === "-" ? "file" : base), type: find("type") };
}
