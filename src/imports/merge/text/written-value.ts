import { Document, visit } from "yaml";
import type { JsonValue } from "../../../core/json.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import { writeDocument } from "../../write-document.ts";

/**
 * What stands behind a key in block style, its colon included, with lines indented for a key in column 0. A key of the
 * document itself is laid out as in a document that was just made, so is one further down.
 */
export function writtenMember(value: JsonValue, isTopLevel: boolean): string {
  if (isTopLevel) return writeDocument({ k: value }).trimEnd().slice(1);
  const lines = writeDocument({ d: { k: value } })
    .trimEnd()
    .split("\n")
    .slice(1);
  return lines
    .map((line) => line.slice(indent))
    .join("\n")
    .slice(1);
}

/** A key for `writtenMember`, quoted if it has to be. */
export function writtenKey(key: string): string {
  const text = writeDocument({ [key]: null });
  return text.slice(0, text.lastIndexOf(":"));
}

/** An item of a list of the document in block style, its dash included, for a dash in column 0. */
export function writtenItem(value: JsonValue): string {
  const lines = writeDocument({ l: [value] })
    .trimEnd()
    .split("\n")
    .slice(1);
  return lines.map((line) => line.slice(indent)).join("\n");
}

/** A value on one line, for mappings and lists that are written on one; as JSON where the text is JSON. */
export function writtenInline(value: JsonValue, isJson: boolean): string {
  if (isJson) return stringifyJson(value);
  const document = new Document(value);
  visit(document, { Collection: (_key, node) => void (node.flow = true) });
  visit(document, {
    Scalar: (_key, node) =>
      void (typeof node.value === "string" && node.value.includes("\n") && (node.type = "QUOTE_DOUBLE")),
  });
  return document.toString({ lineWidth: 0 }).trimEnd();
}

/** What `writeDocument` indents by. */
const indent = 2;
