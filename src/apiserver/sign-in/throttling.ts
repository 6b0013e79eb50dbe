import { isIPv6 } from "node:net";
import { hashToken } from "../../access/token.ts";
import { AppError } from "../../core/errors.ts";
import type { ThrottleRule } from "../../core/throttle-store.ts";
import type { PeopleParts } from "./people-parts.ts";

/** A wait that somebody else can cause must not be long: the owner wants in. */
const accountRule: ThrottleRule = {
  freeFailures: 5,
  firstWaitMs: 30_000,
  longestWaitMs: 15 * 60_000,
  forgetMs: 24 * 3_600_000,
};
/** Many people may share an address. */
const addressRule: ThrottleRule = {
  freeFailures: 30,
  firstWaitMs: 30_000,
  longestWaitMs: 3_600_000,
  forgetMs: 24 * 3_600_000,
};

/** An attempt to guess, or to sign in: it counts as failed until it turns out to be none. */
export interface Attempt {
  /** It was right. */
  succeed(): Promise<void>;
  /** Nothing was tried after all. */
  withdraw(): Promise<void>;
}

/**
 * Begins an attempt on an account from an address, in all replicas together. Whether there is such an account makes no
 * difference.
 *
 * @throws AppError `too_many_requests` while the account or the address has to wait
 */
export async function beginAttempt(
  { throttles, now }: Pick<PeopleParts, "throttles" | "now">,
  email: string,
  ip: string,
): Promise<Attempt> {
  const address = `address:${networkOf(ip)}`;
  const account = `account:${hashToken(email.toLowerCase())}`;
  refuseFor(await throttles.begin(address, addressRule, now()));
  refuseFor(await throttles.begin(account, accountRule, now()));
  return {
    succeed: async () => {
      await throttles.clear(account);
      await throttles.forgive(address);
    },
    withdraw: async () => {
      await throttles.forgive(account);
      await throttles.forgive(address);
    },
  };
}

function refuseFor(waitMs: number): void {
  if (waitMs <= 0) return;
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  throw new AppError("too_many_requests", `Too many failed attempts. Try again in ${retryAfterSeconds} s.`, {
    data: { retryAfterSeconds },
  });
}

/** One subscriber has a whole /64 of IPv6. */
function networkOf(ip: string): string {
  if (!isIPv6(ip) || ip.includes(".")) return ip;
  const [head = "", tail] = ip.split("::");
  const groups = head === "" ? [] : head.split(":");
  const known = groups.length + (tail === undefined || tail === "" ? 0 : tail.split(":").length);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - known }, () => "0");
  return [...groups, ...zeros, ...(tail ?? "").split(":")].slice(0, 4).join(":");
}
