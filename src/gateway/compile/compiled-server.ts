import type { RouteConfig, ServerDocument } from "../../core/config/document.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ListSizes } from "../../core/judgement.ts";
import type { ServerCatalogue } from "../catalogue/server-view.ts";
import type { UpstreamHandle } from "../upstream-pool.ts";
import type { CompiledParts } from "./compiled-parts.ts";

export interface CompiledRoute {
  readonly prefix: string;
  readonly config: RouteConfig;
  /** Lower-case names of client headers that calls may see. */
  readonly visibleHeaders: readonly string[];
}

/** One document, ready to be served. Immutable to its users, and kept across reloads while its document is the same. */
export interface CompiledServer {
  /** `tenant/name`. */
  readonly key: string;
  readonly tenant: string;
  readonly name: string;
  /** Of the document's own lists. */
  readonly sizes: ListSizes;
  /**
   * False while nothing but what stands above and the routes is there: asking for anything else compiles the document,
   * which takes milliseconds and throws `unavailable` when it is not as it was judged.
   */
  readonly isCompiled: boolean;
  readonly document: ServerDocument;
  /** The document without compiling it for that; undefined when it is not as it was judged. */
  readDocument(): ServerDocument | undefined;
  readonly routes: readonly CompiledRoute[];
  readonly info: JsonObject;
  /** `,"_meta":{…serverInfo…}`, stamped on every modern result. */
  readonly modernMeta: string;
  readonly parts: CompiledParts;
  /** What clients see: the parts, and what MCP upstreams offer. */
  readonly catalogue: ServerCatalogue;
  readonly upstreams: readonly UpstreamHandle[];
}
