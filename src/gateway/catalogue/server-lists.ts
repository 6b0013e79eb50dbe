import type { JsonObject } from "../../core/json.ts";
import { filterDescribed, filterTool } from "../../protocol/revision-filter.ts";
import { EncodedList, type EncodedListOptions } from "../compile/encoded-list.ts";

/** What `list_changed` notifications are about; resources and their templates are told together. */
export type ListKind = "tools" | "prompts" | "resources";

/** What the four list methods answer. */
export interface ServerLists {
  readonly tools: EncodedList;
  readonly prompts: EncodedList;
  readonly resources: EncodedList;
  readonly resourceTemplates: EncodedList;
}

/** What all lists of one server have in common. */
export type ListOptions = Pick<EncodedListOptions, "pageSize" | "caching" | "modernMeta">;

/** Definitions as newest clients see them, in their order. */
export type ListEntries = { readonly [Member in keyof ServerLists]: readonly JsonObject[] };

/** The lists of these entries; nothing is written before somebody asks. */
export function encodeLists(entries: ListEntries, options: ListOptions): ServerLists {
  const list = (member: keyof ServerLists, filter: EncodedListOptions["filter"]): EncodedList =>
    new EncodedList({ ...options, member, entries: entries[member], filter });
  return {
    tools: list("tools", filterTool),
    prompts: list("prompts", filterDescribed),
    resources: list("resources", filterDescribed),
    resourceTemplates: list("resourceTemplates", filterDescribed),
  };
}

/** Equal digests mean that clients see the same list. */
export type ListDigests = Readonly<Record<ListKind, string>>;

export function digestLists({ tools, prompts, resources, resourceTemplates }: ServerLists): ListDigests {
  return {
    tools: tools.digest,
    prompts: prompts.digest,
    resources: `${resources.digest} ${resourceTemplates.digest}`,
  };
}

/** The lists that clients have to ask for again. */
export function changedLists(before: ListDigests, after: ListDigests): ListKind[] {
  return (["tools", "prompts", "resources"] as const).filter((kind) => before[kind] !== after[kind]);
}
