import { serverDocument } from "../../core/config/document.ts";
import type { JsonObject } from "../../core/json.ts";
import { silentLog } from "../../core/log.ts";
import type { PinStore } from "../../core/pin-store.ts";
import type { Principal } from "../../core/principal.ts";
import type { Problem } from "../../core/problem.ts";
import { rank } from "../../protocol/revisions.ts";
import { type Catalogue, emptyCatalogue } from "../../upstreams/mcp/catalogue.ts";
import type { McpUpstreamPlan } from "../../upstreams/mcp/mcp-upstream-plan.ts";
import { compileServer } from "../compile/compile-server.ts";
import type { CompiledServer } from "../compile/compiled-server.ts";
import { Metrics } from "../metrics.ts";
import { type McpHandle, unopenedPool, type UpstreamPool } from "../upstream-pool.ts";

/** For tests: what an upstream offers, of which a test changes what it is about. */
export function offering(offer: Partial<Catalogue> & { readonly instructions?: string | undefined }): Catalogue {
  const { instructions, ...rest } = offer;
  const server = {
    rank: rank["2025-11-25"],
    protocolVersion: "2025-11-25",
    info: { name: "fake" },
    capabilities: { tools: {}, prompts: {}, resources: {} },
    instructions,
  };
  return { ...emptyCatalogue, state: "current", server, ...rest };
}

export function toolOf(name: string, more: JsonObject = {}): JsonObject {
  return { name, inputSchema: { type: "object" }, ...more };
}

/** For tests: an upstream that is never connected; what it offers is set from outside. */
export class FakeUpstream {
  readonly #own = new Map<string, Catalogue>();
  #everybodys: Catalogue = emptyCatalogue;
  readonly watched: (string | undefined)[] = [];
  /** Lets `listed` resolve, when a test wants to wait. */
  listing: Promise<unknown> = Promise.resolve();

  offer(catalogue: Catalogue, principalId?: string): void {
    if (principalId === undefined) this.#everybodys = catalogue;
    else this.#own.set(principalId, catalogue);
  }

  catalogue({ id }: Principal): Catalogue {
    return this.#own.get(id) ?? this.#everybodys;
  }

  async listed(principal: Principal): Promise<Catalogue> {
    await this.listing;
    return this.catalogue(principal);
  }

  watch(_caller: unknown, uri: string | undefined): { end(): void } {
    this.watched.push(uri);
    return { end: () => void this.watched.splice(this.watched.indexOf(uri), 1) };
  }
}

export interface CompiledForTest {
  /** Fails the test when the document has an error. */
  readonly server: CompiledServer;
  readonly problems: readonly Problem[];
  readonly upstreams: Readonly<Record<string, FakeUpstream>>;
}

/** For tests: compiles a document whose MCP upstreams are fakes. What it leaves out is filled in. */
export function compileForTest(parts: Readonly<Record<string, unknown>>, pins: PinStore = noPins): CompiledForTest {
  const document = serverDocument.parse({ name: "test", routes: [{ prefix: "/test" }], ...parts });
  const upstreams: Record<string, FakeUpstream> = {};
  const real = unopenedPool({ get: () => undefined });
  const pool = {
    http: real.http.bind(real),
    mcp: (server: string, { name, config }: McpUpstreamPlan) => {
      const fake = new FakeUpstream();
      upstreams[name] = fake;
      return { kind: "mcp", config, server, name, running: fake, open: () => fake } as unknown as McpHandle; // all that views use
    },
  } as unknown as UpstreamPool; // all that compiling uses
  const { server, problems } = compileServer(document, undefined, {
    pool,
    pins,
    secrets: { get: () => undefined },
    metrics: new Metrics(),
    log: silentLog,
    deep: true,
  });
  return {
    get server() {
      if (server === undefined) throw new Error(JSON.stringify(problems));
      return server;
    },
    problems,
    upstreams,
  };
}

const noPins: PinStore = { generation: 0, get: () => undefined, add: () => true, close: async () => undefined };
