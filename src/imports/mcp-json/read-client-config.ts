import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { parse as parseToml, TomlError } from "smol-toml";
import { AppError } from "../../core/errors.ts";
import { isJsonObject, isJsonValue, type JsonObject } from "../../core/json.ts";

/** Parses the configuration of a client: JSON with comments and trailing commas, or TOML. Throws `unprocessable` with the line. */
export function readClientConfig(text: string): JsonObject {
  const value = /^\s*(?:\{|\/[/*])/.test(text) ? readJson(text) : readToml(text);
  if (isJsonObject(value) && isJsonValue(value)) return value;
  throw new AppError("unprocessable", 'The configuration of a client is an object such as { "mcpServers": { … } }.');
}

function readJson(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) return value;
  const line = text.slice(0, first.offset).split("\n").length;
  const what = printParseErrorCode(first.error)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  throw new AppError("unprocessable", `line ${line}: this is no JSON: ${what}`);
}

function readToml(text: string): unknown {
  try {
    return withoutDates(parseToml(text));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [reason = ""] = cause.message.split("\n");
    throw new AppError("unprocessable", `line ${cause.line}: this is neither JSON nor TOML: ${reason}`, { cause });
  }
}

/** TOML has dates; what is read here has none, so they are texts. */
function withoutDates(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(withoutDates);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutDates(member)]));
}
