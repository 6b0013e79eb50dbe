import type { RouteConfig, ServerDocument } from "../../core/config/document.ts";
import type { JsonObject } from "../../core/json.ts";
import type { MirroredArgument } from "../../protocol/modern-request.ts";
import type { UriTemplate } from "../../protocol/uri-template.ts";
import type { JsonSchemaValidator } from "../../schemas/json-schema.ts";
import type { HttpToolCall } from "../../upstreams/http/http-tool-call.ts";
import type { EncodedList } from "./encoded-list.ts";
import type { ToolMetrics } from "../metrics.ts";
import type { CompiledCompletion } from "./compile-completion.ts";
import type { CompiledPrompt } from "./compile-prompt.ts";
import type { ResourceReader } from "./compile-resource.ts";
import type { HttpHandle, UpstreamHandle } from "../upstream-pool.ts";
import type { CompiledConfirm } from "./compile-confirm.ts";

export interface CompiledRoute {
  readonly prefix: string;
  readonly config: RouteConfig;
  /** Lower-case names of client headers that calls may see. */
  readonly visibleHeaders: readonly string[];
}

/** A tool of the document. */
export interface CompiledTool {
  readonly kind: "http";
  readonly name: string;
  /** As newest clients see it; older ones get it filtered. */
  readonly definition: JsonObject;
  readonly validator: JsonSchemaValidator;
  readonly mirrored: readonly MirroredArgument[];
  readonly confirm: CompiledConfirm | undefined;
  readonly upstream: HttpHandle;
  readonly call: HttpToolCall;
  readonly timeoutMs: number;
  readonly metrics: ToolMetrics;
}

export interface CompiledResource {
  readonly definition: JsonObject;
  /** Changes when the content's configuration does. */
  readonly fingerprint: string;
  readonly reader: ResourceReader;
}

export interface CompiledResourceTemplate {
  readonly definition: JsonObject;
  readonly template: UriTemplate;
  readonly completions: ReadonlyMap<string, CompiledCompletion>;
  readonly reader: ResourceReader;
}

export interface ServerLists {
  readonly tools: EncodedList;
  readonly prompts: EncodedList;
  readonly resources: EncodedList;
  readonly resourceTemplates: EncodedList;
}

/** One document, ready to be served. Immutable, and kept across reloads while its document is the same. */
export interface CompiledServer {
  /** `tenant/name`. */
  readonly key: string;
  readonly document: ServerDocument;
  readonly routes: readonly CompiledRoute[];
  readonly info: JsonObject;
  /** `,"_meta":{…serverInfo…}`, stamped on every modern result. */
  readonly modernMeta: string;
  readonly tools: ReadonlyMap<string, CompiledTool>;
  readonly prompts: ReadonlyMap<string, CompiledPrompt>;
  readonly resources: ReadonlyMap<string, CompiledResource>;
  readonly resourceTemplates: readonly CompiledResourceTemplate[];
  readonly lists: ServerLists;
  readonly upstreams: readonly UpstreamHandle[];
}
