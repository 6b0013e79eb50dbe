import type { JsonObject } from "../../../core/json.ts";
import type { Located } from "../description.ts";
import { objectAt, type OperationCompilation } from "../operation-compilation.ts";
import { isList } from "../schema/keyword-groups.ts";

export type BodyForm = "json" | "form" | "multipart" | "text" | "binary";

/** One of the media types that a body may have. */
export interface BodyMedia {
  readonly form: BodyForm;
  /** As the description writes it. */
  readonly type: string;
  readonly located: Located<JsonObject>;
}

/** The form whose arguments a model writes best comes first; among equal ones the description's order counts. */
const preference: readonly BodyForm[] = ["json", "multipart", "form", "text", "binary"];

/** The media type that requests are made with; `undefined` when none of them can be written. */
export function chooseMedia(content: Located<JsonObject>, compilation: OperationCompilation): BodyMedia | undefined {
  const { description } = compilation;
  const media = Object.keys(content.value).flatMap((type): readonly BodyMedia[] => {
    const located = objectAt(content, type, description);
    const form = located === undefined ? undefined : formOf(type, located, compilation);
    return form === undefined || located === undefined ? [] : [{ form, type, located }];
  });
  const [chosen] = media.toSorted((a, b) => rank(a, compilation) - rank(b, compilation));
  if (chosen !== undefined && Object.keys(content.value).length > 1) {
    const others = Object.keys(content.value).filter((type) => type !== chosen.type);
    compilation.note(
      "media-type-chosen",
      `The body is sent as ${chosen.type}, not as ${others.slice(0, 5).join(", ")}.`,
      content,
    );
  }
  return chosen;
}

function rank({ form, type, located }: BodyMedia, { description }: OperationCompilation): number {
  const isPlainJson = essence(type) === "application/json";
  // A patch of operations is harder to write than the members that change.
  const isHard = essence(type) === "application/json-patch+json";
  // A range says nothing but that the others may be sent as well.
  const isRange = essence(type).includes("*");
  const schema = objectAt(located, "schema", description)?.value ?? {};
  const isEmptyForm = form === "multipart" && !describing.some((keyword) => Object.hasOwn(schema, keyword));
  return (
    preference.indexOf(form) * 10 + (isPlainJson ? 0 : isHard ? 5 : 1) + (isRange ? 100 : 0) + (isEmptyForm ? 200 : 0)
  );
}

/** Keywords that the fields of a form can come from. */
const describing = ["properties", "allOf", "anyOf", "oneOf"];

/** Without parameters, in lower case. */
export function essence(type: string): string {
  return (type.split(";")[0] ?? "").trim().toLowerCase();
}

export function isJsonType(type: string): boolean {
  const name = essence(type);
  return name === "application/json" || name === "text/json" || name.endsWith("+json");
}

const textTypes =
  /^(?:text\/.*|application\/(?:.*\+)?(?:xml|yaml|x-yaml|graphql|javascript|sql|x-ndjson|ndjson|jsonl|toml|jwt))$/;
const binaryTypes = /^(?:image|audio|video|font|model)\/|^application\/(?:octet-stream|pdf|zip|gzip|x-.*|.*zip)$/;

function formOf(type: string, media: Located<JsonObject>, { description }: OperationCompilation): BodyForm | undefined {
  const name = essence(type);
  if (isJsonType(type)) return "json";
  if (name === "application/x-www-form-urlencoded") return "form";
  if (name === "multipart/form-data") return "multipart";
  if (name.startsWith("multipart/") || !/^[^\s/]+\/[^\s/]+$/.test(name)) return undefined;
  if (textTypes.test(name)) return "text";
  if (binaryTypes.test(name)) return "binary";
  // Nobody can tell from the name: the schema says whether it is a structure or bytes.
  if (description.child(media, "schema") === undefined) return name === "*/*" ? "json" : "binary";
  const kind = objectAt(media, "schema", description)?.value["type"];
  return kind === "string" || (isList(kind) && kind.includes("string")) ? "binary" : "json";
}

/** The media type as a request says it; `undefined` where it names a range or cannot be sent. */
export function exactType(type: string): string | undefined {
  return /^[\x21-\x7e]+\/[\x20-\x7e]+$/.test(type) && !essence(type).includes("*") ? type : undefined;
}
