import type { JsonValue } from "../../../core/json.ts";
import type { DocumentPath } from "../../../core/problem.ts";

/** One change of a document's text. Indexes are those of the text before any change. */
export type TextEdit =
  /** Another value for a key that is there. */
  | { readonly kind: "set"; readonly path: DocumentPath; readonly value: JsonValue }
  /** A new key of the mapping at `path`: behind the key `after`, at its end without one. */
  | {
      readonly kind: "add";
      readonly path: DocumentPath;
      readonly key: string;
      readonly value: JsonValue;
      readonly after: string | undefined;
    }
  /** A new item of the list at `path`, before the one that has this index. */
  | { readonly kind: "insert"; readonly path: DocumentPath; readonly index: number; readonly value: JsonValue }
  /** A key or an item that goes. */
  | { readonly kind: "remove"; readonly path: DocumentPath };
