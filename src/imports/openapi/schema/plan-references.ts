import type { ImportNote } from "../../report/import-report.ts";
import type { SchemaShelf } from "./schema-shelf.ts";

/** What is to be done with the schemas that one schema refers to. */
export interface ReferencePlan {
  /** Those that are kept; of the others only the type is. */
  readonly kept: ReadonlySet<string>;
  /** Those that go to `$defs`. */
  readonly shared: ReadonlySet<string>;
  /** Those of them that are met again below themselves: each circle has one. */
  readonly circular: ReadonlySet<string>;
  readonly notes: readonly ImportNote[];
}

/** Up to this size a schema is repeated rather than referred to. */
const smallSize = 120;

const maxNotes = 30;

/** Looks at everything that is reachable, the nearest first, until there are `maxCharacters`. */
export function planReferences(uses: readonly string[], shelf: SchemaShelf, maxCharacters: number): ReferencePlan {
  const { kept, counts, isComplete } = reach(uses, shelf, maxCharacters);
  const circular = findCircular(uses, kept, shelf);
  const shared = new Set(circular);
  for (const [key, count] of counts) {
    const { size, uses } = shelf.target(key);
    // What refers to others is never repeated: repetition of repetitions would grow without bound.
    if (count > 1 && (size > smallSize || uses.length > 0)) shared.add(key);
  }
  const notes: ImportNote[] = [...kept].flatMap((key) => shelf.target(key).notes).slice(0, maxNotes);
  if (!isComplete) {
    notes.push({
      code: "schema-shortened",
      message: `The schema has more than ${maxCharacters} characters: of its deepest parts only the types are kept.`,
    });
  }
  return { kept, shared, circular, notes };
}

interface Reached {
  readonly kept: ReadonlySet<string>;
  /** How often each of them is referred to. */
  readonly counts: ReadonlyMap<string, number>;
  readonly isComplete: boolean;
}

function reach(uses: readonly string[], shelf: SchemaShelf, maxCharacters: number): Reached {
  const kept = new Set<string>();
  const counts = new Map<string, number>();
  let total = 0;
  let isComplete = true;
  // A queue: the nearest first.
  const waiting = [...uses];
  for (let index = 0; index < waiting.length; index++) {
    const key = waiting[index];
    if (key === undefined) break;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (kept.has(key)) continue;
    const target = shelf.target(key);
    if (total + target.size > maxCharacters) {
      isComplete = false;
      counts.delete(key);
      continue;
    }
    total += target.size;
    kept.add(key);
    waiting.push(...target.uses);
  }
  return { kept, counts, isComplete };
}

function findCircular(uses: readonly string[], kept: ReadonlySet<string>, shelf: SchemaShelf): Set<string> {
  const found = new Set<string>();
  const done = new Set<string>();
  const open = new Set<string>();
  // A stack of our own: chains of references may be longer than that of the language.
  const steps: { readonly key: string; readonly left: string[] }[] = [{ key: "", left: uses.toReversed() }];
  for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
    const key = step.left.pop();
    if (key === undefined) {
      steps.pop();
      open.delete(step.key);
      done.add(step.key);
    } else if (open.has(key)) found.add(key);
    else if (kept.has(key) && !done.has(key)) {
      open.add(key);
      steps.push({ key, left: shelf.target(key).uses.toReversed() });
    }
  }
  return found;
}
