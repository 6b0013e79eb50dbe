import type { Principal } from "../../core/principal.ts";
import type { Catalogue } from "../../upstreams/mcp/catalogue.ts";
import type { McpHandle } from "../upstream-pool.ts";

/** What a principal would be shown of an upstream. The same object until it changes. */
export type KnownCatalogue = (upstream: McpHandle, principal: Principal) => Catalogue;
