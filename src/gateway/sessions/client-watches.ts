import { randomBytes } from "node:crypto";
import type { Principal } from "../../core/principal.ts";
import type { Caller, Watch } from "../../upstreams/mcp/mcp-upstream.ts";
import type { CompiledServer } from "../compile/compiled-server.ts";
import type { McpHandle } from "../upstream-pool.ts";

/** Nobody guesses the id of a stranger's stream: 192 random bits, as sessions have. */
const idBytes = 24;

/** Longest wait for an upstream that has to confirm a subscription before the client's is confirmed. */
export const inEffectMs = 2_000;

interface ResourceWatch {
  readonly upstream: McpHandle | undefined;
  readonly upstreamUri: string | undefined;
  readonly watch: Watch | undefined;
}

const notWatched: ResourceWatch = Object.freeze({ upstream: undefined, upstreamUri: undefined, watch: undefined });

/**
 * What one client wants to hear of the MCP upstreams of its server: changes of lists, and of the
 * resources that it subscribed to. Holds their connections open until it ends.
 */
export class ClientWatches {
  /** On whose behalf the upstreams are asked. */
  readonly caller: Caller;
  /** The client may be gone for long without telling. */
  readonly #isForgotten: boolean;
  /** Made when they are needed: most clients of most servers have none. */
  #lists: Map<McpHandle, Watch> | undefined;
  #listsOf: CompiledServer | undefined;
  #resources: Map<string, ResourceWatch> | undefined;
  #resourcesOf: CompiledServer | undefined;
  #hasEnded = false;

  private constructor(caller: Caller, isForgotten: boolean) {
    this.caller = caller;
    this.#isForgotten = isForgotten;
  }

  static ofSession(principal: Principal, sessionId: string): ClientWatches {
    return new ClientWatches({ principal, sessionId }, true);
  }

  /**
   * What a `subscriptions/listen` stream hears of. A stranger's stream counts as a session of its own, so
   * that it has one connection with an upstream that is not shared, and hears of nobody else's.
   */
  static ofListener(principal: Principal): ClientWatches {
    const isStranger = principal.kind === "anonymous";
    const sessionId = isStranger ? `listen-${randomBytes(idBytes).toString("base64url")}` : undefined;
    return new ClientWatches({ principal, sessionId }, false);
  }

  /** Hears of changed lists from now on; resolves like `watchResource`. Cheap when it does already. */
  watchLists(server: CompiledServer): Promise<void> | undefined {
    if (this.#hasEnded || this.#listsOf === server) return undefined;
    this.#listsOf = server;
    const before = this.#lists;
    const lists = new Map<McpHandle, Watch>();
    for (const upstream of server.upstreams) {
      if (upstream.kind !== "mcp" || !this.#holdsOpen(upstream)) continue;
      lists.set(upstream, before?.get(upstream) ?? upstream.open().watch(this.caller, undefined));
    }
    this.#lists = lists;
    for (const [upstream, watch] of before ?? []) if (!lists.has(upstream)) watch.end();
    if (lists.size === 0) return undefined;
    return Promise.all([...lists.values()].map(({ inEffect }) => inEffect)).then(() => undefined);
  }

  /**
   * Hears of changes of this resource from now on, if an MCP upstream has it. Resolves when that is so, or
   * will not be; undefined when there is nothing to wait for. Never rejects.
   */
  watchResource(server: CompiledServer, uri: string): Promise<void> | undefined {
    if (this.#hasEnded || !hasMcpUpstream(server)) return undefined;
    this.#resources ??= new Map();
    this.#resourcesOf = server;
    if (!this.#resources.has(uri)) this.#resources.set(uri, notWatched);
    const ready = server.catalogue.ready(this.caller.principal);
    if (!(ready instanceof Promise)) return this.#find(uri);
    // An upstream that cannot be listed says so in its status; the watch begins when it can.
    return ready.then(
      () => this.#find(uri),
      () => undefined,
    );
  }

  unwatchResource(uri: string): void {
    this.#resources?.get(uri)?.watch?.end();
    this.#resources?.delete(uri);
  }

  /** Goes on with another version of the server, whose upstreams may be others. */
  moveTo(server: CompiledServer): void {
    if (this.#listsOf !== undefined) void this.watchLists(server);
    for (const uri of this.#resources?.keys() ?? []) void this.watchResource(server, uri);
  }

  /** May be called twice. */
  end(): void {
    this.#hasEnded = true;
    for (const watch of this.#lists?.values() ?? []) watch.end();
    for (const { watch } of this.#resources?.values() ?? []) watch?.end();
    // A connection of its own ends with it; those of sessions are ended by who ends the session.
    const { sessionId } = this.caller;
    if (!this.#isForgotten && sessionId !== undefined) {
      for (const upstream of this.#watched()) upstream.running?.sessionEnded(sessionId);
    }
    this.#lists = undefined;
    this.#listsOf = undefined;
    this.#resources = undefined;
    this.#resourcesOf = undefined;
  }

  #watched(): ReadonlySet<McpHandle> {
    const watched = new Set(this.#lists?.keys());
    for (const { upstream } of this.#resources?.values() ?? []) if (upstream !== undefined) watched.add(upstream);
    return watched;
  }

  /**
   * Sessions last long and are often forgotten: for the sake of their lists no child is kept running. A
   * child that runs tells of changes all the same, and is listed again when it is started.
   */
  #holdsOpen({ config }: McpHandle): boolean {
    return !this.#isForgotten || config.url !== undefined;
  }

  /** Looks at the latest server: the one that was waited for may have been replaced meanwhile. */
  #find(uri: string): Promise<void> | undefined {
    const server = this.#resourcesOf;
    const before = this.#resources?.get(uri);
    if (server === undefined || before === undefined) return undefined; // not wanted any more
    const found = server.catalogue.current(this.caller.principal).findResource(uri);
    const { upstream, upstreamUri } = found?.kind === "mcp" ? found : notWatched;
    if (upstream === before.upstream && upstreamUri === before.upstreamUri) return before.watch?.inEffect;
    const watch = upstream?.open().watch(this.caller, upstreamUri);
    before.watch?.end();
    this.#resources?.set(uri, { upstream, upstreamUri, watch });
    return watch?.inEffect;
  }
}

function hasMcpUpstream({ upstreams }: CompiledServer): boolean {
  return upstreams.some(({ kind }) => kind === "mcp");
}
