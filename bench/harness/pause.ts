import { setTimeout as delay } from "node:timers/promises";

/**
 * Lets so much time pass: for what is defined by time itself, such as streams that must live for
 * minutes or memory that must settle.
 */
export async function pause(milliseconds: number): Promise<void> {
  await delay(milliseconds);
}
