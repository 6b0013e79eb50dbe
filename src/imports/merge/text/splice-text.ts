import { isMap, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import { type DocumentSource, findPair, nodeAt } from "./document-source.ts";
import type { TextEdit } from "./text-edit.ts";
import { writtenInline, writtenItem, writtenKey, writtenMember } from "./written-value.ts";

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Changes a text at the places of the edits and nowhere else: every other byte stays. Undefined when the text is
 * written in a way that this does not know (anchors, `? key`, a mapping that would become empty).
 */
export function spliceText({ text, nodes }: DocumentSource, edits: readonly TextEdit[]): string | undefined {
  const splicer = new Splicer(text, nodes);
  const splices: Splice[] = [];
  for (const edit of edits) {
    const splice = splicer.spliceOf(edit);
    if (splice === undefined) return undefined;
    splices.push(splice);
  }
  // Equal places keep the order of their edits; what is inserted comes before what is removed there.
  splices.sort((a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start));
  let result = "";
  let position = 0;
  for (const { start, end, text: written } of splices) {
    if (start < position) return undefined;
    result += text.slice(position, start) + written;
    position = end;
  }
  return result + text.slice(position);
}

type Entry = Pair<Node, Node | null>;

class Splicer {
  readonly #text: string;
  readonly #nodes: DocumentSource["nodes"];
  readonly #isJson: boolean;
  readonly #lineBreak: string;

  constructor(text: string, nodes: DocumentSource["nodes"]) {
    this.#text = text;
    this.#nodes = nodes;
    this.#isJson = /^\s*\{\s*["}]/.test(text);
    this.#lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  }

  spliceOf(edit: TextEdit): Splice | undefined {
    switch (edit.kind) {
      case "set":
        return this.#set(edit);
      case "add":
        return this.#add(edit);
      case "insert":
        return this.#insert(edit);
      case "remove":
        return this.#remove(edit);
    }
  }

  #set({ path, value }: TextEdit & { kind: "set" }): Splice | undefined {
    const parent = nodeAt(this.#nodes, path.slice(0, -1));
    const entry = findPair(this.#nodes, path);
    const old = entry?.value;
    if (entry === undefined || !isPlain(old) || !isMap(parent)) return undefined;
    if (parent.flow === true)
      return { start: old.range[0], end: old.range[1], text: writtenInline(value, this.#isJson) };
    const keyEnd = entry.key.range?.[1];
    if (keyEnd === undefined || !/^[ \t]*:\s*$/.test(this.#text.slice(keyEnd, old.range[0]))) return undefined;
    const written = this.#indented(writtenMember(value, path.length === 1), this.#column(startOf(entry)));
    return { start: keyEnd, end: this.#endOf(old), text: written };
  }

  #add({ path, key, value, after }: TextEdit & { kind: "add" }): Splice | undefined {
    const map = nodeAt(this.#nodes, path);
    if (!isMap<Node, Node | null>(map)) return undefined;
    const before = after === undefined ? map.items.at(-1) : findPair(this.#nodes, [...path, after]);
    if (before === undefined) return undefined;
    if (map.flow === true) {
      const place = endOfEntry(before);
      const name = this.#isJson ? JSON.stringify(key) : writtenInline(key, false);
      return place === undefined ? undefined : insertion(place, `, ${name}: ${writtenInline(value, this.#isJson)}`);
    }
    const column = this.#column(startOf(before));
    const written = `${writtenKey(key)}${writtenMember(value, path.length === 0)}`;
    return this.#insertLines(this.#endOfEntry(before), " ".repeat(column) + this.#indented(written, column));
  }

  #insert({ path, index, value }: TextEdit & { kind: "insert" }): Splice | undefined {
    const list = nodeAt(this.#nodes, path);
    if (!isSeq<Node>(list)) return undefined;
    const before = list.items[index - 1];
    const [first] = list.items;
    if (!isPlain(first) || (before !== undefined && !isPlain(before))) return undefined;
    if (list.flow === true) {
      const written = writtenInline(value, this.#isJson);
      return before === undefined
        ? insertion(first.range[0], `${written}, `)
        : insertion(before.range[1], `, ${written}`);
    }
    const dash = this.#dashBefore(first);
    if (dash === undefined) return undefined;
    const column = this.#column(dash);
    const lines = " ".repeat(column) + this.#indented(writtenItem(value), column);
    if (before === undefined) return insertion(this.#lineStart(dash), `${lines}${this.#lineBreak}`);
    return this.#insertLines(this.#endOf(before), lines);
  }

  #remove({ path }: TextEdit & { kind: "remove" }): Splice | undefined {
    const parent = nodeAt(this.#nodes, path.slice(0, -1));
    if (isMap<Node, Node | null>(parent)) {
      const entry = findPair(this.#nodes, path);
      if (entry === undefined || parent.items.length === 1) return undefined;
      return parent.flow === true
        ? removeInline<Entry>(parent, parent.items.indexOf(entry), startOf, endOfEntry)
        : this.#removeLines(startOf(entry), this.#endOfEntry(entry));
    }
    const item = nodeAt(this.#nodes, path);
    if (!isSeq<Node>(parent) || !isPlain(item) || parent.items.length === 1) return undefined;
    if (parent.flow === true) {
      return removeInline<Node>(parent, parent.items.indexOf(item), startOfNode, endOfNode);
    }
    return this.#removeLines(this.#dashBefore(item), this.#endOf(item));
  }

  #insertLines(end: number, lines: string): Splice {
    const place = this.#lineEnd(end);
    const isUnended = place === this.#text.length && !this.#text.endsWith("\n");
    return insertion(place, isUnended ? `${this.#lineBreak}${lines}` : `${lines}${this.#lineBreak}`);
  }

  #removeLines(start: number | undefined, end: number): Splice | undefined {
    if (start === undefined) return undefined;
    const lineStart = this.#lineStart(start);
    // What shares its line with something else, such as a dash, is not known here.
    if (this.#text.slice(lineStart, start).trim() !== "") return undefined;
    return { start: lineStart, end: this.#lineEnd(end), text: "" };
  }

  #indented(written: string, column: number): string {
    const indent = " ".repeat(column);
    return written
      .split("\n")
      .map((line, index) => (index === 0 || line === "" ? line : indent + line))
      .join(this.#lineBreak);
  }

  /** Where the text of a value ends, without comments and line breaks behind it. */
  #endOf(node: Node): number {
    if (isMap<Node, Node | null>(node) && node.flow !== true) {
      const last = node.items.at(-1);
      if (last !== undefined) return this.#endOfEntry(last);
    }
    if (isSeq<Node>(node) && node.flow !== true) {
      const last = node.items.at(-1);
      if (last !== undefined) return this.#endOf(last);
    }
    let end = node.range?.[1] ?? 0;
    while (end > 0 && /\s/.test(this.#text.charAt(end - 1))) end--;
    return end;
  }

  #endOfEntry({ key, value }: Entry): number {
    return Math.max(key.range?.[1] ?? 0, value === null ? 0 : this.#endOf(value));
  }

  /** The dash of a list item, on its own line. */
  #dashBefore(item: Node): number | undefined {
    const start = item.range?.[0] ?? 0;
    const lineStart = this.#lineStart(start);
    return /^ *- +$/.test(this.#text.slice(lineStart, start)) ? this.#text.indexOf("-", lineStart) : undefined;
  }

  #column(offset: number | undefined): number {
    return offset === undefined ? 0 : offset - this.#lineStart(offset);
  }

  #lineStart(offset: number): number {
    return this.#text.lastIndexOf("\n", offset - 1) + 1;
  }

  #lineEnd(offset: number): number {
    const end = this.#text.indexOf("\n", offset);
    return end === -1 ? this.#text.length : end + 1;
  }
}

function isPlain(node: Node | null | undefined): node is Node & { range: [number, number, number] } {
  if (node === null || node === undefined || !node.range || node.range[0] === node.range[1]) return false;
  return !("anchor" in node && node.anchor !== undefined) && node.tag === undefined;
}

function removeInline<Item>(
  { items }: YAMLMap<Node, Node | null> | YAMLSeq<Node>,
  index: number,
  start: (item: Item) => number | undefined,
  end: (item: Item) => number | undefined,
): Splice | undefined {
  // The caller's accessors are those of the items of its collection.
  const [before, item, next] = [items[index - 1], items[index], items[index + 1]] as (Item | undefined)[];
  if (item === undefined) return undefined;
  const from = next === undefined && before !== undefined ? end(before) : start(item);
  const to = next === undefined ? end(item) : start(next);
  return from === undefined || to === undefined ? undefined : { start: from, end: to, text: "" };
}

function insertion(place: number, text: string): Splice {
  return { start: place, end: place, text };
}

function startOf({ key }: Entry): number | undefined {
  return key.range?.[0];
}

function endOfEntry({ key, value }: Entry): number | undefined {
  return value?.range?.[1] ?? key.range?.[1];
}

function startOfNode({ range }: Node): number | undefined {
  return range?.[0];
}

function endOfNode({ range }: Node): number | undefined {
  return range?.[1];
}
