import type { ConfigNotifier } from "../core/config-source.ts";
import type { ReportReceiver } from "../core/gateway-registry.ts";
import type { JudgementStore } from "../core/judgement.ts";
import type { PinStore } from "../core/pin-store.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { KeyFollower } from "./key-follower.ts";
import type { Listener } from "./listener.ts";
import type { Operations } from "./operations.ts";
import type { Reporter } from "./reporter.ts";
import type { UpstreamPool } from "./upstream-pool.ts";

const pollMs = 20;
/** Idle connections stay open this long: a request may be on its way on them, and would be lost. */
const idleGraceMs = 1_000;
/** Clients that are sent away come back spread over this time. */
const reconnectSpreadMs = 5_000;

/** What the gateway was given and closes. */
export interface DrainOptions {
  /** Longest time that running calls get. */
  readonly drainMs: number;
  readonly notifiers: readonly ConfigNotifier[];
  readonly pins: PinStore;
  readonly judgements?: JudgementStore | undefined;
  readonly registry?: ReportReceiver | undefined;
  readonly telemetry: { readonly close: () => Promise<void> };
}

export interface Draining {
  readonly options: DrainOptions;
  readonly state: GatewayState;
  readonly pool: UpstreamPool;
  readonly listener: Listener;
  readonly opsListener: Listener | undefined;
  readonly operations: Operations;
  readonly keys: KeyFollower | undefined;
  readonly reporter: Reporter | undefined;
}

/** No new connections; running calls finish; idle streams end and ask their clients to come back. */
export async function drainGateway(parts: Draining): Promise<void> {
  const { options, state, pool, listener, opsListener, operations, keys, reporter } = parts;
  const deadlineAt = performance.now() + options.drainMs;
  const graceEndsAt = performance.now() + Math.min(idleGraceMs, options.drainMs);
  state.draining = true;
  await Promise.all(options.notifiers.map((notifier) => notifier.close()));
  listener.stopAccepting();
  state.listeners.end();
  const retryMs = (): number => 500 + Math.floor(Math.random() * reconnectSpreadMs);
  for (;;) {
    state.sessions.drain(retryMs);
    const now = performance.now();
    const isIdle = listener.activeRequests === 0 && (listener.connections === 0 || now >= graceEndsAt);
    if (isIdle || now >= deadlineAt) break;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  state.sessions.close();
  state.parking.close();
  await listener.close(deadlineAt);
  state.keepAlive.close();
  await Promise.all([pool.close(), keys?.close(), reporter?.close()]);
  await options.registry?.close();
  await Promise.all([options.pins.close(), options.judgements?.close()]);
  state.accessLog.close();
  operations.close();
  await opsListener?.close(0);
  state.log.info("closed");
  await options.telemetry.close();
}
