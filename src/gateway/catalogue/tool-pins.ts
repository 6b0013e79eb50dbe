import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Pin, PinKey } from "../../core/pin-store.ts";
import type { CompiledExposure } from "../compile/compiled-exposure.ts";
import type { ExposeContext } from "./expose-context.ts";
import type { ToolDrift } from "./server-view.ts";

/** What a model is led by; the name is the pin's place. */
const pinnedFields = ["title", "description", "inputSchema", "outputSchema", "annotations"] as const;

/** Compares the tools of one upstream with what they were when they were first seen. */
export class ToolPins {
  readonly #exposure: CompiledExposure;
  readonly #context: ExposeContext;
  readonly #drifts: ToolDrift[] = [];

  constructor(exposure: CompiledExposure, context: ExposeContext) {
    this.#exposure = exposure;
    this.#context = context;
  }

  /** The tools that differ from their pins, of those that were checked. */
  get drifts(): readonly ToolDrift[] {
    return this.#drifts;
  }

  /** Why the tool must not be called; undefined when it may be. */
  check(tool: string, definition: JsonObject): string | undefined {
    const { pinning, upstream } = this.#exposure;
    if (pinning === "off") return undefined;
    const { pins, serverKey: server } = this.#context;
    const key: PinKey = { server, upstream: upstream.name, tool };
    const seen = pinOf(definition);
    const pin = pins.get(key);
    if (pin === undefined) {
      if (pins.add(key, seen) || pinning !== "block") return undefined;
      return `The tool ${tool} cannot be pinned, because its upstream has had too many tools; the operator has to clear the pins.`;
    }
    const changed = pinnedFields.filter((field) => pin[field] !== seen[field]);
    if (changed.length === 0) return undefined;
    this.#drifts.push({ upstream: upstream.name, tool, changed, isBlocked: pinning === "block" });
    if (pinning !== "block") return undefined;
    return `The tool ${tool} is not what it was when it was approved (${changed.join(", ")} changed), so it is not called; ask the operator to approve it anew.`;
  }
}

function pinOf(definition: JsonObject): Pin {
  const pin: Record<string, string> = {};
  for (const field of pinnedFields) {
    const value = definition[field];
    if (value !== undefined) pin[field] = createHash("sha256").update(canonicalJson(value)).digest("hex");
  }
  return pin;
}
