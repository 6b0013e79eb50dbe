import { modernRevision, rank } from "../../../protocol/revisions.ts";
import type { McpConnection } from "../connection.ts";
import type { Clock } from "../lifecycle/clock.ts";
import type { McpReply } from "../mcp-request.ts";
import type { OpenChannel } from "../message-channel.ts";
import { type Attempt, withPeer } from "./attempt.ts";
import { ChannelListens } from "./channel-listens.ts";
import { ChannelPeer } from "./channel-peer.ts";
import { type Detected, expectedOf, forget, remember } from "./detected.ts";
import { type Discovery, judgeDiscovery } from "./discovery.ts";
import { discoverRequest, initializeRequest } from "./handshake.ts";
import { LegacyConnection } from "./legacy-connection.ts";
import { ModernConnection } from "./modern-connection.ts";
import { ProtocolRefusal } from "./protocol-refusal.ts";
import { modernRequestWriter, writeLegacyRequest } from "./request-text.ts";

/** A server that has not answered `server/discover` by then is greeted in the other era as well. */
const discoverMs = 3_000;

/**
 * Opens a connection with a child process. Without a word on its era it is asked `server/discover`, to
 * which any answer but that of the modern era means a handshake. Some servers end, or fall silent, when
 * anything comes before the handshake: they are started again.
 */
export async function openOverStdio(attempt: Attempt, open: OpenChannel, detected: Detected): Promise<McpConnection> {
  const { config, settings } = attempt;
  const { era } = expectedOf(config, detected, settings.clock.now());
  if (era !== "legacy") return openUnknown(attempt, open, detected);
  try {
    return await openLegacy(attempt, open, detected);
  } catch (error) {
    if (config.era === "legacy" || !(error instanceof ProtocolRefusal)) throw error;
    // It refuses the handshake that it once took: the program was exchanged.
    forget(detected);
    return openUnknown(attempt, open, detected);
  }
}

async function openLegacy(attempt: Attempt, open: OpenChannel, detected: Detected): Promise<McpConnection> {
  const { settings, listener, signal, deadlineAt } = attempt;
  const peer = await ChannelPeer.open(open, settings, signal);
  const connection = await withPeer(peer, attempt, () =>
    LegacyConnection.open({ peer, settings, listener }, deadlineAt),
  );
  remember(detected, { transport: "stdio", era: "legacy" }, settings.clock.now());
  return connection;
}

async function openUnknown(attempt: Attempt, open: OpenChannel, detected: Detected): Promise<McpConnection> {
  const { settings, signal } = attempt;
  const peer = await ChannelPeer.open(open, settings, signal);
  const greeting = await withPeer(peer, attempt, () => greet(peer, attempt)).catch((error: unknown) => {
    if (peer.ended === undefined || signal.aborted) throw error;
    return unanswered;
  });
  if (greeting.kind !== "unanswered") {
    const connection = await withPeer(peer, attempt, () => goOn(peer, greeting, attempt));
    const era = connection.isStateless ? "modern" : "legacy";
    remember(detected, { transport: "stdio", era }, settings.clock.now());
    return connection;
  }
  await peer.close();
  if (attempt.config.era === "modern") throw notModern(attempt);
  return openLegacy(attempt, open, detected);
}

/** What a server said first. */
type Greeting =
  | Discovery
  /** It took the handshake, which it was offered after it had been silent for a while. */
  | { readonly kind: "initialized"; readonly reply: McpReply }
  | { readonly kind: "unanswered" };

const unanswered: Greeting = { kind: "unanswered" };

async function greet(peer: ChannelPeer, { config, settings, deadlineAt }: Attempt): Promise<Greeting> {
  const { clock } = settings;
  peer.speak(modernRequestWriter(settings.clientInfo), rank[modernRevision]);
  const discovery = peer
    .requestOwn(discoverRequest, deadlineAt)
    .then((reply): Greeting => judgeDiscovery(reply, settings));
  if (config.era === "modern") return discovery;
  const greeting = await orSilence([discovery], discoverMs, clock);
  if (greeting.kind !== "unanswered") return greeting;
  // It may only be slow to start; so it is not started again yet.
  peer.speak(writeLegacyRequest, rank["2025-11-25"]);
  const handshake = peer
    .requestOwn(initializeRequest(settings), deadlineAt)
    .then((reply): Greeting => ({ kind: "initialized", reply }));
  // A server of the legacy era refuses the question first, and then takes the handshake: it gets no second one.
  const late = discovery.then((found) => (found.kind === "modern" ? found : handshake));
  return orSilence([late, handshake], (deadlineAt - clock.now()) / 2, clock);
}

async function orSilence(greetings: readonly Promise<Greeting>[], waitMs: number, clock: Clock): Promise<Greeting> {
  let cancel: () => void = () => undefined;
  const silence = new Promise<Greeting>((resolve) => {
    cancel = clock.after(waitMs, () => resolve(unanswered));
  });
  try {
    return await Promise.race([...greetings, silence]);
  } finally {
    cancel();
  }
}

function goOn(
  peer: ChannelPeer,
  greeting: Exclude<Greeting, { kind: "unanswered" }>,
  attempt: Attempt,
): Promise<McpConnection> {
  const { settings, listener, deadlineAt, config } = attempt;
  const options = { peer, settings, listener };
  if (greeting.kind === "modern") {
    peer.speak(modernRequestWriter(settings.clientInfo), rank[modernRevision]);
    const connection = new ModernConnection({
      ...options,
      carrier: new ChannelListens(peer),
      server: greeting.server,
    });
    return peer.ended === undefined ? Promise.resolve(connection) : Promise.reject(peer.ended);
  }
  if (config.era === "modern") throw notModern(attempt);
  peer.speak(writeLegacyRequest, rank["2025-11-25"]);
  if (greeting.kind === "initialized") return LegacyConnection.begin(options, greeting.reply);
  return LegacyConnection.open(options, deadlineAt);
}

function notModern({ settings: { label, key } }: Attempt): ProtocolRefusal {
  return new ProtocolRefusal(`${label} does not serve ${modernRevision} (\`${key}.era\`).`, undefined);
}
