import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { ImportNote } from "../report/import-report.ts";
import type { Description, Located } from "./description.ts";
import type { Direction } from "./schema/conversion.ts";
import { followReference } from "./follow-reference.ts";
import { SchemaShelf } from "./schema/schema-shelf.ts";

/** One operation that is being compiled: what its parts share. */
export interface OperationCompilation {
  readonly description: Description;
  /** Schemas of requests, or of a patch. */
  readonly shelf: SchemaShelf;
  readonly notes: ImportNote[];
  readonly note: (code: string, message: string, at?: Located) => void;
}

const shelves = new WeakMap<Description, Map<Direction, SchemaShelf>>();

/** The schemas of a description for one direction, shared by all of its operations. */
export function shelfOf(description: Description, direction: Direction): SchemaShelf {
  const known = shelves.get(description) ?? new Map<Direction, SchemaShelf>();
  shelves.set(description, known);
  const shelf = known.get(direction) ?? new SchemaShelf(description, direction);
  known.set(direction, shelf);
  return shelf;
}

export function startCompilation(description: Description, direction: Direction): OperationCompilation {
  const notes: ImportNote[] = [];
  return {
    description,
    shelf: shelfOf(description, direction),
    notes,
    note: (code, message, at) => notes.push({ code, message, ...(at === undefined ? {} : { pointer: at.pointer }) }),
  };
}

/** The object that stands at a member, references followed; `undefined` when there is none or they lead nowhere. */
export function objectAt(located: Located, key: string, description: Description): Located<JsonObject> | undefined {
  const member = description.child(located, key);
  const target = member === undefined ? undefined : followReference(member, description);
  return target === undefined ? undefined : objectOf(target);
}

export function objectOf(located: Located): Located<JsonObject> | undefined {
  // The value was looked at; only its type is narrowed.
  return isJsonObject(located.value) ? (located as Located<JsonObject>) : undefined;
}

/** A member that is a text. */
export function textOf(object: JsonObject, key: string): string | undefined {
  const value: JsonValue | undefined = Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}
