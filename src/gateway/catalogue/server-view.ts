import type { JsonObject } from "../../core/json.ts";
import type { Principal } from "../../core/principal.ts";
import type { MirroredArgument } from "../../protocol/modern-request.ts";
import type { CompiledPrompt } from "../compile/compile-prompt.ts";
import type { CompiledConfirm } from "../compile/compile-confirm.ts";
import type { CompiledResource, CompiledResourceTemplate, CompiledTool } from "../compile/compiled-parts.ts";
import type { ToolMetrics } from "../metrics.ts";
import type { McpHandle } from "../upstream-pool.ts";
import type { ListDigests, ServerLists } from "./server-lists.ts";

/** A tool of an MCP upstream as this server shows it. */
export interface ProxiedTool {
  readonly kind: "mcp";
  /** What clients call. */
  readonly name: string;
  /** What the upstream calls it. */
  readonly upstreamName: string;
  /** As newest clients see it; older ones get it filtered. */
  readonly definition: JsonObject;
  readonly upstream: McpHandle;
  /** Arguments that clients of 2026-07-28 mirror into headers, and the gateway towards the upstream. */
  readonly mirrored: readonly MirroredArgument[];
  /** Values of arguments that a call leaves out; undefined when there are none. */
  readonly defaults: JsonObject | undefined;
  readonly confirm: CompiledConfirm | undefined;
  readonly timeoutMs: number;
  /** The upstream says that calling again changes nothing more (`readOnlyHint`, `idempotentHint`). */
  readonly isIdempotent: boolean;
  /** Why calls are refused (the tool drifted from its pin); undefined when they are not. */
  readonly blocked: string | undefined;
  readonly metrics: ToolMetrics;
}

export interface ProxiedPrompt {
  readonly kind: "mcp";
  readonly name: string;
  readonly upstreamName: string;
  readonly definition: JsonObject;
  readonly upstream: McpHandle;
}

/** A resource, listed or only matched by a template, that an MCP upstream reads. */
export interface ProxiedResource {
  readonly kind: "mcp";
  /** As clients know it. */
  readonly uri: string;
  /** As the upstream knows it. */
  readonly upstreamUri: string;
  readonly upstream: McpHandle;
}

export type ServedTool = CompiledTool | ProxiedTool;
export type ServedPrompt = CompiledPrompt | ProxiedPrompt;

/** What reads a URI: a configured resource, a configured template with its variables, or an upstream. */
export type FoundResource =
  | { readonly kind: "resource"; readonly resource: CompiledResource }
  | { readonly kind: "template"; readonly template: CompiledResourceTemplate; readonly args: JsonObject }
  | ProxiedResource;

/** Who completes the variables of a resource template. */
export type FoundTemplate =
  | { readonly kind: "template"; readonly template: CompiledResourceTemplate }
  | { readonly kind: "mcp"; readonly upstream: McpHandle; readonly upstreamTemplate: string };

/** An entry of an MCP upstream that this server does not show. */
export interface LeftOut {
  /** Key of the upstream in the document. */
  readonly upstream: string;
  readonly kind: "tool" | "prompt" | "resource" | "resourceTemplate";
  /** Name or URI at the upstream. */
  readonly name: string;
  /** A sentence for the operator; of a collision, who wins. */
  readonly reason: string;
}

/** A tool that is not any more what it was when it was pinned. */
export interface ToolDrift {
  /** Key of the upstream in the document. */
  readonly upstream: string;
  /** The tool's name at the upstream. */
  readonly tool: string;
  /** Fields of its definition. */
  readonly changed: readonly string[];
  /** Calls are refused. */
  readonly isBlocked: boolean;
}

/** How URIs of one upstream are written for clients, and back. Undefined where both are the same. */
export interface UriNamespace {
  toClient(uri: string): string;
  /** Undefined when the URI is not one of this upstream. */
  toUpstream(uri: string): string | undefined;
}

/**
 * All that one principal sees of a server: its own tools, prompts and resources and those of its MCP
 * upstreams, under the names that clients use. Immutable; replaced when an upstream's lists change.
 */
export interface ServerView {
  readonly tools: ReadonlyMap<string, ServedTool>;
  readonly prompts: ReadonlyMap<string, ServedPrompt>;
  readonly lists: ServerLists;
  /** The document's, or those of the MCP upstreams when it has none. */
  readonly instructions: string | undefined;
  findResource(uri: string): FoundResource | undefined;
  /** What is behind a resource template as clients see it. */
  findTemplate(uriTemplate: string): FoundTemplate | undefined;
  /** How the URIs of this upstream are written; undefined when they are not rewritten. */
  namespaceOf(upstream: McpHandle): UriNamespace | undefined;
  /** What the upstreams offer and this view does not show, with the reasons; exclusions by choice are not among it. */
  readonly leftOut: readonly LeftOut[];
  readonly drifts: readonly ToolDrift[];
}

/** An upstream of which nobody knows yet what it offers. */
export interface Unlisted {
  /** Key of the upstream in the document. */
  readonly upstream: string;
  /** What went wrong last; undefined when nothing did. */
  readonly reason: string | undefined;
}

/** Where the views of one server come from. */
export interface ServerCatalogue {
  /** What is known now; never waits. */
  current(principal: Principal): ServerView;
  /** Waits, within bounds, for upstreams that were never listed. The same object as `current` when nothing is awaited. */
  ready(principal: Principal): ServerView | Promise<ServerView>;
  /** The view that was made last, for whomever: for operators. */
  latest(): ServerView;
  /** The upstreams that were never listed for this principal. Looks at them: for failures, not for every request. */
  unlisted(principal: Principal): readonly Unlisted[];
  /** The lists that this principal was given last, by `ready` or `show`; undefined when it never was. */
  shown(principal: Principal): ListDigests | undefined;
  /** The lists as they are now; from here on the principal counts as knowing them. */
  show(principal: Principal): ListDigests;
}
