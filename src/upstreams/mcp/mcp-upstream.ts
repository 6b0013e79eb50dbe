import type { SecretSource } from "../../core/config-source.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import type { McpCallContext } from "../../core/mcp-call.ts";
import type { Principal } from "../../core/principal.ts";
import type { Catalogue } from "./catalogue.ts";
import type { McpUpstreamPlan } from "./mcp-upstream-plan.ts";
import type { McpReply, McpRequest } from "./mcp-request.ts";

/** On whose behalf something is done at an upstream. */
export interface Caller {
  readonly principal: Principal;
  /** The client's session; undefined for a client that has none. */
  readonly sessionId: string | undefined;
}

/** Who shares one connection, as `sharing` of the upstream says. */
export type Binding =
  | { readonly kind: "shared" }
  | { readonly kind: "principal"; readonly id: string }
  | { readonly kind: "session"; readonly id: string }
  /** A stranger without a session: a connection for one call. */
  | { readonly kind: "call" };

/** What an upstream tells the data plane without being asked. Never called after `close`. */
export interface McpUpstreamEvents {
  /**
   * The catalogue is another one.
   *
   * @param principalId whose, when `sharing: per-principal` gives each principal a catalogue of its own
   */
  catalogueChanged(principalId: string | undefined): void;
  /** A notification that belongs to no call (`notifications/resources/updated`, log messages, vendors'). */
  notified(binding: Binding, method: string, params: JsonObject): void;
}

export interface McpUpstreamOptions {
  readonly secrets: SecretSource;
  readonly log: Log;
  readonly events: McpUpstreamEvents;
}

/** A subscription to one resource, or the wish to hear of changes. */
export interface Watch {
  /** May be called twice. */
  end(): void;
}

/**
 * One MCP server that a document names, over as many connections as its `sharing` asks for. Nothing is
 * connected before the first use, unless it is `eager`.
 */
export class McpUpstream {
  constructor(plan: McpUpstreamPlan, options: McpUpstreamOptions) {
    void plan;
    void options;
  }

  /** Sends one request on the caller's connection; opens it when there is none. Rejects like `McpConnection.request`. */
  request(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    throw new Error(`not built: ${request.method} ${context.deadlineAt}`);
  }

  /** What the upstream offers this principal, as far as it is known now. */
  catalogue(principal: Principal): Catalogue {
    throw new Error(`not built: ${principal.id}`);
  }

  /**
   * The catalogue once it has been listed for the first time, or when that has failed or took longer
   * than `startTimeoutMs`. Never rejects; does not wait for an upstream that is known to be down.
   */
  listed(principal: Principal): Promise<Catalogue> {
    throw new Error(`not built: ${principal.id}`);
  }

  /** Holds a connection open that tells changes of lists and, if given, of one resource. */
  watch(caller: Caller, uri: string | undefined): Watch {
    throw new Error(`not built: ${caller.principal.id} ${uri}`);
  }

  /** The client's session is over: what was opened for it alone ends. */
  sessionEnded(sessionId: string): void {
    throw new Error(`not built: ${sessionId}`);
  }

  /** For `/status`: state, era, revision, transport, connections, catalogue sizes, last error. No secrets. */
  status(): Readonly<Record<string, unknown>> {
    throw new Error("not built");
  }

  /** Takes no more calls; those under way get `deadlineMs` to finish. May be called twice. */
  close(deadlineMs = 5_000): Promise<void> {
    throw new Error(`not built: ${deadlineMs}`);
  }
}
