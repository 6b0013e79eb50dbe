import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { kindOfKeyword } from "../../../schemas/keywords.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { ImportNote } from "../../report/import-report.ts";
import type { Draft } from "./conversion.ts";
import { isAnnotation, isList, splitAnnotations } from "./keyword-groups.ts";
import { both, type Look, plainSchema, readPlainObject } from "./plain-object.ts";
import { planReferences, type ReferencePlan } from "./plan-references.ts";
import { type SchemaShelf, shellOf } from "./schema-shelf.ts";
import { shorten } from "./shorten.ts";

export interface AssembledSchema {
  /** Self-contained: references lead to its own `$defs`. */
  readonly schema: Draft;
  readonly notes: readonly ImportNote[];
}

/**
 * Makes a self-contained schema of a draft. What is used once is written where it is used; what is used more
 * often, or refers to itself, goes to `$defs`.
 *
 * @param maxCharacters of JSON; what lies deepest is left to its type when there are more
 */
export function assembleSchema(root: Draft, shelf: SchemaShelf, maxCharacters: number): AssembledSchema {
  const plan = planReferences(
    usesOf(root).filter((key) => shelf.has(key)),
    shelf,
    maxCharacters,
  );
  const assembly = new Assembly(shelf, plan);
  const schema = assembly.expandRoot(root);
  // References were counted; what was written into the root, or put together of others, was not.
  const isCounted = assembly.looks === 0 && stringifyJson(root).length <= maxCharacters;
  if (isCounted || stringifyJson(schema).length <= maxCharacters * 2) return { schema, notes: plan.notes };
  return { schema: shorten(schema, maxCharacters), notes: [...plan.notes, shortenedNote] };
}

/** The keys in a draft, one for each reference. */
function usesOf(draft: JsonValue): readonly string[] {
  if (isList(draft)) return draft.flatMap(usesOf);
  if (!isJsonObject(draft)) return [];
  return Object.entries(draft).flatMap(([keyword, value]) => {
    if (isAnnotation(keyword) && !isJsonObject(value)) return [];
    return keyword === "$ref" && typeof value === "string" ? [value] : usesOf(value);
  });
}

const shortenedNote: ImportNote = {
  code: "schema-shortened",
  message: "The schema is too large for a tool: of its deepest parts only the types are kept.",
};

/** Deepest nesting of schemas that are written into each other. */
const maxInlineDepth = 20;

/** References that are looked into to put `allOf` together; hostile schemas need as many as there are paths. */
const maxLooks = 2_000;

class Assembly {
  readonly #shelf: SchemaShelf;
  readonly #plan: ReferencePlan;
  readonly #look: Look;
  /** Names in `$defs` by key. */
  readonly #names = new Map<string, string>();
  readonly #definitions = new Map<string, Draft>();
  readonly #waiting: string[] = [];
  #looks = 0;

  constructor(shelf: SchemaShelf, plan: ReferencePlan) {
    this.#shelf = shelf;
    this.#plan = plan;
    // What is part of a circle stays a reference, or putting together would not end.
    this.#look = (key) => {
      return plan.kept.has(key) && !plan.circular.has(key) && ++this.#looks <= maxLooks
        ? shelf.target(key).draft
        : undefined;
    };
  }

  /** How often references were looked into to put schemas together. */
  get looks(): number {
    return this.#looks;
  }

  expandRoot(draft: Draft): Draft {
    const schema = this.#expand(this.#withoutReference(draft, []), [], 0);
    for (let key = this.#waiting.pop(); key !== undefined; key = this.#waiting.pop()) {
      this.#definitions.set(this.#nameOf(key), this.#expand(this.#shelf.target(key).draft, [key], 0));
    }
    if (this.#definitions.size === 0 || !isJsonObject(schema)) return schema;
    const sorted = [...this.#definitions].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { ...schema, $defs: Object.fromEntries(sorted) };
  }

  /** Clients look at the root for a type: a reference there is replaced by what it leads to. */
  #withoutReference(draft: Draft, seen: readonly string[]): Draft {
    if (!isJsonObject(draft) || typeof draft["$ref"] !== "string") return draft;
    const { $ref, ...rest } = draft;
    const target = seen.includes($ref) || !this.#plan.kept.has($ref) ? undefined : this.#shelf.target($ref).draft;
    if (target === undefined) return Object.keys(rest).length === 0 ? true : rest;
    return both(this.#withoutReference(target, [...seen, $ref]), rest);
  }

  #expand(draft: Draft, inside: readonly string[], depth: number): Draft {
    if (!isJsonObject(draft)) return draft;
    const { $ref } = draft;
    if (typeof $ref === "string") return this.#expandReference($ref, draft, inside, depth);
    if (isList(draft["allOf"])) {
      const plain = readPlainObject(draft, this.#look, inside);
      if (plain !== undefined) return this.#expandMembers(plainSchema(plain), inside, depth);
    }
    return this.#expandMembers(draft, inside, depth);
  }

  #expandReference(key: string, draft: JsonObject, inside: readonly string[], depth: number): Draft {
    const { $ref: _, ...siblings } = draft;
    if (!this.#plan.kept.has(key)) return { ...shell(this.#shelf.target(key).draft), ...siblings };
    const isShared = this.#plan.shared.has(key) || inside.includes(key) || depth >= maxInlineDepth;
    const rest = this.#expandMembers(siblings, inside, depth);
    if (isShared) return { $ref: `#/$defs/${this.#nameOf(key)}`, ...rest };
    const { annotations, checks } = splitAnnotations(rest);
    const target = this.#expand(this.#shelf.target(key).draft, [...inside, key], depth + 1);
    const met = Object.keys(checks).length === 0 ? target : both(target, checks);
    return isJsonObject(met) ? { ...met, ...annotations } : Object.keys(annotations).length === 0 ? met : annotations;
  }

  #expandMembers(draft: JsonObject, inside: readonly string[], depth: number): JsonObject {
    return mapMembers(draft, (value, keyword) => {
      if (typeof value !== "object" || isAnnotation(keyword)) return value;
      return this.#expandMember(keyword, value, inside, depth + 1);
    });
  }

  #expandMember(keyword: string, value: JsonValue, inside: readonly string[], depth: number): JsonValue {
    switch (kindOfKeyword(keyword, "2020-12")) {
      case "schema":
        return this.#expand(value, inside, depth);
      case "schemas":
        return isList(value) ? value.map((item) => this.#expand(item, inside, depth)) : value;
      case "named schemas":
      case "schemas by pattern":
        return isJsonObject(value) ? mapMembers(value, (item) => this.#expand(item, inside, depth)) : value;
      default:
        return value;
    }
  }

  #nameOf(key: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const wanted = this.#shelf.nameOf(key);
    const taken = new Set(this.#names.values());
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
    this.#names.set(key, name);
    this.#waiting.push(key);
    return name;
  }
}

/** An object with other values; this is where most of the time goes, so no lists of entries are made. */
function mapMembers(object: JsonObject, change: (value: JsonValue, key: string) => JsonValue): JsonObject {
  const changed: Record<string, JsonValue> = {};
  for (const key of Object.keys(object)) {
    const value = change(object[key] ?? null, key);
    // An assignment to this key would make no member.
    if (key === "__proto__")
      Object.defineProperty(changed, key, { value, enumerable: true, configurable: true, writable: true });
    else changed[key] = value;
  }
  return changed;
}

function shell(draft: Draft): JsonObject {
  const kept = shellOf(draft);
  return isJsonObject(kept) ? kept : {};
}
