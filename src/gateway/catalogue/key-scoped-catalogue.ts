import { compileGlob } from "../../core/glob.ts";
import type { Principal } from "../../core/principal.ts";
import { digestLists, type ListDigests } from "./server-lists.ts";
import type { ServedTool, ServerCatalogue, ServerView, Unlisted } from "./server-view.ts";

/** Most scopes for which a narrowed view is kept; that of another one is made again. */
const maxScopes = 200;
/** Most callers with a scope of whom it is known which lists they have seen. */
const maxShown = 10_000;

/**
 * Shows each caller the tools that its key's scope names; others are as if they were not there. Views of keys
 * without such a scope go through untouched.
 */
export class KeyScopedCatalogue implements ServerCatalogue {
  readonly #whole: ServerCatalogue;
  /** By scope; what was made of another view of the server is of no use any more. */
  readonly #narrowed = new Map<string, { readonly of: ServerView; readonly view: ServerView }>();
  readonly #shown = new Map<string, ListDigests>();

  constructor(whole: ServerCatalogue) {
    this.#whole = whole;
  }

  current(principal: Principal): ServerView {
    const view = this.#whole.current(principal);
    return principal.tools === undefined ? view : this.#narrow(view, principal.tools);
  }

  ready(principal: Principal): ServerView | Promise<ServerView> {
    const ready = this.#whole.ready(principal);
    if (principal.tools === undefined) return ready;
    const { tools } = principal;
    const give = (view: ServerView): ServerView => {
      const narrowed = this.#narrow(view, tools);
      this.#know(principal, digestLists(narrowed.lists));
      return narrowed;
    };
    return ready instanceof Promise ? ready.then(give) : give(ready);
  }

  latest(): ServerView {
    return this.#whole.latest();
  }

  unlisted(principal: Principal): readonly Unlisted[] {
    return this.#whole.unlisted(principal);
  }

  shown(principal: Principal): ListDigests | undefined {
    return principal.tools === undefined ? this.#whole.shown(principal) : this.#shown.get(principal.id);
  }

  show(principal: Principal): ListDigests {
    if (principal.tools === undefined) return this.#whole.show(principal);
    const digests = digestLists(this.current(principal).lists);
    this.#know(principal, digests);
    return digests;
  }

  #know({ id }: Principal, digests: ListDigests): void {
    remember(this.#shown, id, digests, maxShown);
  }

  #narrow(view: ServerView, globs: readonly string[]): ServerView {
    const scope = globs.join("\n");
    const known = this.#narrowed.get(scope);
    if (known?.of === view) return known.view;
    const narrowed = narrowView(view, globs);
    remember(this.#narrowed, scope, { of: view, view: narrowed }, maxScopes);
    return narrowed;
  }
}

/** The view with those tools alone that a glob matches. */
function narrowView(view: ServerView, globs: readonly string[]): ServerView {
  const matchers = globs.map(compileGlob);
  const isInScope = (name: unknown): boolean => typeof name === "string" && matchers.some((matches) => matches(name));
  const tools = new Map<string, ServedTool>();
  for (const [name, tool] of view.tools) if (isInScope(name)) tools.set(name, tool);
  return {
    tools,
    prompts: view.prompts,
    lists: { ...view.lists, tools: view.lists.tools.narrow(({ name }) => isInScope(name)) },
    instructions: view.instructions,
    findResource: (uri) => view.findResource(uri),
    findTemplate: (uriTemplate) => view.findTemplate(uriTemplate),
    namespaceOf: (upstream) => view.namespaceOf(upstream),
    leftOut: view.leftOut,
    drifts: view.drifts,
  };
}

/** Sets an entry of a map that forgets the oldest ones. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, maxSize: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= maxSize) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
