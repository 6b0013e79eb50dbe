import { isJsonObject, type JsonValue } from "../../../core/json.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { ImportNote } from "../../report/import-report.ts";
import type { Description, Located } from "../description.ts";
import { type Conversion, type Direction, type Draft, nothingHidden, topPlace } from "./conversion.ts";
import { convertSchema } from "./convert-schema.ts";
import { hiddenProperties } from "./hidden-properties.ts";
import { mentionedProperties } from "./mentioned-properties.ts";

/** A converted schema with all that is needed to put it into a tool. */
export interface ShelvedSchema {
  readonly draft: Draft;
  /** Keys of the targets that it refers to, one for each reference. */
  readonly uses: readonly string[];
  readonly notes: readonly ImportNote[];
  /** Characters of the draft as JSON. */
  readonly size: number;
}

interface Target {
  readonly located: Located;
  readonly hidden: ReadonlySet<string>;
  /** Set when it was asked for. */
  schema: ShelvedSchema | undefined;
}

/**
 * The schemas of one description, each converted once for a direction, whatever number of operations shares
 * them. References are keys of the shelf, so a conversion is as large as the schema itself.
 */
export class SchemaShelf {
  readonly #description: Description;
  readonly #direction: Direction;
  readonly #targets = new Map<string, Target>();
  readonly #inline = new WeakMap<object, ShelvedSchema>();

  constructor(description: Description, direction: Direction) {
    this.#description = description;
    this.#direction = direction;
  }

  /** The schema that stands at a place of the description, converted. */
  convert(located: Located): ShelvedSchema {
    const { value } = located;
    if (typeof value !== "object" || value === null) return this.#convert(located, nothingHidden);
    const known = this.#inline.get(value);
    if (known !== undefined) return known;
    const schema = this.#convert(located, nothingHidden);
    this.#inline.set(value, schema);
    return schema;
  }

  /** Whether a text is the key of a target. */
  has(key: string): boolean {
    return this.#targets.has(key);
  }

  /** What a key in a draft stands for. */
  target(key: string): ShelvedSchema {
    const target = this.#targets.get(key);
    if (target === undefined) throw new Error(`no schema was registered as ${key}`);
    target.schema ??= this.#convert(target.located, target.hidden);
    return target.schema;
  }

  /** A readable name for it, which may not be unique. */
  nameOf(key: string): string {
    const pointer = this.#targets.get(key)?.located.pointer ?? "";
    const segments = pointer.split("/").map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
    const telling = segments.findLast((segment) => !/^\d*$/.test(segment) && !structural.has(segment)) ?? "Schema";
    return telling.replace(/[^A-Za-z0-9_.-]+/g, "_").slice(0, 64);
  }

  #convert(located: Located, hidden: ReadonlySet<string>): ShelvedSchema {
    const uses: string[] = [];
    const notes: ImportNote[] = [];
    const conversion: Conversion = {
      description: this.#description,
      direction: this.#direction,
      refer: (target, hiddenThere) => {
        const key = this.#register(target, hiddenThere, conversion);
        uses.push(key);
        return key;
      },
      note: (code, message, at) => {
        if (notes.length < maxNotesPerSchema) notes.push({ code, message, pointer: at.pointer });
      },
    };
    const draft = convertSchema(located, conversion, { ...topPlace, hidden });
    return { draft, uses, notes, size: stringifyJson(draft).length };
  }

  #register(located: Located, hidden: ReadonlySet<string>, conversion: Conversion): string {
    const relevant = hidden.size === 0 ? [] : this.#relevant(located, hidden, conversion);
    const key = `${located.document}#${located.pointer}${relevant.length === 0 ? "" : ` without ${relevant.join(" ")}`}`;
    if (!this.#targets.has(key)) this.#targets.set(key, { located, hidden: new Set(relevant), schema: undefined });
    return key;
  }

  /** Properties that the target would show if nobody told it to hide them. */
  #relevant(located: Located, hidden: ReadonlySet<string>, conversion: Conversion): readonly string[] {
    const own = hiddenProperties(located, conversion, nothingHidden);
    const mentioned = mentionedProperties(located, this.#description);
    return [...hidden].filter((name) => !own.has(name) && mentioned.has(name)).toSorted();
  }
}

const maxNotesPerSchema = 20;

/** Steps of a pointer that name no schema. */
const structural = new Set(["schema", "items", "properties", "allOf", "anyOf", "oneOf", "schemas", "components"]);

/** The type of a draft alone: what is left of one that is too large. */
export function shellOf(draft: Draft): JsonValue {
  if (!isJsonObject(draft)) return draft;
  const kept = ["type", "title", "description"].filter((keyword) => draft[keyword] !== undefined);
  return Object.fromEntries(kept.map((keyword) => [keyword, draft[keyword] ?? null]));
}
