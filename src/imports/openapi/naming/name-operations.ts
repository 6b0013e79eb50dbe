import { createHash } from "node:crypto";

/** Most characters of a tool's name: the least that any client takes. */
export const maxNameLength = 64;

/** What names are made of. `method` and `path` together are unique. */
export interface NamedOperation {
  readonly method: string;
  readonly path: string;
  readonly operationId?: string;
  /** Name that a hint asks for. */
  readonly wanted?: string;
}

/**
 * A name for each operation: letters, digits, `_` and `-`, at most `maxNameLength`, no two alike even in small letters.
 * It depends on what the operation is and on whom it collides with, not on the order. All operations of a description
 * are to be named together, so that a name does not depend on which of them are chosen.
 */
export function nameOperations(operations: readonly NamedOperation[]): string[] {
  const first = operations.map(preferredName);
  const isTaken = countNames(first);
  // Who shares a name is named by its path instead: `list` twice becomes `get_pets` and `get_users`.
  const second = operations.map((operation, index) => {
    const name = first[index] ?? "";
    return isTaken(name) ? nameByPath(operation) : name;
  });
  const isStillTaken = countNames(second);
  return operations.map(({ method, path }, index) => {
    const name = second[index] ?? "";
    return isStillTaken(name) ? withSuffix(name, `${method} ${path}`) : name;
  });
}

function preferredName(operation: NamedOperation): string {
  for (const text of [operation.wanted, operation.operationId]) {
    const name = text === undefined ? "" : cleanName(text);
    if (name !== "") return name;
  }
  return nameByPath(operation);
}

/** `GET /pets/{id}` is `get_pets_by_id`. */
function nameByPath({ method, path }: NamedOperation): string {
  const words = path.replaceAll(/\{([^{}]*)\}/g, (_all, name: string) => `/by/${name}`);
  const name = cleanName(`${method.toLowerCase()}/${words}`);
  // Paths in other alphabets leave nothing but the method.
  return name.includes("_") || path === "/" ? name : withSuffix(name, path);
}

/** Legal as it is, or made so: accents are taken off, anything else that is not legal becomes `_`. */
function cleanName(text: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return text;
  const clean = text
    .slice(0, 10_000)
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^A-Za-z0-9_-]+/g, "_")
    .replaceAll(/_{2,}/g, "_")
    .replaceAll(/^[_-]+|[_-]+$/g, "");
  return clean.length <= maxNameLength ? clean : withSuffix(clean, text);
}

/** Cuts the name, at a word where one ends near by, and tells it apart by a hash of what it is a name of. */
function withSuffix(name: string, identity: string): string {
  const suffix = createHash("sha256").update(identity).digest("hex").slice(0, suffixLength);
  const room = maxNameLength - suffixLength - 1;
  if (name.length <= room) return `${name}_${suffix}`;
  const cut = name.slice(0, room);
  const end = Math.max(cut.lastIndexOf("_"), cut.lastIndexOf("-"));
  return `${cut.slice(0, end > room - 16 ? end : room)}_${suffix}`;
}

const suffixLength = 8;

function countNames(names: readonly string[]): (name: string) => boolean {
  const counts = new Map<string, number>();
  for (const name of names) {
    const key = name.toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return (name) => (counts.get(name.toLowerCase()) ?? 0) > 1;
}
