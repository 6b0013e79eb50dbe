import { KeyRing } from "../access/key-ring.ts";
import { FilePinStore } from "../adapters/file/file-pin-store.ts";
import { MemoryPinStore } from "../adapters/memory/memory-pin-store.ts";
import type { ConfigNotifier, ConfigReader, TenantSecrets } from "../core/config-source.ts";
import type { ReportReceiver } from "../core/gateway-registry.ts";
import type { KeySource } from "../core/key-source.ts";
import type { Log } from "../core/log.ts";
import type { PinStore } from "../core/pin-store.ts";
import { type RunningGateway, runGateway } from "../gateway/run-gateway.ts";
import type { Settings } from "../settings.ts";
import { openTelemetry } from "../telemetry.ts";
import type { OpenTokenSource } from "../upstreams/mcp/oauth/open-token-source.ts";
import { reapLeftovers } from "../upstreams/mcp/stdio/leftovers.ts";
import { programVersion } from "../version.ts";

export type { RunningGateway } from "../gateway/run-gateway.ts";

/** Standard output: log lines are the program's output when it runs as a service. */
const standardOutput = 1;

export interface GatewayParts {
  readonly settings: Settings;
  readonly reader: ConfigReader;
  readonly notifiers: readonly ConfigNotifier[];
  readonly secrets: TenantSecrets;
  /** Where bearer tokens for MCP upstreams come from; without it: as each document says. */
  readonly openTokens?: OpenTokenSource;
  /** API keys besides those of the settings. */
  readonly keySource?: KeySource | undefined;
  readonly keyPollMs?: number | undefined;
  /** Is told what the gateway serves; closed with it. */
  readonly registry?: ReportReceiver | undefined;
  /** Name in reports. */
  readonly name?: string | undefined;
}

/** Starts a data plane from its parts. The caller closes it. */
export async function startGateway({ settings, ...parts }: GatewayParts): Promise<RunningGateway> {
  const telemetry = openTelemetry({
    level: settings.logLevel,
    format: settings.logFormat,
    fileDescriptor: standardOutput,
  });
  // Beside everything else: it never touches the children of this process.
  void reapLeftovers(telemetry.log);
  return runGateway({
    host: settings.host,
    port: settings.port,
    opsHost: settings.opsHost,
    opsPort: typeof settings.opsPort === "number" ? settings.opsPort : undefined,
    publicUrl: settings.publicUrl,
    allowedHosts: settings.allowedHosts,
    maxConnections: settings.maxConnections,
    drainMs: settings.drainMs,
    accessLog: { level: settings.accessLog, sampleRate: settings.accessLogSample },
    keys: new KeyRing(settings.apiKeys),
    ...parts,
    pins: await openPins(settings.stateDir, telemetry.log),
    telemetry,
    version: programVersion(),
  });
}

function openPins(stateDir: string | undefined, log: Log): Promise<PinStore> | PinStore {
  return stateDir === undefined ? new MemoryPinStore() : FilePinStore.open(stateDir, log);
}
