import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { pointerTo } from "./json-pointer.ts";

/** What of a document is needed to follow references. */
export interface ScannedDocument {
  /** Pointer and text of every reference that leaves its document. */
  readonly outward: readonly { readonly pointer: string; readonly reference: string }[];
  /** `$id` by the pointer of the schema that has it. */
  readonly ids: ReadonlyMap<string, string>;
  /** `$anchor` and `$dynamicAnchor`: pointer of the schema that has it, by name. */
  readonly anchors: ReadonlyMap<string, string>;
  /** Whether `$dynamicRef` is used. */
  readonly isDynamic: boolean;
}

/** Most references to other documents that are looked at in one document. */
const maxOutward = 100_000;

/** Finds references, identifiers and anchors in a document, not in its examples and other data. */
export function scanReferences(root: JsonObject): ScannedDocument {
  const outward: { pointer: string; reference: string }[] = [];
  const ids = new Map<string, string>();
  const anchors = new Map<string, string>();
  let isDynamic = false;
  /** Pointers are built only where something is found: most of a document is neither. */
  const trail: (string | number)[] = [];
  const here = (): string => trail.reduce<string>((pointer, key) => pointerTo(pointer, key), "");

  function visit(value: JsonValue, hasNames: boolean): void {
    if (Array.isArray(value)) {
      // `Array.isArray` widens a readonly list to any[].
      (value as readonly JsonValue[]).forEach((item, index) => enter(index, item, false));
    } else if (isJsonObject(value)) {
      if (!hasNames) takeKeywords(value);
      for (const [key, member] of Object.entries(value)) {
        if (hasNames) enter(key, member, false);
        else if (!dataKeys.has(key)) enter(key, member, nameKeys.has(key));
      }
    }
  }

  function enter(key: string | number, value: JsonValue, hasNames: boolean): void {
    if (typeof value !== "object" || value === null) return;
    trail.push(key);
    visit(value, hasNames);
    trail.pop();
  }

  function takeKeywords(value: JsonObject): void {
    for (const key of referenceKeys) {
      const reference = value[key];
      if (typeof reference !== "string" || reference.startsWith("#") || outward.length >= maxOutward) continue;
      outward.push({ pointer: here(), reference });
    }
    isDynamic ||= typeof value["$dynamicRef"] === "string";
    const id = value["$id"];
    if (typeof id === "string") ids.set(here(), id);
    for (const key of anchorKeys) {
      const anchor = value[key];
      if (typeof anchor === "string" && !anchors.has(anchor)) anchors.set(anchor, here());
    }
  }

  visit(root, false);
  return { outward, ids, anchors, isDynamic };
}

const referenceKeys = ["$ref", "$dynamicRef"] as const;
const anchorKeys = ["$anchor", "$dynamicAnchor"] as const;

/** What stands below these is data, whose keys mean nothing to us. */
const dataKeys: ReadonlySet<string> = new Set(["example", "examples", "default", "enum", "const", "value"]);

/** What stands below these are names that the author chose: a property may be called `example`. */
const nameKeys: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "definitions",
  "$defs",
  "paths",
  "webhooks",
  "schemas",
  "responses",
  "parameters",
  "requestBodies",
  "headers",
  "pathItems",
  "callbacks",
  "content",
  "encoding",
]);
