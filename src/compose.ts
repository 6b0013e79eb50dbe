import { KeyRing } from "./access/key-ring.ts";
import { MemoryPinStore } from "./adapters/memory/memory-pin-store.ts";
import type { ConfigNotifier, ConfigReader, SecretSource, SourceDocument } from "./core/config-source.ts";
import type { LocatedProblem } from "./core/problem.ts";
import { checkDocuments as checkAll } from "./gateway/compile/check-documents.ts";
import { type RunningGateway, runGateway } from "./gateway/run-gateway.ts";
import type { Settings } from "./settings.ts";
import { openTelemetry } from "./telemetry.ts";
import type { OpenTokenSource } from "./upstreams/mcp/oauth/open-token-source.ts";
import { programVersion } from "./version.ts";

export type { RunningGateway } from "./gateway/run-gateway.ts";

/** Standard output: log lines are the program's output when it runs as a service. */
const standardOutput = 1;

export interface GatewayParts {
  readonly settings: Settings;
  readonly reader: ConfigReader;
  readonly notifiers: readonly ConfigNotifier[];
  readonly secrets: SecretSource;
  /** Where bearer tokens for MCP upstreams come from; without it: as each document says. */
  readonly openTokens?: OpenTokenSource;
}

/** Starts a data plane from its parts. The caller closes it. */
export function startGateway({ settings, ...parts }: GatewayParts): Promise<RunningGateway> {
  const telemetry = openTelemetry({
    level: settings.logLevel,
    format: settings.logFormat,
    fileDescriptor: standardOutput,
  });
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
    pins: new MemoryPinStore(),
    telemetry,
    version: programVersion(),
  });
}

/** Every problem of these documents, across documents too, without connecting to anything. */
export function checkDocuments(documents: readonly SourceDocument[], secrets: SecretSource): LocatedProblem[] {
  return checkAll(documents, secrets);
}
