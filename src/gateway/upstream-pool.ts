import { createHash } from "node:crypto";
import type { SecretSource } from "../core/config-source.ts";
import type { McpUpstreamConfig } from "../core/config/mcp-upstream-schema.ts";
import type { JsonObject } from "../core/json.ts";
import { type Log, silentLog } from "../core/log.ts";
import { HttpUpstream } from "../upstreams/http/http-upstream.ts";
import type { HttpUpstreamPlan } from "../upstreams/http/upstream-plan.ts";
import { type Binding, McpUpstream } from "../upstreams/mcp/mcp-upstream.ts";
import type { McpUpstreamPlan } from "../upstreams/mcp/mcp-upstream-plan.ts";
import type { OpenTokenSource } from "../upstreams/mcp/oauth/open-token-source.ts";
import { fingerprintSecrets } from "./compile/fingerprint-secrets.ts";

/** What every kind of upstream can do. */
interface RunningUpstream {
  status(): object;
  close(): Promise<void>;
}

interface HandleOptions<Kind, Upstream, Config> {
  readonly kind: Kind;
  readonly config: Config;
  readonly server: string;
  readonly name: string;
  readonly key: string;
  readonly secrets: SecretSource;
  readonly open: () => Upstream;
}

/**
 * An upstream of a document. Opened by its first call; the same configuration of the same upstream
 * keeps its connections over reloads.
 */
class Handle<Kind extends string, Upstream extends RunningUpstream, Config> {
  readonly kind: Kind;
  /** As in the document. */
  readonly config: Config;
  readonly server: string;
  readonly name: string;
  readonly key: string;
  readonly secrets: SecretSource;
  readonly #open: () => Upstream;
  #upstream: Upstream | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: HandleOptions<Kind, Upstream, Config>) {
    this.kind = options.kind;
    this.config = options.config;
    this.server = options.server;
    this.name = options.name;
    this.key = options.key;
    this.secrets = options.secrets;
    this.#open = options.open;
  }

  /** The running upstream; the same one for every call. */
  open(): Upstream {
    this.#upstream ??= this.#open();
    return this.#upstream;
  }

  /** The running upstream, if any call has opened it. */
  get running(): Upstream | undefined {
    return this.#upstream;
  }

  /** Ends connections when running calls are done. May be called twice. */
  close(): Promise<void> {
    const closing = this.#closing ?? this.#upstream?.close() ?? Promise.resolve();
    this.#closing = closing;
    return closing;
  }
}

export type HttpHandle = Handle<"http", HttpUpstream, HttpUpstreamPlan["config"]>;
export type McpHandle = Handle<"mcp", McpUpstream, McpUpstreamConfig>;
export type UpstreamHandle = HttpHandle | McpHandle;

/** What MCP upstreams tell the data plane without being asked. */
export interface UpstreamEvents {
  catalogueChanged(upstream: McpHandle, principalId: string | undefined): void;
  notified(upstream: McpHandle, binding: Binding, method: string, params: JsonObject): void;
}

export interface UpstreamPoolOptions {
  readonly log: Log;
  readonly events: UpstreamEvents;
  /** Where bearer tokens for MCP upstreams come from; without it: as each document says. */
  readonly openTokens?: OpenTokenSource;
}

/** All upstreams that some snapshot still needs. */
export class UpstreamPool {
  readonly #options: UpstreamPoolOptions;
  /** By server, then by key. */
  readonly #handles = new Map<string, Map<string, UpstreamHandle>>();

  constructor(options: UpstreamPoolOptions) {
    this.#options = options;
  }

  /**
   * The handle of this http upstream with exactly this configuration and these values of its secrets.
   *
   * @param secrets of the server's tenant
   */
  http(server: string, plan: HttpUpstreamPlan, secrets: SecretSource): HttpHandle {
    const key = keyOf(server, plan, secrets);
    const known = this.#handles.get(server)?.get(key);
    if (known?.kind === "http") return known;
    const open = (): HttpUpstream => new HttpUpstream(plan, { secrets });
    const handle: HttpHandle = new Handle({
      kind: "http",
      config: plan.config,
      server,
      name: plan.name,
      key,
      secrets,
      open,
    });
    this.#keep(handle);
    return handle;
  }

  /** The same for an mcp upstream. */
  mcp(server: string, plan: McpUpstreamPlan, secrets: SecretSource): McpHandle {
    const { log, events, openTokens } = this.#options;
    const key = keyOf(server, plan, secrets);
    const known = this.#handles.get(server)?.get(key);
    if (known?.kind === "mcp") return known;
    const handle: McpHandle = new Handle({
      kind: "mcp",
      config: plan.config,
      server,
      name: plan.name,
      key,
      secrets,
      open: () =>
        new McpUpstream(plan, {
          secrets,
          log,
          ...(openTokens === undefined ? {} : { openTokens }),
          events: {
            catalogueChanged: (principalId) => events.catalogueChanged(handle, principalId),
            notified: (binding, method, params) => events.notified(handle, binding, method, params),
          },
        }),
    });
    this.#keep(handle);
    return handle;
  }

  /** The upstream of a server with this `key`, if a snapshot still needs it. */
  find(server: string, key: string): UpstreamHandle | undefined {
    return this.#handles.get(server)?.get(key);
  }

  /** Closes every upstream of a server that is not among `needed`. */
  retain(server: string, needed: ReadonlySet<UpstreamHandle>): Promise<void>[] {
    const handles = this.#handles.get(server);
    if (handles === undefined) return [];
    const closing: Promise<void>[] = [];
    for (const [key, handle] of handles) {
      if (needed.has(handle)) continue;
      handles.delete(key);
      closing.push(handle.close());
    }
    if (handles.size === 0) this.#handles.delete(server);
    return closing;
  }

  /** The upstreams that have been opened. */
  *running(): Iterable<UpstreamHandle> {
    for (const handles of this.#handles.values()) {
      for (const handle of handles.values()) if (handle.running !== undefined) yield handle;
    }
  }

  async close(): Promise<void> {
    const nothing = new Set<UpstreamHandle>();
    await Promise.allSettled([...this.#handles.keys()].flatMap((server) => this.retain(server, nothing)));
  }

  #keep(handle: UpstreamHandle): void {
    const handles = this.#handles.get(handle.server) ?? new Map<string, UpstreamHandle>();
    this.#handles.set(handle.server, handles.set(handle.key, handle));
  }
}

function keyOf(server: string, { name, config }: HttpUpstreamPlan | McpUpstreamPlan, secrets: SecretSource): string {
  const text = JSON.stringify(config);
  const digest = createHash("sha256").update(text).update(fingerprintSecrets(text, secrets)).digest("base64url");
  return `${server}\n${name}\n${digest}`;
}

/** A pool for looking at documents: nobody opens its upstreams. */
export function unopenedPool(): UpstreamPool {
  const ignore = (): void => undefined;
  return new UpstreamPool({ log: silentLog, events: { catalogueChanged: ignore, notified: ignore } });
}
