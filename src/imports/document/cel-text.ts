import type { JsonValue } from "../../core/json.ts";

/** Words that CEL keeps for itself: none of them may follow a dot. */
const reserved = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

/** The source of a member of `object`: `args.name`, or `args["first name"]` where a dot would not do. */
export function celMember(object: string, key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) && !reserved.has(key) ? `${object}.${key}` : `${object}[${celString(key)}]`;
}

/** A text as a CEL literal. What JSON escapes, CEL escapes likewise. */
export function celString(text: string): string {
  return JSON.stringify(text);
}

/** A JSON value as a CEL literal. */
export function celLiteral(value: JsonValue): string {
  if (typeof value === "string") return celString(value);
  if (Array.isArray(value)) return `[${value.map(celLiteral).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.entries(value)
      .map(([key, member]) => `${celString(key)}: ${celLiteral(member)}`)
      .join(", ")}}`;
  }
  return String(value);
}
