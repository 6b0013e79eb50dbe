import type { JsonValue } from "../../core/json.ts";
import { sameValue } from "./same-value.ts";

/**
 * Merges lists that both sides have changed: lists of different texts and numbers (`required`, `enum`) as sets, lists of
 * one length item by item where no item was changed by both. Undefined when neither can be done.
 */
export function mergeLists(
  base: JsonValue | undefined,
  theirs: JsonValue | undefined,
  mine: JsonValue | undefined,
): JsonValue[] | undefined {
  if (!isList(base) || !isList(theirs) || !isList(mine)) return undefined;
  if ([base, theirs, mine].every(isSet)) return mergeSets(base, theirs, mine);
  if (base.length !== theirs.length || base.length !== mine.length) return undefined;
  const merged: JsonValue[] = [];
  for (const [index, old] of base.entries()) {
    const [their = null, my = null] = [theirs[index], mine[index]];
    if (sameValue(old, my)) merged.push(their);
    else if (sameValue(old, their) || sameValue(my, their)) merged.push(my);
    else return undefined;
  }
  return merged;
}

/** In the order of the document, with what is new at the end. */
function mergeSets(base: readonly JsonValue[], theirs: readonly JsonValue[], mine: readonly JsonValue[]): JsonValue[] {
  const stays = mine.filter((item) => theirs.includes(item) || !base.includes(item));
  return [...stays, ...theirs.filter((item) => !base.includes(item) && !mine.includes(item))];
}

function isSet(list: readonly JsonValue[]): boolean {
  return list.every((item) => item === null || typeof item !== "object") && new Set(list).size === list.length;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
