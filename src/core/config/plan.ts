import { type DocumentDescription, type KeyHashes, type PartKind, partKinds } from "./describe.ts";

export type ChangeKind = "add" | "change" | "remove";

/** A part of a server that differs. */
export interface PartChange {
  readonly change: ChangeKind;
  /** `tool`, `route`, …; `key` for a key of the document itself. */
  readonly part: string;
  readonly name: string;
  /** The keys that differ; only of a change. */
  readonly keys: readonly string[];
}

export interface ServerChange {
  readonly change: ChangeKind;
  /** `tenant/name`. */
  readonly server: string;
  readonly parts: readonly PartChange[];
}

/** What applying `wanted` over `served` would add, change and remove, by server, in the order of names. */
export function planChanges(
  served: readonly DocumentDescription[],
  wanted: readonly DocumentDescription[],
): ServerChange[] {
  const before = byServer(served);
  const after = byServer(wanted);
  const changes: ServerChange[] = [];
  for (const server of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const old = before.get(server);
    const next = after.get(server);
    if (old?.hash === next?.hash) continue;
    const change = old === undefined ? "add" : next === undefined ? "remove" : "change";
    changes.push({ change, server, parts: partChanges(old, next) });
  }
  return changes;
}

function byServer(documents: readonly DocumentDescription[]): Map<string, DocumentDescription> {
  return new Map(documents.map((document) => [`${document.tenant}/${document.name}`, document]));
}

function partChanges(old: DocumentDescription | undefined, next: DocumentDescription | undefined): PartChange[] {
  const changes: PartChange[] = [];
  if (old !== undefined && next !== undefined) {
    for (const key of changedKeys(old.keys, next.keys))
      changes.push({ change: "change", part: "key", name: key, keys: [] });
  }
  for (const kind of partKinds) {
    changes.push(...compareParts(kind, old?.parts[kind] ?? {}, next?.parts[kind] ?? {}));
  }
  return changes;
}

function compareParts(
  kind: PartKind,
  old: Readonly<Record<string, KeyHashes>>,
  next: Readonly<Record<string, KeyHashes>>,
): PartChange[] {
  const part = kind.replace(/s$/, "");
  const before = new Map(Object.entries(old));
  const after = new Map(Object.entries(next));
  const changes: PartChange[] = [];
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const oldKeys = before.get(name);
    const nextKeys = after.get(name);
    if (oldKeys === undefined) changes.push({ change: "add", part, name, keys: [] });
    else if (nextKeys === undefined) changes.push({ change: "remove", part, name, keys: [] });
    else {
      const keys = changedKeys(oldKeys, nextKeys);
      if (keys.length > 0) changes.push({ change: "change", part, name, keys });
    }
  }
  // Clients see lists in their order; upstreams are no list.
  if (kind !== "upstreams" && commonOrder(before, after) !== commonOrder(after, before)) {
    changes.push({ change: "change", part: kind, name: "order", keys: [] });
  }
  return changes;
}

function commonOrder(of: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): string {
  return JSON.stringify([...of.keys()].filter((name) => other.has(name)));
}

function changedKeys(old: KeyHashes, next: KeyHashes): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(next)])].filter((key) => old[key] !== next[key]).sort();
}
