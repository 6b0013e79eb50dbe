import { isIPv6 } from "node:net";
import { AppError } from "../core/errors.ts";

/** Most buckets; beyond, the one that was used least recently is forgotten. */
const maxBuckets = 50_000;
const minuteMs = 60_000;

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * Token buckets by use and address. A bucket holds a minute's worth and fills evenly. Addresses of IPv6 count by their
 * /64, which one subscriber has whole.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Takes a token.
   *
   * @param perMinute how many the bucket holds and gets in a minute
   * @throws AppError `too_many_requests` with `data.retryAfterSeconds` when there is none
   */
  take(use: string, address: string, perMinute: number): void {
    const key = `${use} ${networkOf(address)}`;
    const now = this.#now();
    const known = this.#buckets.get(key);
    this.#buckets.delete(key);
    const filled = known === undefined ? perMinute : known.tokens + ((now - known.filledAt) * perMinute) / minuteMs;
    const tokens = Math.min(perMinute, filled);
    // Set anew: the order of a Map is the order of use.
    this.#buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, filledAt: now });
    if (this.#buckets.size > maxBuckets) this.#forgetOldest();
    if (tokens >= 1) return;
    const retryAfterSeconds = Math.max(1, Math.ceil(((1 - tokens) * minuteMs) / perMinute / 1000));
    throw new AppError("too_many_requests", `Too many requests. Try again in ${retryAfterSeconds} s.`, {
      data: { retryAfterSeconds },
    });
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  const all = [...groups, ...Array.from({ length: missing }, () => "0"), ...(tail ?? "").split(":")];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
