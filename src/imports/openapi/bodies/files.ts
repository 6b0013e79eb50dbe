import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import type { Draft } from "../schema/conversion.ts";
import { isList } from "../schema/keyword-groups.ts";
import type { SchemaShelf } from "../schema/schema-shelf.ts";

const maxDepth = 8;

/** Whether a field of a form is a file or a list of files. */
export function fileKind(draft: Draft, shelf: SchemaShelf, depth = 0): "file" | "files" | undefined {
  if (!isJsonObject(draft) || depth > maxDepth) return undefined;
  const { $ref, allOf, anyOf, oneOf, items, format, contentMediaType, contentEncoding } = draft;
  if (format === "binary" || format === "byte" || isBase64(contentEncoding)) return "file";
  if (typeof contentMediaType === "string" && !/^text\/|json$/.test(contentMediaType)) return "file";
  if (typeof $ref === "string" && shelf.has($ref)) return fileKind(shelf.target($ref).draft, shelf, depth + 1);
  for (const parts of [allOf, anyOf, oneOf]) {
    const kinds = isList(parts) ? parts.map((part) => fileKind(part, shelf, depth + 1)) : [];
    const kind = kinds.find((found) => found !== undefined);
    if (kind !== undefined) return kind;
  }
  return items !== undefined && fileKind(items, shelf, depth + 1) === "file" ? "files" : undefined;
}

function isBase64(encoding: unknown): boolean {
  return encoding === "base64" || encoding === "base64url";
}

/** How bytes are given as an argument. */
export function fileDraft(draft: Draft): JsonObject {
  const { title, description } = isJsonObject(draft) ? draft : {};
  const about = typeof description === "string" && description !== "" ? `${description.replace(/\.$/, "")}. ` : "";
  return {
    type: "string",
    ...(title === undefined ? {} : { title }),
    description: `${about}Base64 or a data: URI.`,
    contentEncoding: "base64",
  };
}

export function filesDraft(draft: Draft): JsonObject {
  const { title, description, minItems, maxItems } = isJsonObject(draft) ? draft : {};
  const kept = Object.entries({ title, description, minItems, maxItems }).flatMap(([keyword, value]) => {
    return value === undefined ? [] : [[keyword, value] as const];
  });
  return { type: "array", ...Object.fromEntries(kept), items: fileDraft(true) };
}
