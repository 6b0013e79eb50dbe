import { AppError } from "../../../core/errors.ts";
import { modernRevision } from "../../../protocol/revisions.ts";
import type { McpConnection, ServerDescription } from "../connection.ts";
import type { McpHttpTarget } from "../http/mcp-http-client.ts";
import { sseOpener } from "../http/sse-channel.ts";
import { SseUnavailable } from "../http/sse-unavailable.ts";
import { type Attempt, withPeer } from "./attempt.ts";
import { ChannelPeer } from "./channel-peer.ts";
import { type Detected, type Expected, expectedOf, forget, remember } from "./detected.ts";
import { judgeDiscovery } from "./discovery.ts";
import { discoverRequest } from "./handshake.ts";
import { HttpListens } from "./http-listens.ts";
import { LegacyConnection } from "./legacy-connection.ts";
import { LegacyHttpPeer } from "./legacy-http-peer.ts";
import { ModernConnection } from "./modern-connection.ts";
import { ModernHttpPeer } from "./modern-http-peer.ts";
import { ProtocolRefusal } from "./protocol-refusal.ts";

/**
 * Opens a connection with the server at a URL: 2026-07-28 first, then Streamable HTTP with a handshake,
 * then HTTP+SSE, as far as configuration leaves it open and nothing is remembered.
 */
export async function openOverHttp(
  attempt: Attempt,
  target: McpHttpTarget,
  detected: Detected,
): Promise<McpConnection> {
  const { config, settings } = attempt;
  const { transport, era } = config;
  const expected = expectedOf(config, detected, settings.clock.now());
  const opening: HttpOpening = { attempt, target, detected };
  try {
    return await openAs(expected, opening);
  } catch (error) {
    const wasRemembered = expected.transport !== transport || expected.era !== era;
    if (!wasRemembered || !isEvidence(error)) throw error;
    // The server is another one than it was: what is remembered about it no longer holds.
    forget(detected);
    return openAs(config, opening);
  }
}

interface HttpOpening {
  readonly attempt: Attempt;
  readonly target: McpHttpTarget;
  readonly detected: Detected;
}

async function openAs({ transport, era }: Expected, opening: HttpOpening): Promise<McpConnection> {
  const { attempt, detected } = opening;
  const { settings } = attempt;
  if (transport === "sse") {
    if (era === "modern") throw impossible(settings.key);
    return openSse(opening);
  }
  if (era !== "legacy") {
    const modern = await openModern(opening);
    if (modern !== undefined) return modern;
    if (era === "modern") {
      throw new ProtocolRefusal(
        `${settings.label} does not serve ${modernRevision} (\`${settings.key}.era\`).`,
        undefined,
      );
    }
  }
  try {
    const peer = new LegacyHttpPeer(opening.target, settings);
    const connection = await withPeer(peer, attempt, () =>
      LegacyConnection.open({ peer, settings, listener: attempt.listener }, attempt.deadlineAt),
    );
    remember(detected, { transport: "streamable-http", era: "legacy" }, settings.clock.now());
    return connection;
  } catch (error) {
    if (transport !== "auto" || !maySpeakSse(error)) throw error;
    return await openSseInstead(opening, error);
  }
}

/** Undefined when the server is not of the modern era. */
async function openModern({ attempt, target, detected }: HttpOpening): Promise<McpConnection | undefined> {
  const { settings, listener } = attempt;
  const peer = new ModernHttpPeer(target, settings);
  const server = await withPeer(peer, attempt, () => discover(peer, attempt));
  if (server === undefined) {
    await peer.close();
    return undefined;
  }
  remember(detected, { transport: "streamable-http", era: "modern" }, settings.clock.now());
  const carrier = new HttpListens((request, reader) => peer.sendListen(request, reader));
  return new ModernConnection({ peer, carrier, server, settings, listener });
}

async function discover(peer: ModernHttpPeer, attempt: Attempt): Promise<ServerDescription | undefined> {
  const { settings, deadlineAt } = attempt;
  for (let isFirst = true; ; isFirst = false) {
    try {
      const discovery = judgeDiscovery(await peer.requestOwn(discoverRequest, deadlineAt), settings);
      if (discovery.kind === "modern") return discovery.server;
      if (discovery.kind === "legacy" || !isFirst) return undefined;
    } catch (error) {
      if (isEvidence(error)) return undefined;
      throw error;
    }
  }
}

async function openSse({ attempt, target, detected }: HttpOpening): Promise<McpConnection> {
  const { settings, signal, listener, deadlineAt } = attempt;
  const peer = await ChannelPeer.open(
    sseOpener(() => target, settings),
    settings,
    signal,
  );
  const connection = await withPeer(peer, attempt, () =>
    LegacyConnection.open({ peer, settings, listener }, deadlineAt),
  );
  remember(detected, { transport: "sse", era: "legacy" }, settings.clock.now());
  return connection;
}

/** @param refusal what the server said to a POST */
async function openSseInstead(opening: HttpOpening, refusal: ProtocolRefusal): Promise<McpConnection> {
  try {
    return await openSse(opening);
  } catch (error) {
    if (!(error instanceof SseUnavailable)) throw error;
    throw new ProtocolRefusal(`${refusal.message} It does not speak HTTP+SSE either.`, refusal.status);
  }
}

/** What servers of HTTP+SSE answer to a POST to the address of their stream (2025-03-26, backwards compatibility). */
function maySpeakSse(error: unknown): error is ProtocolRefusal {
  if (!(error instanceof ProtocolRefusal)) return false;
  return error.status === 400 || error.status === 404 || error.status === 405;
}

/** Whether the server answered, and its answer says that it is to be spoken to differently. */
function isEvidence(error: unknown): boolean {
  if (error instanceof SseUnavailable) return new ProtocolRefusal("", error.status).isEvidence;
  return error instanceof ProtocolRefusal && error.isEvidence;
}

function impossible(key: string): AppError {
  return new AppError(
    "invalid_configuration",
    `\`${key}.era\` is modern, which \`${key}.transport\` sse cannot carry. Use streamable-http, or leave one of them out.`,
  );
}
