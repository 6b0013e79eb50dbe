import type { JsonValue } from "../../../core/json.ts";
import { isJsonObject } from "../../../core/json.ts";
import { textOf } from "../operation-compilation.ts";
import { argumentTemplate, literal } from "../templates.ts";
import { fileDraft, fileKind, filesDraft } from "./files.ts";
import { exactType } from "./media-type.ts";
import type { Field } from "./read-fields.ts";
import { encodingOf, type FieldContext } from "./write-form-field.ts";

/** Adds a part of a multipart form to the arguments; gives its name and value in the request. */
export function writePart(field: Field, { media, input, compilation }: FieldContext): readonly [string, JsonValue] {
  const { name, draft, isRequired } = field;
  const encoding = encodingOf(name, media, compilation);
  if (encoding?.value["headers"] !== undefined) {
    compilation.note("part-headers", `Headers of the part \`${name}\` cannot be sent; they are left out.`, encoding);
  }
  const written = encoding === undefined ? undefined : textOf(encoding.value, "contentType");
  const kind = fileKind(draft, compilation.shelf);
  if (kind === undefined) {
    if (written !== undefined && !/^(?:text\/plain|application\/json)\b/i.test(written)) {
      compilation.note("part-type", `The part \`${name}\` is sent without its type ${written}.`, encoding);
    }
    return [name, argumentTemplate(input.add(name, "body", draft, isRequired))];
  }
  const key = input.add(name, "body", kind === "file" ? fileDraft(draft) : filesDraft(draft), isRequired);
  const contentType = written?.includes(",") === true ? undefined : exactType(written ?? mediaTypeOf(draft) ?? "*/*");
  return [
    name,
    { file: argumentTemplate(key), ...(contentType === undefined ? {} : { contentType: literal(contentType) }) },
  ];
}

/** What a schema says about the bytes; that they are bytes is known anyway. */
function mediaTypeOf(draft: JsonValue): string | undefined {
  if (!isJsonObject(draft)) return undefined;
  const { contentMediaType, items } = draft;
  if (contentMediaType === undefined && items !== undefined) return mediaTypeOf(items);
  return contentMediaType === "application/octet-stream" ? undefined : textOf(draft, "contentMediaType");
}
