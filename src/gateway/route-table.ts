import type { CompiledRoute, CompiledServer } from "./compile/compiled-server.ts";

export type EndpointKind = "mcp" | "sse" | "message";

/** What a path leads to. */
export interface RouteMatch {
  readonly server: CompiledServer;
  readonly route: CompiledRoute;
  readonly endpoint: EndpointKind;
}

const endpointKinds: readonly EndpointKind[] = ["mcp", "sse", "message"];

/** All endpoints of a snapshot by their whole path: one look-up finds the longest prefix. */
export class RouteTable {
  readonly #endpoints = new Map<string, RouteMatch>();

  add(server: CompiledServer): void {
    let endpoints = endpointsOf.get(server);
    if (endpoints === undefined) {
      endpoints = listEndpoints(server);
      endpointsOf.set(server, endpoints);
    }
    for (const [path, match] of endpoints) this.#endpoints.set(path, match);
  }

  /** Finds the endpoint of a path without query; one slash at the end does not matter. */
  match(path: string): RouteMatch | undefined {
    const match = this.#endpoints.get(path);
    if (match !== undefined || !path.endsWith("/")) return match;
    return this.#endpoints.get(path.slice(0, -1));
  }
}

type Endpoint = readonly [path: string, match: RouteMatch];

/** A server outlives many tables. */
const endpointsOf = new WeakMap<CompiledServer, readonly Endpoint[]>();

function listEndpoints(server: CompiledServer): Endpoint[] {
  return server.routes.flatMap((route) =>
    endpointKinds.map((endpoint): Endpoint => [`${route.prefix}/${endpoint}`, { server, route, endpoint }]),
  );
}

/** The path of a request target, without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query === -1 ? target : target.slice(0, query);
}
