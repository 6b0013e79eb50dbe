import type { McpReply, McpRequest } from "../mcp-request.ts";
import { asideTimeoutMs, type ConnectionSettings } from "./connection-settings.ts";
import { ownRequest } from "./handshake.ts";

export interface ResourceSubscriptionsOptions {
  readonly settings: ConnectionSettings;
  /** Rejects when the connection cannot be used. */
  readonly send: (request: McpRequest, deadlineAt: number) => Promise<McpReply>;
}

/**
 * The `resources/subscribe` state of one session of the legacy era: brings what the server was told in line
 * with what is wanted, one request after the other, so that none overtakes another.
 */
export class ResourceSubscriptions {
  readonly #options: ResourceSubscriptionsOptions;
  readonly #told = new Set<string>();
  #wanted: ReadonlySet<string> = new Set();
  #telling: Promise<void> | undefined;

  constructor(options: ResourceSubscriptionsOptions) {
    this.#options = options;
  }

  /** What is wanted to be heard of. */
  get wanted(): ReadonlySet<string> {
    return this.#wanted;
  }

  /** Resolves when the server was told all that is wanted by then; never rejects. */
  want(uris: ReadonlySet<string>): Promise<void> {
    this.#wanted = uris;
    this.#telling ??= this.#tell()
      .catch((error: unknown) => {
        const { log, key } = this.#options.settings;
        log.debug("resources not subscribed", { upstream: key, error });
      })
      .finally(() => {
        this.#telling = undefined;
      });
    return this.#telling;
  }

  async #tell(): Promise<void> {
    for (let change = this.#nextChange(); change !== undefined; change = this.#nextChange()) {
      // Before the answer: a server that refuses is not asked again and again.
      if (change.isWanted) this.#told.add(change.uri);
      else this.#told.delete(change.uri);
      const method = change.isWanted ? "resources/subscribe" : "resources/unsubscribe";
      const { send, settings } = this.#options;
      await send(ownRequest(method, { uri: change.uri }), settings.clock.now() + asideTimeoutMs);
    }
  }

  #nextChange(): { readonly uri: string; readonly isWanted: boolean } | undefined {
    for (const uri of this.#told) if (!this.#wanted.has(uri)) return { uri, isWanted: false };
    for (const uri of this.#wanted) if (!this.#told.has(uri)) return { uri, isWanted: true };
    return undefined;
  }
}
