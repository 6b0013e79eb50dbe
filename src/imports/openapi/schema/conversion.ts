import type { JsonValue } from "../../../core/json.ts";
import type { Description, Located } from "../description.ts";

/**
 * What a schema is converted for. `patch` is a request whose missing members leave things as they are, so
 * that nothing may be filled in.
 */
export type Direction = "request" | "patch" | "response";

/**
 * A converted schema in which `$ref` holds the key of a target (see `Conversion.refer`) instead of a pointer.
 * A boolean or an object whose keywords are those of JSON Schema 2020-12, each with a value of the right kind.
 */
export type Draft = JsonValue;

/** What one conversion is done with, and where its findings go. */
export interface Conversion {
  readonly description: Description;
  readonly direction: Direction;
  /**
   * Notes that the schema needs what stands at `target`, without the properties in `hidden`; gives the key that
   * stands for it in `$ref`.
   */
  refer(target: Located, hidden: ReadonlySet<string>): string;
  note(code: string, message: string, at: Located): void;
}

/** Where in a schema the conversion is. */
export interface Place {
  /** Schemas around it, references not counted. */
  readonly depth: number;
  /** Properties that the schemas around it, which are about the same object, leave out. */
  readonly hidden: ReadonlySet<string>;
}

export const nothingHidden: ReadonlySet<string> = new Set();

export const topPlace: Place = { depth: 0, hidden: nothingHidden };

/** Deepest nesting of schemas inside of one component; a document is at most 100 levels deep altogether. */
export const maxDraftDepth = 24;
