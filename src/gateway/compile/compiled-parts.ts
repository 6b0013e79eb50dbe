import type { JsonObject } from "../../core/json.ts";
import type { MirroredArgument } from "../../protocol/modern-request.ts";
import type { UriTemplate } from "../../protocol/uri-template.ts";
import type { JsonSchemaValidator } from "../../schemas/json-schema.ts";
import type { HttpToolCall } from "../../upstreams/http/http-tool-call.ts";
import type { ToolMetrics } from "../metrics.ts";
import type { HttpHandle } from "../upstream-pool.ts";
import type { CompiledCompletion } from "./compile-completion.ts";
import type { CompiledConfirm } from "./compile-confirm.ts";
import type { CompiledPrompt } from "./compile-prompt.ts";
import type { ResourceReader } from "./compile-resource.ts";

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

/** What the document itself configures, without what its MCP upstreams offer. */
export interface CompiledParts {
  readonly tools: ReadonlyMap<string, CompiledTool>;
  readonly prompts: ReadonlyMap<string, CompiledPrompt>;
  readonly resources: ReadonlyMap<string, CompiledResource>;
  readonly resourceTemplates: readonly CompiledResourceTemplate[];
}
