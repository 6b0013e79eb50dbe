import type { HttpUpstreamConfig } from "../../core/config/upstream-schema.ts";

export type RetryConfig = HttpUpstreamConfig["retry"];

/** Statuses that say "not now": too many requests, and what proxies say while a service restarts. */
const transientStatuses = new Set([429, 502, 503, 504]);

export function isTransientStatus(status: number): boolean {
  return transientStatuses.has(status);
}

/**
 * Milliseconds to wait before the next attempt: exponential backoff, of which a random half is kept, so
 * that calls which failed together do not come back together.
 * @param attempt which repetition it is, from 1
 * @param random a number from 0 up to 1
 */
export function backoffMs(config: RetryConfig, attempt: number, random: number): number {
  const full = Math.min(config.maxBackoffMs, config.backoffMs * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * random;
}

/**
 * Milliseconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date);
 * `undefined` when there is none that can be read.
 * @param wallClock milliseconds since 1970
 */
export function retryAfterMs(header: string | undefined, wallClock: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallClock);
}
