import { isJsonObject } from "../core/json.ts";

/** A value in which the validator finds numbers only. */
export interface NumbersOnly {
  readonly value: unknown;
  /** Puts the original integers back; to be called when the value was changed in place. */
  restore(): void;
}

/**
 * Replaces the `bigint`s inside a JSON value by the nearest double, so that a validator that knows
 * numbers only takes them for integers. Within ±2^53 nothing changes; beyond, bounds are checked to the
 * precision of a double. Works on a copy of the parts concerned, or `inPlace` until `restore`.
 */
export function withNumbers(value: unknown, inPlace = false): NumbersOnly {
  if (!holdsBigInteger(value)) return { value, restore: nothing };
  if (!inPlace || typeof value === "bigint") return { value: copyWithNumbers(value), restore: nothing };
  const undo: (() => void)[] = [];
  replaceInPlace(value, undo);
  return {
    value,
    restore: () => {
      for (const step of undo) step();
    },
  };
}

function nothing(): void {}

function holdsBigInteger(value: unknown): boolean {
  if (typeof value === "bigint") return true;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsBigInteger);
  if (!isJsonObject(value)) return false;
  for (const key in value) {
    if (holdsBigInteger(value[key])) return true;
  }
  return false;
}

function copyWithNumbers(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(copyWithNumbers);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copyWithNumbers(member)]));
}

function replaceInPlace(holder: unknown, undo: (() => void)[]): void {
  if (typeof holder !== "object" || holder === null) return;
  for (const [key, member] of Object.entries(holder)) {
    if (typeof member !== "bigint") replaceInPlace(member, undo);
    else {
      replaceMember(holder, key, Number(member));
      undo.push(() => replaceMember(holder, key, member));
    }
  }
}

/** Not an assignment: that would change the prototype for the key `__proto__`. */
function replaceMember(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}
