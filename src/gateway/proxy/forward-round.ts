import type { Reply } from "../reply.ts";
import { readRound } from "../input/read-round.ts";
import { continueRound } from "./continue-round.ts";
import { type Forwarding, forward } from "./forward-request.ts";

/** Forwards a request that is no tool call, as the first round or a later one, with the upstream's time limits. */
export function forwardRound(forwarding: Forwarding): Reply | Promise<Reply> {
  const { exchange, upstream } = forwarding;
  const round = readRound(exchange, exchange.message.params);
  if (round instanceof Promise) return round;
  const { timeoutMs, inputTimeoutMs } = upstream.config;
  exchange.deadlineAt = performance.now() + timeoutMs;
  exchange.inputTimeoutMs = inputTimeoutMs;
  return forward({ ...forwarding, request: continueRound(exchange, upstream, forwarding.request, round) });
}
