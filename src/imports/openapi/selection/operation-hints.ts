import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import type { OperationSource } from "../description.ts";

/** What the author of a description says about an operation as a tool, in extensions (`x-…`). */
export interface OperationHints {
  readonly enabled?: boolean;
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly annotations?: JsonObject;
}

/**
 * The hints of an operation. What the operation says wins over its path item, and that over the description; a name,
 * title or description counts at the operation only. Of the extensions `x-passerelle` wins over `x-mcp`, that over others.
 */
export function hintsOf({ operation, pathItem }: OperationSource, root: JsonObject): OperationHints {
  const [own, path, whole] = [operation.value, pathItem.value, root].map(hintsAt);
  return {
    ...pick(whole, ["enabled", "annotations"]),
    ...pick(path, ["enabled", "annotations"]),
    ...own,
    annotations: { ...whole?.annotations, ...path?.annotations, ...own?.annotations },
  };
}

function pick(hints: OperationHints | undefined, keys: readonly (keyof OperationHints)[]): OperationHints {
  return Object.fromEntries(Object.entries(hints ?? {}).filter(([key]) => keys.some((one) => one === key)));
}

function hintsAt(value: JsonObject): OperationHints {
  return {
    ...switchesOf(value),
    ...readHint(value["x-speakeasy-mcp"]),
    ...readHint(value["x-mcp"]),
    ...readHint(value["x-passerelle"]),
  };
}

/** One key for each hint, as some generators have them. */
function switchesOf(value: JsonObject): OperationHints {
  return readHint({
    enabled: value["x-mcp-enabled"] ?? null,
    disabled: value["x-mcp-ignore"] ?? null,
    name: value["x-mcp-tool-name"] ?? value["x-mcp-name"] ?? null,
    description: value["x-mcp-description"] ?? null,
    annotations: value["x-mcp-annotations"] ?? null,
  });
}

function readHint(hint: JsonValue | undefined): OperationHints {
  if (typeof hint === "boolean") return { enabled: hint };
  if (!isJsonObject(hint)) return {};
  const { name, title, description, annotations, enabled, disabled } = hint;
  const isEnabled = typeof enabled === "boolean" ? enabled : typeof disabled === "boolean" ? !disabled : undefined;
  return {
    ...(isEnabled === undefined ? {} : { enabled: isEnabled }),
    ...(typeof name === "string" && name !== "" ? { name } : {}),
    ...(typeof title === "string" && title !== "" ? { title } : {}),
    ...(typeof description === "string" && description !== "" ? { description } : {}),
    ...(isJsonObject(annotations) ? { annotations: knownAnnotations(annotations) } : {}),
  };
}

function knownAnnotations(annotations: JsonObject): JsonObject {
  const entries = Object.entries(annotations).filter(([key, value]) =>
    key === "title" ? typeof value === "string" : hintKeys.has(key) && typeof value === "boolean",
  );
  return Object.fromEntries(entries);
}

const hintKeys: ReadonlySet<string> = new Set(["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"]);
