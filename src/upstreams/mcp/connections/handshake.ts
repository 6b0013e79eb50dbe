import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { parseJson, stringifyJson } from "../../../core/lossless-json.ts";
import { serverInfoKey } from "../../../protocol/modern-request.ts";
import { legacyRank, modernRevision, rank } from "../../../protocol/revisions.ts";
import type { ServerDescription } from "../connection.ts";
import type { McpReply, McpRequest, McpResult } from "../mcp-request.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { ProtocolRefusal } from "./protocol-refusal.ts";

/** A request of the gateway's own. */
export function ownRequest(method: string, params: JsonObject = {}): McpRequest {
  return {
    method,
    params: stringifyJson(params).slice(0, -1),
    meta: undefined,
    name: undefined,
    mirrored: [],
    isIdempotent: true,
  };
}

/**
 * What the gateway declares for the clients behind it: all that any client of the revision can do.
 * Whether this very client can is found out when the server asks.
 */
export function clientCapabilities(version: ConnectionSettings["offeredVersion"]): JsonObject {
  switch (version) {
    case "2024-11-05":
    case "2025-03-26":
      return { roots: {}, sampling: {} };
    case "2025-06-18":
      return { roots: {}, sampling: {}, elicitation: {} };
    case "2025-11-25":
      return { roots: {}, sampling: { context: {}, tools: {} }, elicitation: { form: {}, url: {} } };
  }
}

export function initializeRequest({ offeredVersion, clientInfo }: ConnectionSettings): McpRequest {
  return ownRequest("initialize", {
    protocolVersion: offeredVersion,
    capabilities: clientCapabilities(offeredVersion),
    clientInfo,
  });
}

export const initializedNotification = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

/** Reads the answer to `initialize`. Fails with `ProtocolRefusal` when it is none that can be used. */
export function readInitializeReply(reply: McpReply, settings: ConnectionSettings): ServerDescription {
  const { label, key, offeredVersion } = settings;
  if (reply.kind === "error") {
    throw new ProtocolRefusal(`${label} refused \`initialize\`: ${shorten(reply.message)} (${reply.code}).`, undefined);
  }
  const { protocolVersion } = reply.value;
  const known = typeof protocolVersion === "string" ? legacyRank(protocolVersion) : undefined;
  if (typeof protocolVersion !== "string" || known === undefined) {
    const shown = shorten(JSON.stringify(protocolVersion) ?? "none");
    throw new ProtocolRefusal(
      `${label} answered \`initialize\` with the protocol version ${shown}, which is not known; ${offeredVersion} was offered (\`${key}.protocolVersion\`).`,
      undefined,
    );
  }
  return describe(reply, protocolVersion, known, "serverInfo");
}

export const discoverRequest: McpRequest = Object.freeze(ownRequest("server/discover"));

/** Whether a result is one of `server/discover`: any other server may answer anything to a method it does not know. */
export function isDiscoverResult({ value }: McpResult): boolean {
  return Array.isArray(value["supportedVersions"]);
}

/** What a server of the modern era says of itself; undefined when it does not serve 2026-07-28. */
export function readDiscoverResult(result: McpResult): ServerDescription | undefined {
  const { supportedVersions } = result.value;
  if (!Array.isArray(supportedVersions) || !supportedVersions.includes(modernRevision)) return undefined;
  return describe(result, modernRevision, rank[modernRevision], serverInfoKey);
}

function describe(
  result: McpResult,
  protocolVersion: string,
  known: ServerDescription["rank"],
  infoKey: string,
): ServerDescription {
  const members = readLossless(result);
  const { capabilities, instructions, _meta } = members;
  const info = members[infoKey] ?? (isJsonObject(_meta) ? _meta[infoKey] : undefined);
  return {
    rank: known,
    protocolVersion,
    info: isJsonObject(info) ? info : {},
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === "string" ? instructions : undefined,
  };
}

/** Parts of it are shown to clients, so nothing is rounded where that can be helped. */
function readLossless({ text, value }: McpResult): JsonObject {
  try {
    const read = parseJson(text);
    return isJsonObject(read) ? read : value;
  } catch {
    // Nested too deep to be read without rounding.
    return value;
  }
}

/** Words of the server in a message for the caller. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
