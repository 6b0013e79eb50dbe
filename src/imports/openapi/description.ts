import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { ImportNote } from "../report/import-report.ts";

/** A value of a description and where it stands. */
export interface Located<T extends JsonValue = JsonValue> {
  readonly value: T;
  /** Document that it is in: the description itself or one that it references. */
  readonly document: string;
  /** JSON pointer in that document. */
  readonly pointer: string;
}

/** All documents of a description; references are still in them and are followed when they are asked for. */
export interface Description {
  /** OpenAPI 3.1-shaped whatever it was (2.0 and 3.0 are upgraded, 3.2 kept). */
  readonly root: Located<JsonObject>;
  /**
   * The value itself, or what its `$ref` chain leads to (siblings of `$ref` in 3.1 schemas are the caller's matter).
   * Throws `AppError("unprocessable")` that names the reference when it leads nowhere or in a circle. Synchronous:
   * documents were loaded before.
   */
  resolve(located: Located): Located;
  /** The member of an object or list, located. */
  child(located: Located, key: string | number): Located | undefined;
}

export interface OperationSource {
  /** Upper case. */
  readonly method: string;
  readonly path: string;
  readonly operation: Located<JsonObject>;
  readonly pathItem: Located<JsonObject>;
}

/** A security scheme that an operation uses, as `components.securitySchemes` names it. */
export interface SecurityUse {
  readonly scheme: string;
  readonly scopes: readonly string[];
}

/** What an operation becomes. Names, descriptions' length and the choice are the reader side's matter. */
export type OperationOutcome =
  | {
      readonly kind: "tool";
      readonly parts: ToolParts;
      readonly notes: readonly ImportNote[];
      readonly security: readonly SecurityUse[];
    }
  | { readonly kind: "refused"; readonly notes: readonly ImportNote[] };

/** Plain values of the document schema. */
export interface ToolParts {
  readonly title?: string;
  readonly description?: string;
  readonly input: JsonObject;
  readonly request: JsonObject;
  readonly result?: JsonValue;
  readonly output?: JsonObject;
  /** For operations that answer with events or lines of JSON. */
  readonly stream?: JsonObject;
  readonly annotations: JsonObject;
}
