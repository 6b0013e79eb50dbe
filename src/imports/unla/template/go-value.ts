import { celMember, celString } from "../../document/cel-text.ts";

/**
 * What a value is, as far as it is known. `json` is one that Go writes as JSON text: the result of toJson, and every
 * list of arguments.
 */
export type GoKind = "text" | "number" | "boolean" | "list" | "object" | "json" | "unknown";

/** A value of a Go template in CEL. */
export interface GoValue {
  readonly kind: GoKind;
  /** CEL of the value. Alone in `${…}` it may be absent. */
  readonly source: string;
  /** CEL of the same as an optional value; absent when the value is always there. */
  readonly optional?: string;
  /** The value itself, when it is known beforehand. */
  readonly constant?: string | number | boolean | null;
  /** What a range goes over: elements have no order number in CEL. */
  readonly isIndex?: boolean;
  /** Finds a member where members are not simply selected. */
  readonly select?: (key: string) => GoValue;
}

export function constantValue(value: string | number | boolean | null): GoValue {
  const kind = typeof value === "string" ? "text" : typeof value === "number" ? "number" : "boolean";
  const source = typeof value === "string" ? celString(value) : String(value);
  return { kind: value === null ? "unknown" : kind, source, constant: value };
}

/** A member of a value, which may be missing; numbers are indexes. */
export function memberOf(value: GoValue, key: string | number): GoValue {
  if (value.select !== undefined && typeof key === "string") return value.select(key);
  const base = value.optional ?? value.source;
  if (typeof key === "number") {
    return { kind: "unknown", source: `${value.source}[${key}]`, optional: `${base}[?${key}]` };
  }
  const isPlain = /^[A-Za-z_]\w*$/.test(key) && celMember("x", key).startsWith("x.");
  const optional = isPlain ? `${base}.?${key}` : `${base}[?${celString(key)}]`;
  return { kind: "unknown", source: celMember(value.source, key), optional };
}

/** CEL of the value, with `fallback` (CEL) where it is absent. */
export function orElse({ source, optional }: GoValue, fallback: string): string {
  return optional === undefined ? source : `${optional}.orValue(${fallback})`;
}

/** CEL of the text that Go would write. */
export function textOf(value: GoValue): string {
  switch (value.kind) {
    case "text":
      return orElse(value, '""');
    case "number":
    case "boolean":
      if (value.constant !== undefined) return celString(String(value.constant));
      return value.optional === undefined ? `string(${value.source})` : unknownText(value);
    case "json":
    case "list":
    case "object":
      return `toJson(${orElse(value, "null")})`;
    case "unknown":
      return unknownText(value);
  }
}

function unknownText(value: GoValue): string {
  return `cel.bind(v, ${orElse(value, "null")}, type(v) == string ? v : v == null ? "" : toJson(v))`;
}

/** CEL of whether Go takes the value for true: it is neither null, false, 0 nor empty. */
export function truthOf(value: GoValue): string {
  switch (value.kind) {
    case "boolean":
      return orElse(value, "false");
    case "text":
      return `${orElse(value, '""')} != ""`;
    case "number":
      return `${orElse(value, "0")} != 0`;
    case "json":
    case "list":
      return `size(${orElse(value, "[]")}) > 0`;
    case "object":
      return `size(${orElse(value, "{}")}) > 0`;
    case "unknown":
      return `!(${orElse(value, "null")} in [null, false, 0, "", [], {}])`;
  }
}

/** CEL of a number; texts are read as one. */
export function numberOf(value: GoValue): string {
  if (value.kind === "text") return `double(${orElse(value, '"0"')})`;
  return orElse(value, "0");
}
