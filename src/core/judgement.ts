import type { RouteConfig } from "./config/document.ts";
import type { SecretUse } from "./problem.ts";

/** A route as it is looked up, before anybody has called it. */
export interface JudgedRoute {
  readonly config: RouteConfig;
  /** Lower-case names of client headers that calls may see. */
  readonly visibleHeaders: readonly string[];
}

/** How long the lists of a document are, without what MCP upstreams offer. */
export interface ListSizes {
  readonly tools: number;
  readonly prompts: number;
  readonly resources: number;
}

/** What is to be known of a document that was found good, so that it can be served and is read by its first call. */
export interface Judgement {
  readonly tenant: string;
  readonly name: string;
  readonly routes: readonly JudgedRoute[];
  /** Of all its templates: whether they are set is judged by every load. */
  readonly secrets: readonly SecretUse[];
  readonly sizes: ListSizes;
}

/**
 * Remembers judgements of this very program over its end. A cache: what is lost is judged again. Nothing here fails or
 * waits; `close` ends when everything is written and may be called twice.
 */
export interface JudgementStore {
  /** @param id stands for the text, its name and its folder; undefined when they were not judged, or not found good */
  find(id: string): Judgement | undefined;
  note(id: string, judgement: Judgement): void;
  /** This one was wrong. */
  forget(id: string): void;
  /** A load is over: all others may be forgotten. */
  keep(ids: ReadonlySet<string>): void;
  close(): Promise<void>;
}
