import * as z from "zod";
import { type JsonObject, isJsonObject } from "../core/json.ts";

type Direction = "input" | "output";

/**
 * JSON Schemas of the API, with those that have a name (`.meta({ id })`) once, as components. A schema that is sent and
 * received, and differs in what may be left out, is named `NAMEInput` where it is received.
 */
export class ApiSchemas {
  readonly #components = new Map<string, JsonObject>();

  /** @param direction `input`: what may be sent; `output`: what is answered */
  describe(schema: z.ZodType, direction: Direction): JsonObject {
    const {
      $schema: _dialect,
      $defs,
      ...root
    } = z.toJSONSchema(schema, {
      target: "draft-2020-12",
      io: direction,
      unrepresentable: "any",
      override: ({ jsonSchema }) => {
        // What every number of JavaScript is bounded by says nothing.
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      },
    }) as JsonObject; // JSON Schema is JSON
    const inner = isJsonObject($defs) ? Object.entries($defs) : [];
    const names = new Map(inner.map(([name, definition]) => [name, this.#nameFor(name, definition, direction)]));
    for (const [name, definition] of inner) this.#components.set(names.get(name) ?? name, rename(definition, names));
    return rename(root, names);
  }

  get components(): JsonObject {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #nameFor(name: string, definition: unknown, direction: Direction): string {
    const known = this.#components.get(name);
    const same = new Map([[name, name]]);
    if (known === undefined || direction === "output" || isEqual(known, rename(definition, same))) return name;
    return `${name}Input`;
  }
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The schema with its references to definitions turned into references to components. */
function rename(schema: unknown, names: ReadonlyMap<string, string>): JsonObject {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key !== "$ref" || typeof value !== "string") return value;
    const name = value.slice("#/$defs/".length);
    return `#/components/schemas/${names.get(name) ?? name}`;
  }) as JsonObject; // an object goes in, an object comes out
}
