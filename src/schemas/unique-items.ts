import type { FuncKeywordDefinition } from "ajv";

/**
 * `uniqueItems` in one pass over the list. Comparing each pair, as is usual, would let a list of a few
 * megabytes occupy the process for minutes.
 */
export const uniqueItemsKeyword: FuncKeywordDefinition = {
  keyword: "uniqueItems",
  type: "array",
  schemaType: "boolean",
  error: { message: "must NOT have duplicate items" },
  validate: (isWanted: boolean, list: readonly unknown[]) => {
    return !isWanted || new Set(list.map(canonicalText)).size === list.length;
  },
};

/** Equal text for values that JSON Schema calls equal: the order of members does not count. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(",")}}`;
}
