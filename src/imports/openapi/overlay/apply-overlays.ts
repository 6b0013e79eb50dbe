import { AppError } from "../../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import type { ImportNote } from "../../report/import-report.ts";
import { memberOf } from "../reading/json-pointer.ts";
import { findTargets } from "./find-targets.ts";

/** An overlay that was read, and what it is called in messages. */
export interface ReadOverlay {
  readonly name: string;
  readonly value: JsonObject;
}

/**
 * Applies overlays (OpenAPI Overlay 1.0) in their order, each action on what the ones before it have left. Answers a
 * new description; an action that matches nothing is a note. Fails with `AppError("unprocessable")` on an overlay or an
 * action that is not one.
 */
export function applyOverlays(
  description: JsonObject,
  overlays: readonly ReadOverlay[],
  note: (note: ImportNote) => void,
): JsonObject {
  if (overlays.length === 0) return description;
  const root = structuredClone(description);
  for (const { name, value } of overlays) {
    for (const [index, action] of actionsOf(name, value).entries())
      applyAction(root, action, `${name}, actions[${index}]`, note);
  }
  return root;
}

function actionsOf(name: string, overlay: JsonObject): readonly JsonValue[] {
  const refuse = (message: string): AppError => new AppError("unprocessable", `${name}: ${message}`);
  const version = overlay["overlay"];
  if (typeof version !== "string" || !/^1\.\d+(\.\d+)?$/.test(version)) {
    throw refuse("this is no overlay: it needs `overlay: 1.0.0`, `info` and `actions`.");
  }
  const { actions } = overlay;
  if (!Array.isArray(actions) || actions.length === 0)
    throw refuse("`actions` must be a list with at least one entry.");
  // `Array.isArray` widens a readonly list to any[].
  return actions as readonly JsonValue[];
}

function applyAction(root: JsonObject, action: JsonValue, place: string, note: (note: ImportNote) => void): void {
  const target = isJsonObject(action) ? action["target"] : undefined;
  if (!isJsonObject(action) || typeof target !== "string") {
    throw new AppError(
      "unprocessable",
      `${place}: an action needs a \`target\`, a JSONPath such as $.paths['/pets'].get.`,
    );
  }
  const locations = withPlace(place, () => findTargets(target, root));
  if (locations.length === 0) {
    const message = `${place}: \`${target.slice(0, 200)}\` matches nothing. Correct the target, or remove the action.`;
    note({ code: "overlay-target-missing", message });
    return;
  }
  if (action["remove"] === true) remove(root, locations);
  else if (action["update"] !== undefined)
    for (const keys of locations) update(root, keys, action["update"], place, note);
  else note({ code: "overlay-action-empty", message: `${place}: the action has neither \`update\` nor \`remove\`.` });
}

function withPlace<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, `${place}: ${error.message}`, { cause: error });
  }
}

/** The overlay's own copy of the description may be changed in place. */
interface MutableObject {
  [key: string]: JsonValue;
}

/** From the last to the first, so that indexes of a list stay right. */
function remove(root: JsonObject, locations: readonly (readonly (string | number)[])[]): void {
  for (const keys of locations.toReversed()) {
    const key = keys.at(-1);
    const parent = at(root, keys.slice(0, -1));
    if (key === undefined) throw new AppError("unprocessable", "An overlay cannot remove the whole description.");
    // Both are of the copy that was made for this.
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else if (isJsonObject(parent)) Reflect.deleteProperty(parent, key);
  }
}

function update(
  root: JsonObject,
  keys: readonly (string | number)[],
  value: JsonValue,
  place: string,
  note: (note: ImportNote) => void,
): void {
  const target = at(root, keys);
  if (Array.isArray(target)) {
    // Of the copy that was made for this.
    target.push(structuredClone(value));
  } else if (isJsonObject(target) && isJsonObject(value)) {
    merge(target, value);
  } else {
    const message = `${place}: the target is neither a mapping that the update could be merged into nor a list. Aim at its parent.`;
    note({ code: "overlay-target-unfit", message });
  }
}

function merge(target: MutableObject, value: JsonObject): void {
  for (const [key, member] of Object.entries(value)) {
    const there = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isJsonObject(there) && isJsonObject(member)) merge(there, member);
    else if (Array.isArray(there) && Array.isArray(member)) (there as JsonValue[]).push(...structuredClone(member));
    // A key `__proto__` stays a key.
    else Object.defineProperty(target, key, { value: structuredClone(member), ...plainMember });
  }
}

const plainMember = { writable: true, enumerable: true, configurable: true } as const;

function at(root: JsonValue, keys: readonly (string | number)[]): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const key of keys) value = memberOf(value, key);
  return value;
}
