import type { JsonObject, JsonValue } from "../../core/json.ts";
import { celMember } from "../document/cel-text.ts";
import { takeName, toToolName } from "../document/identifier.ts";

export interface WantedArgument {
  /** Name in the request; made into one that clients take. */
  readonly name: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
}

/** The arguments of one tool, by names of their own. */
export class ArgumentList {
  readonly #properties = new Map<string, JsonObject>();
  readonly #taken = new Set<string>();
  readonly #required: string[] = [];

  /** Adds an argument and answers its name, which differs from the wanted one when that is taken. */
  add({ name, schema, isRequired }: WantedArgument): string {
    const free = takeName(toToolName(name, "value"), this.#taken, "_");
    this.#properties.set(free, schema);
    if (isRequired) this.#required.push(free);
    return free;
  }

  /** Adds an argument and answers the text of a document that is its value. */
  expression(argument: WantedArgument): string {
    return `\${${celMember("args", this.add(argument))}}`;
  }

  /** The schema of all of them. */
  input(): JsonObject {
    return {
      type: "object",
      ...(this.#required.length > 0 ? { required: this.#required } : {}),
      properties: Object.fromEntries(this.#properties),
      additionalProperties: false,
    };
  }
}

/** Schema of a JSON value, without its default. */
export function schemaOf(value: JsonValue): JsonObject {
  if (value === null) return {};
  if (typeof value === "string") return { type: "string" };
  if (typeof value === "boolean") return { type: "boolean" };
  if (typeof value === "bigint") return { type: "integer" };
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  if (Array.isArray(value)) return { type: "array", items: itemsOf(value) };
  const properties = Object.entries(value).map(([key, member]) => [key, schemaOf(member)]);
  return { type: "object", properties: Object.fromEntries(properties) };
}

/** One schema for all items, or none where they differ. */
function itemsOf(items: readonly JsonValue[]): JsonObject {
  const [first, ...rest] = items.map(schemaOf);
  if (first === undefined) return {};
  return rest.every((schema) => JSON.stringify(schema) === JSON.stringify(first)) ? first : {};
}
