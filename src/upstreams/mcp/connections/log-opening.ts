import type { McpReply, McpRequest } from "../mcp-request.ts";
import type { ServerDescription } from "../connection.ts";
import { asideTimeoutMs, type ConnectionSettings } from "./connection-settings.ts";
import { ownRequest } from "./handshake.ts";

export interface LogOpeningOptions {
  readonly settings: ConnectionSettings;
  readonly server: ServerDescription;
  readonly send: (request: McpRequest, deadlineAt: number) => Promise<McpReply>;
}

/**
 * Asks a server of the legacy era for all of its log, once, when the first client wants to see any of it.
 * The level belongs to the session, which several requests with levels of their own may share: each
 * request picks out of everything.
 */
export class LogOpening {
  readonly #options: LogOpeningOptions;
  #opened: Promise<void> | undefined;
  #isOpen: boolean;

  constructor(options: LogOpeningOptions) {
    this.#options = options;
    this.#isOpen = options.server.capabilities["logging"] === undefined;
  }

  /** Undefined when nothing is to be waited for. Never rejects. */
  open(): Promise<void> | undefined {
    if (this.#isOpen) return undefined;
    this.#opened ??= this.#setLevel();
    return this.#opened;
  }

  async #setLevel(): Promise<void> {
    const { settings, send } = this.#options;
    try {
      await send(ownRequest("logging/setLevel", { level: "debug" }), settings.clock.now() + asideTimeoutMs);
    } catch (error) {
      settings.log.debug("log level not set", { upstream: settings.key, error });
    }
    this.#isOpen = true;
  }
}
