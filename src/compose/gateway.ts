import { KeyRing } from "../access/key-ring.ts";
import { FilePinStore } from "../adapters/file/file-pin-store.ts";
import { JudgementFile } from "../adapters/file/judgement-file.ts";
import { MemoryPinStore } from "../adapters/memory/memory-pin-store.ts";
import type { JudgementStore } from "../core/judgement.ts";
import type { Log } from "../core/log.ts";
import type { PinStore } from "../core/pin-store.ts";
import { type GatewayOptions, type RunningGateway, runGateway } from "../gateway/run-gateway.ts";
import type { Settings } from "../settings.ts";
import { openTelemetry, type Telemetry } from "../telemetry.ts";
import type { OpenTokenSource } from "../upstreams/mcp/oauth/open-token-source.ts";
import { reapLeftovers } from "../upstreams/mcp/stdio/leftovers.ts";
import { programBuild, programVersion } from "../version.ts";

export type { RunningGateway } from "../gateway/run-gateway.ts";

/** Standard output: log lines are the program's output when it runs as a service. */
const standardOutput = 1;

/** The log of this process, to its standard output. */
export function openProcessTelemetry({ logLevel: level, logFormat: format }: Settings): Telemetry {
  return openTelemetry({ level, format, fileDescriptor: standardOutput });
}

export interface GatewayParts
  extends Pick<
    GatewayOptions,
    "reader" | "notifiers" | "secrets" | "receiveNotice" | "keySource" | "keyPollMs" | "registry" | "name"
  > {
  readonly settings: Settings;
  /** Where bearer tokens for MCP upstreams come from; without it: as each document says. */
  readonly openTokens?: OpenTokenSource;
  /** What is known of documents; kept in the state folder when absent. Closed with the gateway. */
  readonly judgements?: JudgementStore | undefined;
  /** Closed with the gateway; opened from the settings when absent. */
  readonly telemetry?: Telemetry;
}

/** Starts a data plane from its parts. The caller closes it. */
export async function startGateway({ settings, ...parts }: GatewayParts): Promise<RunningGateway> {
  const telemetry = parts.telemetry ?? openProcessTelemetry(settings);
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
    keyPollMs: settings.pollMs,
    name: settings.gatewayName,
    ...parts,
    pins: await openPins(settings.stateDir, telemetry.log),
    judgements: parts.judgements ?? (await openJudgements(settings.stateDir, telemetry.log)),
    telemetry,
    version: programVersion(),
  });
}

function openPins(stateDir: string | undefined, log: Log): Promise<PinStore> | PinStore {
  return stateDir === undefined ? new MemoryPinStore() : FilePinStore.open(stateDir, log);
}

/** Only of a program that can tell itself from every other one. */
async function openJudgements(stateDirectory: string | undefined, log: Log): Promise<JudgementStore | undefined> {
  if (stateDirectory === undefined) return undefined;
  const build = await programBuild();
  return build === undefined ? undefined : JudgementFile.open({ stateDirectory, build, log });
}
