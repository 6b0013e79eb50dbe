import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { findMirroredArguments } from "../../protocol/modern-request.ts";
import type { CompiledExposure, CompiledOverride } from "../compile/compiled-exposure.ts";
import type { ExposeContext } from "./expose-context.ts";
import { publicToolName } from "./public-name.ts";
import type { LeftOut, ProxiedTool, ToolDrift } from "./server-view.ts";
import { ToolPins } from "./tool-pins.ts";

interface ExposedTools {
  readonly tools: readonly ProxiedTool[];
  readonly leftOut: readonly LeftOut[];
  readonly drifts: readonly ToolDrift[];
}

/** The tools that an exposure shows, in the upstream's order. */
export function exposeTools(
  exposure: CompiledExposure,
  offered: readonly JsonObject[],
  context: ExposeContext,
): ExposedTools {
  const pins = new ToolPins(exposure, context);
  const tools: ProxiedTool[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of offered) {
    const upstreamName = entry["name"];
    if (typeof upstreamName !== "string" || !exposure.tools.selection.selects(upstreamName)) continue;
    const tool = exposeTool(exposure, { entry, upstreamName, pins, context });
    if (typeof tool !== "string") tools.push(tool);
    else leftOut.push({ upstream: exposure.upstream.name, kind: "tool", name: upstreamName, reason: tool });
  }
  return { tools, leftOut, drifts: pins.drifts };
}

interface OfferedTool {
  readonly entry: JsonObject;
  readonly upstreamName: string;
  readonly pins: ToolPins;
  readonly context: ExposeContext;
}

/** The tool, or why it is left out. */
function exposeTool(
  { upstream, prefix, tools, timeoutMs }: CompiledExposure,
  { entry, upstreamName, pins, context }: OfferedTool,
): ProxiedTool | string {
  const name = publicToolName(upstreamName, { prefix, rename: tools.rename });
  if (name === undefined) return "its name has no letter or digit of those that tools may have; rename it";
  const { mirrored, faults } = findMirroredArguments(objectOf(entry["inputSchema"]));
  // Clients of 2026-07-28 must drop such tools (transports, x-mcp-header), and what they drop nobody calls.
  if (faults[0] !== undefined) return faults[0];
  const override = tools.overrides.get(upstreamName);
  const definition = overrideDefinition(name === upstreamName ? entry : { ...entry, name }, override);
  const hints = objectOf(definition["annotations"]);
  return {
    kind: "mcp",
    name,
    upstreamName,
    definition,
    upstream,
    mirrored,
    defaults: override?.config.arguments,
    confirm: override?.confirm,
    timeoutMs: override?.config.timeoutMs ?? timeoutMs,
    isIdempotent: hints["readOnlyHint"] === true || hints["idempotentHint"] === true,
    blocked: pins.check(upstreamName, entry),
    metrics: context.metrics.forProxiedTool({ server: context.serverKey, upstream: upstream.name, tool: name }),
  };
}

function overrideDefinition(entry: JsonObject, override: CompiledOverride | undefined): JsonObject {
  if (override === undefined) return entry;
  const { title, description, annotations, arguments: defaults } = override.config;
  return {
    ...entry,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(annotations === undefined
      ? {}
      : { annotations: { ...objectOf(entry["annotations"]), ...(annotations as JsonObject) } }), // plain YAML
    ...(defaults === undefined ? {} : { inputSchema: withDefaults(objectOf(entry["inputSchema"]), defaults) }),
  };
}

/** The schema that tells of values which the gateway fills in: a call may leave those arguments out. */
function withDefaults(schema: JsonObject, defaults: JsonObject): JsonObject {
  const properties = objectOf(schema["properties"]);
  const told: Record<string, JsonValue> = { ...properties };
  for (const [name, value] of Object.entries(defaults)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (isJsonObject(property)) told[name] = { ...property, default: value };
  }
  const { required, ...rest } = schema;
  if (!Array.isArray(required)) return { ...schema, properties: told };
  const left = required.filter((name) => typeof name !== "string" || !Object.hasOwn(defaults, name));
  return { ...rest, properties: told, ...(left.length === 0 ? {} : { required: left }) };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
