import { maxConfigDepth } from "../../core/json.ts";
import type { DocumentPath, Problem } from "../../core/problem.ts";

/** How many values aliases may add to the ones that are written in the text. */
const maxAddedByAliases = 200_000;

interface Measure {
  readonly values: number;
  readonly depth: number;
}

/**
 * Finds what makes a parsed value unfit to be walked or written as JSON: an alias within what it
 * stands for, aliases that multiply the document ("billion laughs"), too deep nesting, NaN and
 * infinities. Every object is visited once, however often it is referred to.
 */
export function findExcess(root: unknown): Problem | undefined {
  const measured = new Map<object, Measure>();
  const open = new Set<object>();
  let found: Problem | undefined;

  function fail(path: DocumentPath, message: string, mend: string): Measure {
    found ??= { severity: "error", path: [...path], message, mend };
    return { values: 1, depth: 0 };
  }

  function measure(value: unknown, path: (string | number)[]): Measure {
    if (typeof value === "number" && !Number.isFinite(value)) {
      return fail(path, `JSON cannot hold ${value}`, `put it in quotes: "${value}"`);
    }
    if (typeof value !== "object" || value === null) return { values: 1, depth: 0 };
    const known = measured.get(value);
    if (known !== undefined) return known;
    if (open.has(value)) return fail(path, "the alias stands within its own anchor", "write the value out");
    if (path.length > maxConfigDepth) return fail(path, tooDeep, "make the document flatter");
    open.add(value);
    let values = 1;
    let depth = 0;
    for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      path.push(key);
      const inner = measure(item, path);
      path.pop();
      if (found !== undefined) break;
      values += inner.values;
      depth = Math.max(depth, inner.depth + 1);
    }
    open.delete(value);
    const result = { values, depth };
    measured.set(value, result);
    return result;
  }

  const whole = measure(root, []);
  if (found !== undefined) return found;
  if (whole.depth > maxConfigDepth) return { severity: "error", path: [], message: tooDeep, mend: "use fewer aliases" };
  if (whole.values <= ownValues(measured) + maxAddedByAliases) return undefined;
  const message = `aliases add more than ${maxAddedByAliases} values to the document`;
  return { severity: "error", path: [], message, mend: "use fewer aliases, or several documents" };
}

const tooDeep = `nested more than ${maxConfigDepth} deep`;

function ownValues(measured: ReadonlyMap<object, Measure>): number {
  let count = 1;
  for (const value of measured.keys()) count += Object.keys(value).length;
  return count;
}
