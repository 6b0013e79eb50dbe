import type { Environment } from "@marcbachmann/cel-js";
import { parseJson, stringifyJson } from "../core/lossless-json.ts";
import { boundedSum } from "./arithmetic.ts";
import { toJsonValue } from "./cel-values.ts";
import { ExpressionFault } from "./fault.ts";
import { expressionLimits } from "./limits.ts";
import { createMatcher } from "./linear-match.ts";

const synchronous = { async: false };

/** Functions on texts that CEL lacks or that need a bound. Described in docs/expressions.md. */
export function registerTextFunctions(environment: Environment): void {
  environment.registerFunction("string.lower(): string", (text: string) => text.toLowerCase(), synchronous);
  environment.registerFunction("string.upper(): string", (text: string) => text.toUpperCase(), synchronous);
  environment.registerFunction("string.replace(string, string): string", replaceAll, synchronous);
  environment.registerFunction("string.linearMatches(string): bool", createMatcher(), synchronous);
  registerSubstring(environment);
  environment.registerFunction("toJson(dyn): string", toJson, synchronous);
  environment.registerFunction("fromJson(string): dyn", fromJson, synchronous);
  environment.registerFunction("urlEncode(string): string", urlEncode, synchronous);
  environment.registerFunction("urlDecode(string): string", urlDecode, synchronous);
  environment.registerFunction("base64Encode(string): string", base64Encode, synchronous);
  environment.registerFunction("base64Encode(bytes): string", base64Encode, synchronous);
  environment.registerFunction("base64Decode(string): string", base64Decode, synchronous);
}

function replaceAll(text: string, search: string, replacement: string): string {
  const matches = search === "" ? text.length + 1 : text.split(search).length - 1;
  if (text.length + matches * replacement.length > expressionLimits.textLength) {
    throw new ExpressionFault("it builds a text that is too long");
  }
  return text.replaceAll(search, () => replacement);
}

/** CEL has `substring` for integers; numbers of JSON are doubles. */
function registerSubstring(environment: Environment): void {
  environment.registerFunction("string.substring(double): string", substring, synchronous);
  for (const types of ["double, double", "int, double", "double, int"]) {
    environment.registerFunction(`string.substring(${types}): string`, substring, synchronous);
  }
}

function substring(text: string, start: number | bigint, end: number | bigint = text.length): string {
  const from = Number(start);
  const to = Number(end);
  if (!(from >= 0 && from <= to && to <= text.length)) {
    throw new ExpressionFault("the bounds of `substring` lie outside of the text");
  }
  return text.slice(from, to);
}

function toJson(value: unknown): unknown {
  const json = toJsonValue(value);
  return boundedSum(stringifyJson(json ?? null));
}

function fromJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof Error) throw new ExpressionFault("the text for `fromJson` is not JSON");
    throw error;
  }
}

function urlEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function urlDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw new ExpressionFault("the text for `urlDecode` is not percent-encoded UTF-8");
    throw error;
  }
}

function base64Encode(content: string | Uint8Array): string {
  return Buffer.from(content).toString("base64");
}

/** Takes the standard and the URL alphabet, with or without padding; the content must be UTF-8 text. */
function base64Decode(encoded: string): string {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(encoded)) throw new ExpressionFault("the text for `base64Decode` is not base64");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"));
  } catch (error) {
    if (error instanceof TypeError) throw new ExpressionFault("what `base64Decode` finds is not UTF-8 text");
    throw error;
  }
}
