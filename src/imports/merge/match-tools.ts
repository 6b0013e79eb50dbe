import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/** A tool and where it stands in its list. */
export interface ListedTool {
  readonly index: number;
  readonly name: string;
  /** Method and path of its request; absent when it has none. */
  readonly operation: string | undefined;
  readonly tool: JsonObject;
}

/** The tools of a document; entries that are none are left out. */
export function listTools({ tools }: JsonObject): ListedTool[] {
  // `Array.isArray` widens to any[].
  const entries: readonly JsonValue[] = Array.isArray(tools) ? tools : [];
  return entries.flatMap((tool, index) =>
    isJsonObject(tool) && typeof tool["name"] === "string"
      ? [{ index, name: tool["name"], operation: operationOf(tool), tool }]
      : [],
  );
}

/**
 * Which tool of `others` is which of `tools`: the one with its name and request; else the one with its request, which
 * was renamed; else the one with its name, whose request was edited. Each is matched once.
 */
export function matchTools(
  tools: readonly ListedTool[],
  others: readonly ListedTool[],
): ReadonlyMap<ListedTool, ListedTool> {
  const matches = new Map<ListedTool, ListedTool>();
  const free = new Set(others);
  const rounds: readonly ((tool: ListedTool) => string | undefined)[] = [
    ({ name, operation }) => `${name} ${operation ?? ""}`,
    ({ operation }) => operation,
    ({ name }) => name,
  ];
  for (const keyOf of rounds) {
    const byKey = new Map<string, ListedTool[]>();
    for (const other of free) {
      const key = keyOf(other);
      if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), other]);
    }
    for (const tool of tools) {
      const key = keyOf(tool);
      const found = key === undefined || matches.has(tool) ? undefined : byKey.get(key)?.shift();
      if (found === undefined) continue;
      matches.set(tool, found);
      free.delete(found);
    }
  }
  return matches;
}

function operationOf({ request }: JsonObject): string | undefined {
  if (!isJsonObject(request)) return undefined;
  const { method, path } = request;
  return typeof path === "string" ? `${typeof method === "string" ? method : "GET"} ${path}` : undefined;
}
