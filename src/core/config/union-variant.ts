import type { z } from "zod";
import { isJsonObject } from "../json.ts";
import { requiredKeys } from "./schema-walk.ts";

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** Which alternative of a union a refused value was meant to be. */
export type VariantChoice =
  | { readonly kind: "variant"; readonly index: number }
  /** Keys of more than one alternative are present. */
  | { readonly kind: "several"; readonly keys: readonly string[] }
  /** Nothing tells; `keys` are the ones that would, none for a union of plain values. */
  | { readonly kind: "none"; readonly keys: readonly string[] };

/**
 * Chooses by the keys that are present: an object alternative is meant when a key it requires is
 * there. `errors` are the issues of each alternative.
 */
export function chooseVariant(
  options: readonly Schema[],
  errors: readonly (readonly Issue[])[],
  value: unknown,
): VariantChoice {
  const required = options.map(requiredKeys);
  const keys = [...new Set(required.flat())];
  if (!isJsonObject(value)) return { kind: "none", keys };
  const present = required.map((names) => names.filter((name) => Object.hasOwn(value, name)));
  const meant = present.flatMap((names, index) => (names.length > 0 ? [index] : []));
  // Among several, the one that knows every key that is there.
  const fitting = meant.length > 1 ? meant.filter((index) => !hasUnknownKey(errors[index])) : meant;
  const [index] = fitting;
  if (index !== undefined && fitting.length === 1) return { kind: "variant", index };
  if (meant.length > 1) return { kind: "several", keys: [...new Set(present.flat())] };
  return { kind: "none", keys };
}

function hasUnknownKey(issues: readonly Issue[] | undefined): boolean {
  return issues?.some((issue) => issue.code === "unrecognized_keys" && issue.path.length === 0) ?? false;
}
