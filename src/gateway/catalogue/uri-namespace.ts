import type { UriNamespace } from "./server-view.ts";

/** What the name of an upstream must be, so that `NAME+URI` is a URI (RFC 3986, 3.1). */
export const namespaceName = /^[a-z][a-z0-9.-]*$/;

/** URIs and URI templates of an upstream as `NAME+URI`. */
export function uriNamespace(name: string): UriNamespace {
  const start = `${name}+`;
  return {
    toClient: (uri) => start + uri,
    toUpstream: (uri) => (uri.startsWith(start) ? uri.slice(start.length) : undefined),
  };
}
