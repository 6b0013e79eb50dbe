import type { SecretSource } from "../../core/config-source.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import { parseJson, stringifyJson } from "../../core/lossless-json.ts";
import { secretPattern } from "./secret-pattern.ts";

/**
 * Gives out secrets and remembers which, so that they can be found again in what was sent and answered: no value that
 * it has not given out can be in there.
 */
export class SecretMask implements SecretSource {
  readonly #secrets: SecretSource;
  /** Names by value. */
  readonly #given = new Map<string, string>();
  #pattern: { readonly expression: RegExp; readonly names: readonly string[] } | undefined;

  constructor(secrets: SecretSource) {
    this.#secrets = secrets;
  }

  get(name: string): string | undefined {
    const value = this.#secrets.get(name);
    if (value !== undefined && value !== "") this.#remember(name, value);
    return value;
  }

  /** The text with `${secrets.NAME}` instead of values, cut where `limit` characters of it are shown. */
  mask(text: string, limit: number = text.length): string {
    const { expression, names } = this.#compile();
    if (names.length === 0) return text.slice(0, limit);
    let masked = "";
    let position = 0;
    for (const match of text.matchAll(expression)) {
      if (match.index >= limit) break;
      const index = match.slice(1).findIndex((group) => group !== undefined);
      masked += `${text.slice(position, match.index)}\${secrets.${names[index] ?? ""}}`;
      position = match.index + match[0].length;
    }
    return position < limit ? masked + text.slice(position, limit) : masked;
  }

  /** The same for every text, key and number in a JSON text; it stays JSON. */
  maskJson(text: string): string {
    if (this.#given.size === 0) return text;
    return stringifyJson(this.#maskValue(parseJson(text)));
  }

  #maskValue(value: JsonValue): JsonValue {
    if (typeof value === "string") return this.mask(value);
    if (typeof value === "number" || typeof value === "bigint") {
      const written = String(value);
      const masked = this.mask(written);
      return masked === written ? value : masked;
    }
    if (isJsonObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.mask(key), this.#maskValue(item)]));
    }
    // What is neither of these is a list, or null, true or false.
    return Array.isArray(value) ? value.map((item: JsonValue) => this.#maskValue(item)) : value;
  }

  #remember(name: string, value: string): void {
    if (this.#given.get(value) === name) return;
    this.#given.set(value, name);
    for (const part of partsOfUrl(value)) if (!this.#given.has(part)) this.#given.set(part, name);
    this.#pattern = undefined;
  }

  /** Longer values first: one may be part of another. */
  #compile(): { readonly expression: RegExp; readonly names: readonly string[] } {
    if (this.#pattern !== undefined) return this.#pattern;
    const entries = [...this.#given].sort(([one], [other]) => other.length - one.length);
    const source = entries.map(([value]) => `(${secretPattern(value)})`).join("|");
    this.#pattern = { expression: new RegExp(source, "giu"), names: entries.map(([, name]) => name) };
    return this.#pattern;
  }
}

/** A URL is taken apart before it is used: what is secret of it shows up in pieces. */
function partsOfUrl(value: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || !URL.canParse(value)) return [];
  const url = new URL(value);
  const parts = [url.host, url.hostname, url.pathname, url.search.slice(1), url.username, url.password];
  return [...parts, ...url.searchParams.values()].filter((part) => part.length > 1);
}
