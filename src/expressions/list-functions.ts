import { type Environment, Optional } from "@marcbachmann/cel-js";
import { toJsonValue } from "./cel-values.ts";
import { ExpressionFault } from "./fault.ts";
import { expressionLimits } from "./limits.ts";
import { textOf } from "./value-text.ts";

const synchronous = { async: false };

/** Functions on lists and maps that CEL lacks. Described in docs/expressions.md. */
export function registerListFunctions(environment: Environment): void {
  environment.registerFunction("list.first(): optional<dyn>", (list) => Optional.of(itemsOf(list)[0]), synchronous);
  environment.registerFunction("list.last(): optional<dyn>", (list) => Optional.of(itemsOf(list).at(-1)), synchronous);
  environment.registerFunction("list.joinTexts(): string", (list) => join(list, ""), synchronous);
  environment.registerFunction("list.joinTexts(string): string", join, synchronous);
  environment.registerFunction("map.keys(): list<string>", (map) => entriesOf(map).map(([key]) => key), synchronous);
  environment.registerFunction("map.values(): list<dyn>", (map) => entriesOf(map).map(([, item]) => item), synchronous);
}

function join(list: unknown, separator: string): string {
  const texts = itemsOf(list).map((item) => textOf(toJsonValue(item)));
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  if (length > expressionLimits.textLength) throw new ExpressionFault("it builds a text that is too long");
  return texts.join(separator);
}

function itemsOf(list: unknown): readonly unknown[] {
  if (list instanceof Set) return [...list];
  return Array.isArray(list) ? list : [];
}

function entriesOf(map: unknown): readonly (readonly [string, unknown])[] {
  if (map instanceof Map) return [...map].map(([key, item]) => [String(key), item]);
  return typeof map === "object" && map !== null ? Object.entries(map) : [];
}
