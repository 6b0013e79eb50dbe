import {
  COLLECTION_STYLE,
  defineScalarTag,
  type Document,
  dump,
  DUMP_SCHEMA,
  intCoreTag,
  type MappingNode,
  type Node,
  type SequenceNode,
} from "js-yaml";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { stringifyJson } from "../core/lossless-json.ts";

/** Longest mapping or list that is written on one line. */
const maxFlowWidth = 80;
const lineWidth = 110;

/** Big integers are written as what they are. */
const integerTag = defineScalarTag<number | bigint>(intCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: intCoreTag.implicitFirstChars,
  resolve: intCoreTag.resolve,
  identify: (value) => typeof value === "bigint" || intCoreTag.identify?.(value) === true,
  represent: (value) => String(value),
});

/**
 * The YAML text of a document that people will read and edit: long text in blocks, small mappings and lists on one
 * line, keys in their order. The same value gives the same text. `comment` stands above it, a line each.
 */
export function writeDocument(document: JsonObject, comment: readonly string[] = []): string {
  const head = comment.map((line) => `# ${line}\n`.replace(/ +\n$/, "\n")).join("");
  const { tools, ...rest } = document;
  if (!Array.isArray(tools) || tools.length <= mostLaidOut) return head + dumpDocument(document);
  // `Array.isArray` widens a readonly list to any[]. JSON is YAML.
  const lines = (tools as readonly JsonValue[]).map((tool) => `  - ${stringifyJson(tool)}\n`);
  return `${head}${dumpDocument(rest)}tools:\n${lines.join("")}`;
}

/** Longer lists are read by nobody: their tools stand on a line each, which takes a tenth of the time. */
const mostLaidOut = 1_000;

function dumpDocument(document: JsonObject): string {
  return dump(document, {
    schema: DUMP_SCHEMA.withTags(integerTag),
    noRefs: true,
    quoteStyle: "double",
    flowBracketPadding: true,
    lineWidth,
    transform: layOut,
  });
}

function layOut(documents: Document[]): void {
  for (const { contents } of documents) {
    if (contents?.kind !== "mapping") continue;
    // The document's own keys and the entries of its lists are where people look: they stand in lines of their own.
    for (const { value } of contents.items) {
      if (value.kind === "sequence") for (const item of value.items) layOutMembers(item);
      else layOutMembers(value);
    }
  }
}

function layOutMembers(node: Node): void {
  if (node.kind === "sequence") for (const item of node.items) flowWidth(item, 0);
  if (node.kind === "mapping") for (const { key, value } of node.items) flowWidth(value, widthOf(key));
}

/** Columns that a node takes on one line, infinity when it cannot stand on one; lays out what is below it. */
function flowWidth(node: Node, before: number): number {
  switch (node.kind) {
    case "scalar":
      return node.value.includes("\n") ? Number.POSITIVE_INFINITY : widthOf(node);
    case "alias":
      return Number.POSITIVE_INFINITY;
    case "mapping":
      return layOutCollection(node, before, mappingWidth(node));
    case "sequence":
      return layOutCollection(node, before, sum(node.items.map((item) => flowWidth(item, 0) + 2)));
  }
}

function mappingWidth({ items }: MappingNode): number {
  return sum(items.map(({ key, value }) => widthOf(key) + 4 + flowWidth(value, widthOf(key))));
}

function layOutCollection(node: MappingNode | SequenceNode, before: number, inner: number): number {
  if (inner + before > maxFlowWidth) return Number.POSITIVE_INFINITY;
  node.style = COLLECTION_STYLE.FLOW;
  return inner + 2;
}

/** Two more for quotes that it may need. */
function widthOf(node: Node): number {
  return node.kind === "scalar" ? node.value.length + 2 : Number.POSITIVE_INFINITY;
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}
