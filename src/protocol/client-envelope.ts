import type { LogLevel } from "../core/call.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { stringifyJson } from "../core/lossless-json.ts";
import { clientCapabilitiesKey, clientInfoKey, logLevelKey, protocolVersionKey } from "./modern-request.ts";
import { modernRevision } from "./revisions.ts";

/** What a 2026-07-28 request says of its client. */
export interface ClientEnvelope {
  readonly clientInfo: JsonObject | undefined;
  readonly clientCapabilities: JsonObject;
  readonly logLevel: LogLevel | undefined;
}

const versionMember = `${JSON.stringify(protocolVersionKey)}:${JSON.stringify(modernRevision)},`;
const capabilitiesHead = `${JSON.stringify(clientCapabilitiesKey)}:`;
const infoHead = `,${JSON.stringify(clientInfoKey)}:`;
const logLevelHead = `,${JSON.stringify(logLevelKey)}:`;

/** The members of `_meta` that make a request one of 2026-07-28, as JSON text without braces. */
export function envelopeMembers(envelope: ClientEnvelope): string {
  const logLevel = envelope.logLevel === undefined ? "" : `${logLevelHead}"${envelope.logLevel}"`;
  return versionMember + clientMembers(envelope) + logLevel;
}

/**
 * Those of them that describe the client alone: what a legacy server may read per request when several
 * clients share its session.
 */
export function clientMembers({ clientCapabilities, clientInfo }: Omit<ClientEnvelope, "logLevel">): string {
  const info = clientInfo === undefined ? "" : infoHead + stringifyJson(clientInfo);
  return capabilitiesHead + stringifyJson(clientCapabilities) + info;
}

const tasksExtension = "io.modelcontextprotocol/tasks";

/**
 * What a client declared, in the words of 2026-07-28: roots have no members any more, tasks of 2025-11-25
 * are gone. Their successor, an extension, is not declared either: its methods are not carried through.
 */
export function modernCapabilities(declared: JsonObject): JsonObject {
  // Most clients declare nothing of these.
  if (declared["tasks"] === undefined && declared["roots"] === undefined && declared["extensions"] === undefined) {
    return declared;
  }
  const { tasks: _, roots, extensions, ...others } = declared;
  return {
    ...others,
    ...(roots === undefined ? {} : { roots: {} }),
    ...(isJsonObject(extensions) ? { extensions: withoutTasks(extensions) } : {}),
  };
}

function withoutTasks(extensions: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(extensions).filter(([id]) => id !== tasksExtension));
}
