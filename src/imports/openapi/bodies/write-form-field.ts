import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { isJsonObject } from "../../../core/json.ts";
import type { Located } from "../description.ts";
import { objectAt, type OperationCompilation, textOf } from "../operation-compilation.ts";
import type { ArgumentList } from "../parameters/argument-list.ts";
import { shapeOf } from "../parameters/shape.ts";
import type { Draft } from "../schema/conversion.ts";
import type { SchemaShelf } from "../schema/schema-shelf.ts";
import { argument, argumentTemplate, presentTemplate } from "../templates.ts";
import type { Field } from "./read-fields.ts";

/** What the fields of a form are written with. */
export interface FieldContext {
  readonly media: Located<JsonObject>;
  readonly input: ArgumentList;
  readonly compilation: OperationCompilation;
}

/** Adds a field of a urlencoded form to the arguments; gives its name and value in the request. */
export function writeFormField(
  field: Field,
  { media, input, compilation }: FieldContext,
): readonly [string, JsonValue] {
  const { name, draft, isRequired } = field;
  const key = input.add(name, "body", draft, isRequired);
  const shape = shapeOf(draft, compilation.shelf);
  const encoding = encodingOf(name, media, compilation);
  const style = encoding === undefined ? undefined : textOf(encoding.value, "style");
  const isJoined = encoding?.value["explode"] === false;
  if (style === "deepObject") return [shape === "list" ? `${name}[]` : name, argumentTemplate(key)];
  if (shape === "list" && isJoined) {
    const separator = style === "spaceDelimited" ? " " : style === "pipeDelimited" ? "|" : ",";
    return [name, presentTemplate(key, `${argument(key)}.join("${separator}")`)];
  }
  const hasStyle = style !== undefined || encoding?.value["explode"] !== undefined;
  // Without a style, structures in a form are JSON (Encoding Object, contentType).
  if (shape === "object" && !hasStyle) return [name, presentTemplate(key, `toJson(${argument(key)})`)];
  if (shape === "list" && !hasStyle && hasObjects(draft, compilation.shelf)) {
    return [name, presentTemplate(key, `${argument(key)}.map(item, toJson(item))`)];
  }
  return [name, argumentTemplate(key)];
}

/** The Encoding Object of a field. */
export function encodingOf(
  name: string,
  media: Located<JsonObject>,
  { description }: OperationCompilation,
): Located<JsonObject> | undefined {
  const encodings = objectAt(media, "encoding", description);
  return encodings === undefined ? undefined : objectAt(encodings, name, description);
}

function hasObjects(draft: Draft, shelf: SchemaShelf): boolean {
  if (!isJsonObject(draft)) return false;
  const { items, $ref } = draft;
  if (typeof $ref === "string" && shelf.has($ref)) return hasObjects(shelf.target($ref).draft, shelf);
  return items !== undefined && shapeOf(items, shelf) === "object";
}
