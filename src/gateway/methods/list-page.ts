import type { JsonObject } from "../../core/json.ts";
import type { ServerLists } from "../catalogue/server-lists.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";

/** The four list methods: one page of what the caller sees, once every upstream has been listed. */
export function listPage(
  member: keyof ServerLists,
): (exchange: Exchange, params: JsonObject) => Reply | Promise<Reply> {
  return ({ server, principal, rank }, params) => {
    const view = server.catalogue.ready(principal);
    if (view instanceof Promise) return view.then(({ lists }) => lists[member].page(rank, params["cursor"]));
    return view.lists[member].page(rank, params["cursor"]);
  };
}
