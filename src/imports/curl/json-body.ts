import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { literalText } from "../document/template-text.ts";
import { isCredential } from "../secrets/credential-look.ts";
import { type ArgumentList, schemaOf } from "./argument-list.ts";
import { placeholderName, withDefault } from "./guessed-value.ts";

/** The CEL source of the secret that takes the place of a credential. */
export type KeepSecret = (name: string, value: string) => string;

/**
 * A JSON body with an argument at each leaf; the value of the command is its default. Lists are one argument, and the
 * query of a GraphQL request stays: its variables are what changes.
 */
export function jsonBody(body: JsonValue, args: ArgumentList, keepSecret: KeepSecret): JsonValue {
  if (!isJsonObject(body)) return leaf("body", body, args);
  if (isGraphql(body)) {
    const { query, ...rest } = body;
    return {
      query: typeof query === "string" ? literalText(query) : "",
      ...withArguments(rest, args, keepSecret, new Set(["operationName"])),
    };
  }
  return withArguments(body, args, keepSecret, new Set());
}

function withArguments(
  object: JsonObject,
  args: ArgumentList,
  keepSecret: KeepSecret,
  kept: ReadonlySet<string>,
): JsonObject {
  const members = Object.entries(object).map(([key, value]): [string, JsonValue] => {
    if (kept.has(key)) return [key, typeof value === "string" ? literalText(value) : value];
    if (isJsonObject(value) && Object.keys(value).length > 0) {
      return [key, withArguments(value, args, keepSecret, new Set())];
    }
    if (typeof value === "string" && isCredential(key, value)) return [key, `\${${keepSecret(key, value)}}`];
    return [key, leaf(key, value, args)];
  });
  return Object.fromEntries(members);
}

function leaf(name: string, value: JsonValue, args: ArgumentList): string {
  if (typeof value === "string" && placeholderName(value) !== undefined) {
    return args.expression({ name, schema: { type: "string" }, isRequired: true });
  }
  return args.expression({ name, schema: withDefault(schemaOf(value), value), isRequired: false });
}

function isGraphql({ query, ...rest }: JsonObject): boolean {
  const others = Object.keys(rest).every((key) => ["variables", "operationName", "extensions"].includes(key));
  return typeof query === "string" && others && /^\s*(?:query|mutation|subscription|fragment|\{)/.test(query);
}
