const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

/**
 * Milliseconds before a stream of notifications is opened again: doubles with each failure in a row, and
 * half of it is random, so that the gateways of a server that restarts do not come back together.
 *
 * @param random from 0 up to 1
 */
export function waitBeforeReopening(failures: number, random: number): number {
  const full = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures, 30));
  return full / 2 + (full / 2) * random;
}
