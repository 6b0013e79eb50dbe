import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import { maxConfigDepth } from "../../core/json.ts";
import type { DocumentPath } from "../../core/problem.ts";

/** Where the keys and values of a document stand in its text. */
export interface SourcePositions {
  /** Offset of the value at a path, or of its key; of the closest parent that exists otherwise. */
  offsetOf(path: DocumentPath, atKey: boolean): number;
  readonly duplicates: readonly DuplicateKey[];
}

export interface DuplicateKey {
  readonly path: DocumentPath;
  readonly offset: number;
  readonly firstOffset: number;
}

interface PositionNode {
  offset: number;
  readonly entries?: Map<string, PositionEntry>;
  readonly items?: PositionNode[];
  /** What an alias stands for. */
  readonly target?: PositionNode;
}

interface PositionEntry {
  readonly keyOffset: number;
  readonly value: PositionNode;
}

/** Finds the positions in the text of one document; absent when the text is not well formed. */
export function buildPositions(text: string): SourcePositions | undefined {
  let events: Event[];
  try {
    events = parseEvents(text, { maxDepth: maxConfigDepth });
  } catch {
    // The caller already has this failure from loading the text.
    return undefined;
  }
  const reader = new PositionReader(text, events);
  const root = reader.read([]);
  return { offsetOf: (path, atKey) => offsetOf(root, path, atKey), duplicates: reader.duplicates };
}

class PositionReader {
  readonly duplicates: DuplicateKey[] = [];
  readonly #anchors = new Map<string, PositionNode>();
  readonly #text: string;
  readonly #events: readonly Event[];
  #next = 0;
  #lastOffset = 0;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
    if (events[0]?.type === EVENT_ID.DOCUMENT) this.#next = 1;
  }

  read(path: readonly (string | number)[]): PositionNode {
    const event = this.#events[this.#next++];
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#remember(event, { offset: this.#scalarOffset(event) });
      case EVENT_ID.SEQUENCE: {
        const items: PositionNode[] = [];
        const node = this.#remember(event, { offset: this.#at(event.start), items });
        while (!this.#ended()) items.push(this.read([...path, items.length]));
        return node;
      }
      case EVENT_ID.MAPPING: {
        const entries = new Map<string, PositionEntry>();
        const node = this.#remember(event, { offset: this.#at(event.start), entries });
        while (!this.#ended()) this.#readEntry(entries, path);
        return node;
      }
      case EVENT_ID.ALIAS: {
        const target = this.#anchors.get(this.#text.slice(event.anchorStart, event.anchorEnd));
        const offset = this.#at(event.anchorStart - 1);
        return target === undefined ? { offset } : { offset, target };
      }
      case EVENT_ID.DOCUMENT:
      case EVENT_ID.POP:
      case undefined:
        return { offset: this.#lastOffset };
      default:
        return event satisfies never;
    }
  }

  #readEntry(entries: Map<string, PositionEntry>, path: readonly (string | number)[]): void {
    const event = this.#events[this.#next];
    const isScalar = event?.type === EVENT_ID.SCALAR;
    const key = isScalar && event.valueStart >= 0 ? getScalarValue(this.#text, event) : "";
    const keyOffset = this.read(path).offset;
    const first = entries.get(key);
    if (first !== undefined && isScalar) {
      this.duplicates.push({ path: [...path, key], offset: keyOffset, firstOffset: first.keyOffset });
    }
    const value = this.read([...path, key]);
    if (first === undefined) entries.set(key, { keyOffset, value });
  }

  /** Whether the open collection ends here; steps over its end. */
  #ended(): boolean {
    const event = this.#events[this.#next];
    if (event !== undefined && event.type !== EVENT_ID.POP) return false;
    this.#next++;
    return true;
  }

  #scalarOffset(event: ScalarEvent): number {
    if (event.valueStart < 0) return this.#lastOffset;
    const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    return this.#at(isQuoted ? event.valueStart - 1 : event.valueStart);
  }

  #at(offset: number): number {
    this.#lastOffset = offset;
    return offset;
  }

  #remember(event: { readonly anchorStart: number; readonly anchorEnd: number }, node: PositionNode): PositionNode {
    if (event.anchorStart >= 0) this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), node);
    return node;
  }
}

function offsetOf(root: PositionNode, path: DocumentPath, atKey: boolean): number {
  let node = root;
  let offset = root.offset;
  for (const [index, step] of path.entries()) {
    const found = childOf(node, step);
    if (found === undefined) return offset;
    node = found.value;
    offset = atKey && index === path.length - 1 ? found.keyOffset : node.offset;
  }
  return offset;
}

function childOf(node: PositionNode, step: string | number): PositionEntry | undefined {
  const content = node.target ?? node;
  const item = content.items?.[Number(step)];
  if (item !== undefined) return { keyOffset: item.offset, value: item };
  const entry = content.entries?.get(String(step));
  if (entry !== undefined) return entry;
  const merged = content.entries?.get("<<")?.value;
  if (merged === undefined) return undefined;
  for (const source of merged.items ?? [merged]) {
    const inherited = source === node ? undefined : childOf(source, step);
    if (inherited !== undefined) return inherited;
  }
  return undefined;
}
