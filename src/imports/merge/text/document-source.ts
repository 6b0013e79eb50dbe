import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";
import { AppError } from "../../../core/errors.ts";
import { isJsonObject, isJsonValue, type JsonObject } from "../../../core/json.ts";
import type { DocumentPath } from "../../../core/problem.ts";

/** The text of a document, its nodes and its value. */
export interface DocumentSource {
  readonly text: string;
  readonly nodes: Document.Parsed;
  readonly value: JsonObject;
}

/** Most aliases that are followed. */
const maxAliasCount = 1_000;

/** Reads the text of one document. Fails with `AppError("unprocessable")` that says where it is broken. */
export function readDocumentSource(text: string): DocumentSource {
  const nodes = parseNodes(text);
  const [error] = nodes.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw unprocessable(`${line === undefined ? "" : `line ${line}: `}${firstLine(error.message)}`);
  }
  const value = toJson(nodes.toJS({ maxAliasCount }));
  if (!isJsonObject(value)) throw unprocessable("it is no mapping of keys to values");
  if (!isJsonValue(value)) throw unprocessable("it is nested too deeply, or holds values that JSON has not");
  return { text, nodes, value };
}

/** The nodes of a text, for whoever changes them. */
export function parseNodes(text: string): Document.Parsed {
  return parseDocument(text, { intAsBigInt: true, stringKeys: true, merge: true, logLevel: "error" });
}

/** The entry of a mapping; undefined when the path leads elsewhere, or through an alias. */
export function findPair(nodes: Document.Parsed, path: DocumentPath): Pair<Node, Node | null> | undefined {
  const parent = nodeAt(nodes, path.slice(0, -1));
  if (!isMap<Node, Node | null>(parent)) return undefined;
  return parent.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1));
}

/** The node at a path; undefined when there is none, or only through an alias. */
export function nodeAt(nodes: Document.Parsed, path: DocumentPath): Node | undefined {
  let node: unknown = nodes.contents;
  for (const step of path) {
    if (!isCollection(node)) return undefined;
    node = node.get(step, true);
  }
  return isNode(node) ? node : undefined;
}

/** Whether people have written comments about or within what stands at a path. */
export function hasComments(nodes: Document.Parsed, path: DocumentPath): boolean {
  const entry = findPair(nodes, path);
  if (isCommented(entry?.key) || isCommented(nodeAt(nodes, path))) return true;
  // What stands above the first of a collection is told as a comment of the collection.
  const parent = nodeAt(nodes, path.slice(0, -1));
  const isFirst = isSeq(parent) ? path.at(-1) === 0 : isMap(parent) && parent.items[0] === entry;
  return isFirst && Boolean(parent?.commentBefore);
}

function isCommented(node: Node | undefined): boolean {
  if (node === undefined) return false;
  let isFound = false;
  visit(node, {
    Node: (_key, { comment, commentBefore }) => {
      if (!comment && !commentBefore) return undefined;
      isFound = true;
      return visit.BREAK;
    },
  });
  return isFound;
}

/** Whether a node is written in lines of its own, so that comments can stand in it. */
export function spansLines(node: Node | undefined): boolean {
  return (
    isMap(node) || isSeq(node) || (isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED"))
  );
}

/** Integers are exact: `bigint` only where a number would be rounded. */
function toJson(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map(toJson);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member)]));
}

function firstLine(text: string): string {
  return text.split("\n")[0]?.replace(/:$/, "") ?? text;
}

function unprocessable(reason: string): AppError {
  return new AppError("unprocessable", `The document cannot be read, so nothing was merged into it: ${reason}.`);
}
