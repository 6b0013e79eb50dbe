import type { DocumentSummary } from "../config-store.ts";
import type { ServerDocument } from "./document.ts";

/** What lists show of a document. Tools are its own: what its MCP upstreams offer is not known here. */
export function summarizeDocument({ title, description, routes, tools, upstreams }: ServerDocument): DocumentSummary {
  return {
    title,
    description,
    prefixes: routes.map(({ prefix }) => prefix),
    tools: tools.length,
    upstreams: [...new Set(Object.values(upstreams).map(({ kind }) => kind))],
  };
}
