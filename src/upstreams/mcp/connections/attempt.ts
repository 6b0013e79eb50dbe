import type { McpUpstreamConfig } from "../../../core/config/mcp-upstream-schema.ts";
import type { ConnectionListener } from "../connection.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import type { Peer } from "./peer.ts";

/** One opening of a connection. */
export interface Attempt {
  readonly settings: ConnectionSettings;
  readonly config: McpUpstreamConfig;
  readonly listener: ConnectionListener;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  /** For every answer that it waits for. */
  readonly deadlineAt: number;
}

/** Runs a part of an attempt with a peer, which is closed when the part fails or the attempt is ended meanwhile. */
export async function withPeer<T>(peer: Peer, { signal, settings }: Attempt, use: () => Promise<T>): Promise<T> {
  const end = (): void => {
    peer.close().catch((error: unknown) => {
      settings.log.debug("upstream connection did not close", { upstream: settings.key, error });
    });
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    if (signal.aborted) end();
    return await use();
  } catch (error) {
    end();
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}
