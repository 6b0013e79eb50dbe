import type { Exchange, Outcome } from "./exchange.ts";
import type { GatewayState } from "./gateway-state.ts";

/** Counts and logs an exchange that has ended. */
export function finishExchange(state: GatewayState, exchange: Exchange, outcome: Outcome): void {
  const now = performance.now();
  const { tool } = exchange;
  if (tool !== undefined) {
    tool.metrics[outcome]++;
    tool.metrics.observe(now - exchange.startedAt);
  }
  state.accessLog.exchange(exchange, outcome, now);
  if (outcome === "failed" && exchange.failure !== undefined) {
    state.log.error("request failed", {
      request: exchange.requestId,
      server: exchange.server.key,
      error: exchange.failure,
    });
  }
}
