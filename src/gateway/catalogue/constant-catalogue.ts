import { mergeView, type ViewBase } from "./merge-view.ts";
import { digestLists, type ListDigests } from "./server-lists.ts";
import type { ServerCatalogue, ServerView } from "./server-view.ts";

/** The catalogue of a server without MCP upstreams: everybody sees the same until the next reload. */
export function constantCatalogue(base: ViewBase): ServerCatalogue {
  const view = mergeView(base, []);
  let digests: ListDigests | undefined;
  const give = (): ServerView => view;
  const show = (): ListDigests => {
    digests ??= digestLists(view.lists);
    return digests;
  };
  return { current: give, ready: give, latest: give, unlisted: () => [], shown: show, show };
}
