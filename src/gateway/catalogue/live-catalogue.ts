import type { Log } from "../../core/log.ts";
import type { Principal } from "../../core/principal.ts";
import { type Catalogue, emptyCatalogue } from "../../upstreams/mcp/catalogue.ts";
import type { CompiledExposure } from "../compile/compiled-exposure.ts";
import { expose } from "./expose.ts";
import type { ExposeContext } from "./expose-context.ts";
import type { Exposed } from "./exposed.ts";
import type { KnownCatalogue } from "./known-catalogue.ts";
import { mergeView, type ViewBase } from "./merge-view.ts";
import { digestLists, type ListDigests } from "./server-lists.ts";
import type { ServerCatalogue, ServerView, Unlisted } from "./server-view.ts";

/** Most principals whose own view is kept; the view of another one is made again. */
const maxViews = 1_000;
/** Most principals of whom it is known which lists they have seen. */
const maxShown = 10_000;
/** Most entries that are logged as left out; /status has the rest. */
const maxLogged = 1_000;
/** Begins what `#logged` holds of drifts; no key of an upstream has a line break. */
const driftMark = "drift\n";

interface Made {
  /** For whom it was made; undefined for the one that nobody has asked for. */
  readonly principal: Principal | undefined;
  /** One per exposure; as long as they are the same objects, so is the view. */
  readonly catalogues: readonly Catalogue[];
  readonly view: ServerView;
  digests: ListDigests | undefined;
}

export interface LiveCatalogueOptions extends ExposeContext {
  readonly base: ViewBase;
  readonly exposures: readonly CompiledExposure[];
  readonly log: Log;
  /** What is known of an upstream; what its running one says without it. */
  readonly known?: KnownCatalogue;
}

/**
 * The catalogue of a server with MCP upstreams. A view is made when it is asked for and what the
 * upstreams offer has changed since; all principals to whom they offer the same share one.
 */
export class LiveCatalogue implements ServerCatalogue {
  readonly #options: LiveCatalogueOptions;
  /** What an exposure shows of a catalogue, made once. */
  #exposed: readonly WeakMap<Catalogue, Exposed>[];
  readonly #byPrincipal = new Map<string, Made>();
  readonly #shown = new Map<string, ListDigests>();
  readonly #logged = new Set<string>();
  #latest: Made;
  readonly #known: KnownCatalogue;
  /** Of the pins that `#exposed` was judged by. */
  #generation: number;

  constructor(options: LiveCatalogueOptions) {
    this.#options = options;
    this.#known = options.known ?? knownToRunning;
    this.#exposed = options.exposures.map(() => new WeakMap());
    this.#generation = options.pins.generation;
    this.#latest = this.#make(undefined);
  }

  current(principal: Principal): ServerView {
    return this.#current(principal).view;
  }

  ready(principal: Principal): ServerView | Promise<ServerView> {
    const waiting: Promise<unknown>[] = [];
    for (const { upstream } of this.#options.exposures) {
      const running = upstream.open();
      if (running.catalogue(principal).state === "pending") waiting.push(running.listed(principal));
    }
    if (waiting.length === 0) return this.#give(principal);
    return Promise.all(waiting).then(() => this.#give(principal));
  }

  latest(): ServerView {
    this.#judgeAnew();
    return this.#latest.view;
  }

  unlisted(principal: Principal): readonly Unlisted[] {
    const unlisted: Unlisted[] = [];
    for (const { upstream } of this.#options.exposures) {
      const running = upstream.open();
      if (running.catalogue(principal).state !== "pending") continue;
      unlisted.push({ upstream: upstream.name, reason: running.status().lastError });
    }
    return unlisted;
  }

  shown(principal: Principal): ListDigests | undefined {
    return this.#shown.get(principal.id);
  }

  show(principal: Principal): ListDigests {
    const made = this.#current(principal);
    made.digests ??= digestLists(made.view.lists);
    if (this.#shown.get(principal.id) !== made.digests) keep(this.#shown, principal.id, made.digests, maxShown);
    return made.digests;
  }

  #give(principal: Principal): ServerView {
    this.show(principal);
    return this.#current(principal).view;
  }

  #current(principal: Principal): Made {
    this.#judgeAnew();
    if (this.#isCurrent(this.#latest, principal)) return this.#latest;
    const kept = this.#byPrincipal.get(principal.id);
    if (kept !== undefined && this.#isCurrent(kept, principal)) {
      this.#latest = kept;
      return kept;
    }
    const made = this.#make(principal);
    this.#latest = made;
    keep(this.#byPrincipal, principal.id, made, maxViews);
    return made;
  }

  /** Pins that were forgotten let in what they held back: all views are made again. */
  #judgeAnew(): void {
    const { generation } = this.#options.pins;
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#exposed = this.#options.exposures.map(() => new WeakMap());
    this.#byPrincipal.clear();
    for (const key of this.#logged) if (key.startsWith(driftMark)) this.#logged.delete(key);
    this.#latest = this.#make(this.#latest.principal);
  }

  #isCurrent({ catalogues }: Made, principal: Principal): boolean {
    const { exposures } = this.#options;
    for (let i = 0; i < exposures.length; i++) {
      const upstream = exposures[i]?.upstream;
      if (upstream !== undefined && this.#known(upstream, principal) !== catalogues[i]) return false;
    }
    return true;
  }

  #make(principal: Principal | undefined): Made {
    const { base, exposures } = this.#options;
    const catalogues = exposures.map(({ upstream }) =>
      principal === undefined ? emptyCatalogue : this.#known(upstream, principal),
    );
    const exposed = exposures.map((exposure, i) => this.#expose(exposure, i, catalogues[i] ?? emptyCatalogue));
    const view = mergeView(base, exposed);
    this.#logNews(view);
    return { principal, catalogues, view, digests: undefined };
  }

  #expose(exposure: CompiledExposure, index: number, catalogue: Catalogue): Exposed {
    const known = this.#exposed[index]?.get(catalogue);
    if (known !== undefined) return known;
    const exposed = expose(exposure, catalogue, this.#options);
    this.#exposed[index]?.set(catalogue, exposed);
    return exposed;
  }

  /** Each entry that is left out, and each drift, is logged once. */
  #logNews({ leftOut, drifts }: ServerView): void {
    const { log, serverKey: server } = this.#options;
    for (const { upstream, kind, name, reason } of leftOut) {
      if (this.#isNews(`${upstream}\n${kind}\n${name}`)) {
        log.warn("an entry of an MCP upstream is not shown", { server, upstream, kind, name, reason });
      }
    }
    for (const { upstream, tool, changed, isBlocked } of drifts) {
      if (this.#isNews(`${driftMark}${upstream}\n${tool}\n${changed.join()}`)) {
        log.warn("a pinned tool has changed", { server, upstream, tool, changed, isBlocked });
      }
    }
  }

  #isNews(key: string): boolean {
    if (this.#logged.has(key) || this.#logged.size >= maxLogged) return false;
    this.#logged.add(key);
    return true;
  }
}

const knownToRunning: KnownCatalogue = (upstream, principal) =>
  upstream.running?.catalogue(principal) ?? emptyCatalogue;

/** Sets an entry of a map that forgets the oldest ones. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value, maxSize: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= maxSize) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
