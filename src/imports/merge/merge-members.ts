import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import type { MergeContext, Sides } from "./merge-context.ts";
import { mergeLists } from "./merge-lists.ts";
import { memberOf, presentKeys, sameValue } from "./same-value.ts";

export interface MergedObjects {
  readonly base: JsonObject;
  readonly theirs: JsonObject;
  readonly mine: JsonObject;
}

/**
 * Merges objects key by key; what only one side has changed is taken from it. Answers the merged object and leaves in
 * the context the edits that make it of `mine`.
 *
 * @param except keys that somebody else merges; they stay as they are in `mine`
 */
export function mergeMembers(
  path: DocumentPath,
  { base, theirs, mine }: MergedObjects,
  context: MergeContext,
  except: ReadonlySet<string> = new Set(),
): JsonObject {
  const merged = new Map<string, JsonValue>();
  const firstEdit = context.edits.length;
  const mineKeys = presentKeys(mine);
  for (const key of mineKeys) {
    const sides = { base: memberOf(base, key), theirs: memberOf(theirs, key), mine: memberOf(mine, key) };
    const value = except.has(key) ? sides.mine : mergeMember([...path, key], sides, context);
    if (value !== undefined) merged.set(key, value);
  }
  let after: string | undefined;
  for (const key of presentKeys(theirs)) {
    if (Object.hasOwn(mine, key)) {
      if (merged.has(key)) after = key;
      continue;
    }
    const value = except.has(key)
      ? undefined
      : takeAbsent([...path, key], { base: memberOf(base, key), theirs: theirs[key], mine: undefined }, context);
    if (value === undefined) continue;
    context.edits.push({ kind: "add", path, key, value, after });
    merged.set(key, value);
  }
  const result = Object.fromEntries(merged);
  const isReplaced = path.length > 0 && !mineKeys.some((key) => merged.has(key)) && context.edits.length > firstEdit;
  // Of an object that loses all of its keys nothing is left that new ones could stand behind.
  if (isReplaced) context.edits.splice(firstEdit, Number.POSITIVE_INFINITY, { kind: "set", path, value: result });
  return result;
}

/** Merges what `mine` has; undefined when it goes. */
function mergeMember(path: DocumentPath, sides: Sides, context: MergeContext): JsonValue | undefined {
  const { base, theirs, mine } = sides;
  if (sameValue(base, theirs)) {
    if (!sameValue(base, mine)) context.keep(base === undefined ? "added" : "edited", path);
    return mine;
  }
  if (sameValue(theirs, mine)) return mine;
  if (isJsonObject(theirs) && isJsonObject(mine)) {
    return mergeMembers(path, { base: isJsonObject(base) ? base : {}, theirs, mine }, context);
  }
  if (sameValue(base, mine)) {
    const isLossy = theirs === undefined ? context.holdsComments(path) : context.losesComments(path);
    if (!isLossy) return take(path, theirs, context);
    const kind = theirs === undefined ? "removed-but-edited" : "has-comments";
    return context.conflict(kind, path, sides) === "mine" ? mine : take(path, theirs, context);
  }
  const list = context.losesComments(path) ? undefined : mergeLists(base, theirs, mine);
  if (list !== undefined) {
    context.keep("edited", path);
    return sameValue(list, mine) ? mine : take(path, list, context);
  }
  const kind = theirs === undefined ? "removed-but-edited" : "both-changed";
  return context.conflict(kind, path, sides) === "mine" ? mine : take(path, theirs, context);
}

/** What a key of theirs becomes that `mine` has not; the caller writes it. */
function takeAbsent(path: DocumentPath, sides: Sides, context: MergeContext): JsonValue | undefined {
  const { base, theirs } = sides;
  if (base !== undefined) {
    if (sameValue(base, theirs)) {
      context.keep("removed", path);
      return undefined;
    }
    if (context.conflict("changed-but-removed", path, sides) === "mine") return undefined;
  }
  context.change(path);
  return theirs;
}

function take(path: DocumentPath, value: JsonValue | undefined, context: MergeContext): JsonValue | undefined {
  context.change(path);
  context.edits.push(value === undefined ? { kind: "remove", path } : { kind: "set", path, value });
  return value;
}
