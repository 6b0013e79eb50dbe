import type { ServerDocument } from "../../core/config/document.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Judgement, ListSizes } from "../../core/judgement.ts";
import type { ServerCatalogue } from "../catalogue/server-view.ts";
import type { UpstreamHandle } from "../upstream-pool.ts";
import type { CompiledParts } from "./compiled-parts.ts";
import type { CompiledRoute, CompiledServer } from "./compiled-server.ts";

export interface JudgedServerOptions {
  readonly read: () => ServerDocument | undefined;
  /** Called until it answers. Throws `unavailable` when the document is not what was judged. */
  readonly compile: () => CompiledServer;
}

/**
 * A server whose document was judged already: it has its names and routes, and is compiled when somebody asks for
 * more. Ten thousand of them are ready at once, and those that nobody calls weigh little.
 */
export class JudgedServer implements CompiledServer {
  readonly key: string;
  readonly tenant: string;
  readonly name: string;
  readonly sizes: ListSizes;
  readonly routes: readonly CompiledRoute[];
  readonly #read: () => ServerDocument | undefined;
  readonly #compile: () => CompiledServer;
  #compiled: CompiledServer | undefined;

  constructor({ tenant, name, sizes, routes }: Judgement, { read, compile }: JudgedServerOptions) {
    this.key = `${tenant}/${name}`;
    this.tenant = tenant;
    this.name = name;
    this.sizes = sizes;
    this.routes = routes.map((route) => ({ ...route, prefix: route.config.prefix }));
    this.#read = read;
    this.#compile = compile;
  }

  get isCompiled(): boolean {
    return this.#compiled !== undefined;
  }

  get document(): ServerDocument {
    return this.#whole.document;
  }

  readDocument(): ServerDocument | undefined {
    return this.#compiled?.document ?? this.#read();
  }

  get info(): JsonObject {
    return this.#whole.info;
  }

  get modernMeta(): string {
    return this.#whole.modernMeta;
  }

  get parts(): CompiledParts {
    return this.#whole.parts;
  }

  get catalogue(): ServerCatalogue {
    return this.#whole.catalogue;
  }

  get upstreams(): readonly UpstreamHandle[] {
    return this.#whole.upstreams;
  }

  get #whole(): CompiledServer {
    this.#compiled ??= this.#compile();
    return this.#compiled;
  }
}
