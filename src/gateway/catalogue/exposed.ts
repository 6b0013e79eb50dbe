import type { JsonObject } from "../../core/json.ts";
import type { McpHandle } from "../upstream-pool.ts";
import type { LeftOut, ProxiedPrompt, ProxiedTool, ToolDrift, UriNamespace } from "./server-view.ts";

/** A listed resource of an MCP upstream. */
export interface ExposedResource {
  /** As clients know it. */
  readonly uri: string;
  readonly upstreamUri: string;
  readonly definition: JsonObject;
}

/** A resource template of an MCP upstream. */
export interface ExposedTemplate {
  /** As clients know it. */
  readonly uriTemplate: string;
  readonly upstreamTemplate: string;
  readonly definition: JsonObject;
  /** Whether a URI, as the upstream writes it, may have been made of the template. */
  readonly matches: (upstreamUri: string) => boolean;
}

/** What one exposure shows of its upstream, before names that collide are sorted out. */
export interface Exposed {
  readonly upstream: McpHandle;
  readonly tools: readonly ProxiedTool[];
  readonly prompts: readonly ProxiedPrompt[];
  readonly resources: readonly ExposedResource[];
  readonly resourceTemplates: readonly ExposedTemplate[];
  readonly namespace: UriNamespace | undefined;
  /** Whether the upstream has resources, and so may know URIs that it does not list. */
  readonly readsUnlisted: boolean;
  /** Whether the exposure hides this URI of the upstream by choice, be it listed or not. */
  isExcluded(upstreamUri: string): boolean;
  /** Whether the exposure's `include` names this URI of the upstream. */
  isIncluded(upstreamUri: string): boolean;
  /** What the upstream says of its use. */
  readonly instructions: string | undefined;
  readonly leftOut: readonly LeftOut[];
  readonly drifts: readonly ToolDrift[];
}
