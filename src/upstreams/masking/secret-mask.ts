import type { SecretSource } from "../../core/config-source.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import { parseJson, stringifyJson } from "../../core/lossless-json.ts";
import { plainBytes } from "./plain-bytes.ts";
import { secretNeedles } from "./secret-needles.ts";

interface Needle {
  /** What is shown instead. */
  readonly name: string;
  /** As `plainBytes` writes it. */
  readonly bytes: Buffer;
}

/** A part of a text that is a secret. */
interface Found {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/**
 * Gives out secrets and remembers which, so that they can be found again in what was sent and answered: no value that
 * it has not given out can be in there.
 */
export class SecretMask implements SecretSource {
  readonly #secrets: SecretSource;
  /** Names by value. */
  readonly #given = new Map<string, string>();
  readonly #needles: Needle[] = [];

  constructor(secrets: SecretSource) {
    this.#secrets = secrets;
  }

  get(name: string): string | undefined {
    const value = this.#secrets.get(name);
    if (value !== undefined && value !== "") this.#remember(`secrets.${name}`, value);
    return value;
  }

  /** Hides a value that came into being elsewhere, such as a token: `${place}` is shown instead. */
  hide(place: string, value: string): void {
    if (value !== "") this.#remember(place, value);
  }

  /** The text with `${secrets.NAME}` instead of values, cut where `limit` characters of it are shown. */
  mask(text: string, limit: number = text.length): string {
    return maskWith(this.#needles, text, limit);
  }

  /** The same for every text, key and number in a JSON text; it stays JSON. */
  maskJson(text: string): string {
    const { bytes } = plainBytes(text, true);
    const needles = this.#needles.filter((needle) => bytes.includes(needle.bytes));
    return needles.length === 0 ? text : stringifyJson(maskValue(needles, parseJson(text)));
  }

  #remember(name: string, value: string): void {
    if (this.#given.has(value)) return;
    for (const part of [value, ...partsOfUrl(value)]) {
      if (this.#given.has(part)) continue;
      this.#given.set(part, name);
      this.#needles.push(...secretNeedles(part).map((bytes) => ({ name, bytes })));
    }
  }
}

function maskValue(needles: readonly Needle[], value: JsonValue): JsonValue {
  if (typeof value === "string") return maskWith(needles, value);
  if (typeof value === "number" || typeof value === "bigint") {
    const written = String(value);
    const masked = maskWith(needles, written);
    return masked === written ? value : masked;
  }
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [maskWith(needles, key), maskValue(needles, item)]),
    );
  }
  // What is neither of these is a list, or null, true or false.
  return Array.isArray(value) ? value.map((item: JsonValue) => maskValue(needles, item)) : value;
}

function maskWith(needles: readonly Needle[], text: string, limit: number = text.length): string {
  let masked = "";
  let position = 0;
  for (const { start, end, name } of find(needles, text)) {
    if (start >= limit) break;
    masked += `${text.slice(position, start)}\${${name}}`;
    position = end;
  }
  return position < limit ? masked + text.slice(position, limit) : masked;
}

/** Where secrets stand, in order, without overlaps. */
function find(needles: readonly Needle[], text: string): readonly Found[] {
  if (needles.length === 0) return [];
  const { bytes, positions } = plainBytes(text, true);
  const found: Found[] = [];
  for (const { name, bytes: needle } of needles) {
    for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + needle.length)) {
      const end = positions[at + needle.length] ?? text.length;
      found.push({ start: beforeEscape(text, positions[at] ?? 0), end, name });
    }
  }
  return found.length < 2 ? found : merge(found);
}

/** The first character of a secret may be escaped; the backslashes have no byte of their own. */
function beforeEscape(text: string, start: number): number {
  let begin = start;
  while (begin > 0 && text[begin - 1] === "\\") begin--;
  return begin;
}

/** Joins what overlaps, under the name of what is longer, and what touches under one name. */
function merge(found: readonly Found[]): Found[] {
  const merged: Found[] = [];
  for (const next of found.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = merged.at(-1);
    const isJoined =
      last !== undefined && (next.start < last.end || (next.start === last.end && next.name === last.name));
    if (last === undefined || !isJoined) {
      merged.push(next);
      continue;
    }
    const name = next.end - next.start > last.end - last.start ? next.name : last.name;
    merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, next.end), name };
  }
  return merged;
}

/** A URL is taken apart before it is used: what is secret of it shows up in pieces. */
function partsOfUrl(value: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || !URL.canParse(value)) return [];
  const url = new URL(value);
  const parts = [url.host, url.hostname, url.pathname, url.search.slice(1), url.username, url.password];
  return [...parts, ...url.searchParams.values()].filter((part) => part.length > 1);
}
