import { isMap, isScalar, isSeq } from "yaml";
import { findPair, nodeAt, parseNodes } from "./document-source.ts";
import type { TextEdit } from "./text-edit.ts";

/**
 * Changes a text by its nodes and writes all of it again: comments and order stay, spaces and line breaks need not.
 * Undefined when an edit leads through an alias.
 */
export function editNodes(text: string, edits: readonly TextEdit[]): string | undefined {
  const nodes = parseNodes(text);
  // From the end, so that indexes stay those of the text; of several at one place the last comes first.
  for (const edit of edits.toReversed().toSorted(byIndexFromTheEnd)) {
    if (!apply(nodes, edit)) return undefined;
  }
  return nodes.toString({ lineWidth: 0 });
}

function apply(nodes: ReturnType<typeof parseNodes>, edit: TextEdit): boolean {
  switch (edit.kind) {
    case "set": {
      const pair = findPair(nodes, edit.path);
      if (pair === undefined) return false;
      const old = pair.value;
      pair.value = nodes.createNode(edit.value);
      if (old !== null && pair.value !== null && isScalar(old) && isScalar(pair.value)) {
        pair.value.comment = old.comment ?? null;
        pair.value.commentBefore = old.commentBefore ?? null;
      }
      return true;
    }
    case "add": {
      const map = nodeAt(nodes, edit.path);
      if (!isMap(map)) return false;
      const before = map.items.findIndex(({ key }) => isScalar(key) && key.value === edit.after);
      const pair = nodes.createPair(edit.key, edit.value);
      map.items.splice(before === -1 ? map.items.length : before + 1, 0, pair);
      return true;
    }
    case "insert": {
      const list = nodeAt(nodes, edit.path);
      if (!isSeq(list)) return false;
      list.items.splice(edit.index, 0, nodes.createNode(edit.value));
      return true;
    }
    case "remove": {
      const parent = nodeAt(nodes, edit.path.slice(0, -1));
      return (isMap(parent) || isSeq(parent)) && parent.delete(edit.path.at(-1));
    }
  }
}

function byIndexFromTheEnd(a: TextEdit, b: TextEdit): number {
  return indexOf(b) - indexOf(a);
}

/** Of the tool that the edit is about or inside of; other edits move nothing. */
function indexOf(edit: TextEdit): number {
  if (edit.kind === "insert") return edit.index - 0.5;
  const step = edit.path[1];
  return typeof step === "number" ? step : -1;
}
