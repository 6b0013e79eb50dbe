import type { McpUpstreamConfig } from "../../core/config/mcp-upstream-schema.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import { Deadlines } from "../http/deadlines.ts";
import type { OpenConnection } from "./connection.ts";
import type { Attempt } from "./connections/attempt.ts";
import type { ConnectionSettings } from "./connections/connection-settings.ts";
import type { Detected } from "./connections/detected.ts";
import { openOverHttp } from "./connections/open-over-http.ts";
import { openOverStdio } from "./connections/open-over-stdio.ts";
import type { HttpIdentity, McpHttpClient } from "./http/mcp-http-client.ts";
import { type Clock, systemClock } from "./lifecycle/clock.ts";
import type { OpenChannel } from "./message-channel.ts";

export type { Detected } from "./connections/detected.ts";

/** How one MCP server is reached. */
export type Reach =
  | { readonly kind: "stdio"; readonly open: OpenChannel }
  | { readonly kind: "http"; readonly client: McpHttpClient; readonly identity: HttpIdentity };

export interface ConnectOptions {
  readonly reach: Reach;
  readonly config: McpUpstreamConfig;
  /** For messages: "The upstream `files`". */
  readonly label: string;
  /** The document's key for messages: "upstreams.files". */
  readonly key: string;
  readonly log: Log;
  /** What the gateway calls itself: name and version. */
  readonly clientInfo: JsonObject;
  /** Read and written. */
  readonly detected: Detected;
  /** `systemClock` without it. */
  readonly clock?: Clock;
}

/** How connections with this server are opened: detects transport and era unless they are configured. */
export function connector(options: ConnectOptions): OpenConnection {
  const { reach, config, label, key, log, clientInfo, detected, clock = systemClock } = options;
  const settings: ConnectionSettings = {
    label,
    key,
    log,
    clock,
    deadlines: new Deadlines(() => clock.now()),
    maxConcurrency: config.maxConcurrency,
    offeredVersion: config.protocolVersion,
    clientInfo,
  };
  return async (listener, signal) => {
    const deadlineAt = clock.now() + config.startTimeoutMs;
    const attempt: Attempt = { settings, config, listener, signal, deadlineAt };
    switch (reach.kind) {
      case "stdio":
        return openOverStdio(attempt, reach.open, detected);
      case "http":
        return openOverHttp(attempt, reach.client.pick(reach.identity), detected);
    }
  };
}
