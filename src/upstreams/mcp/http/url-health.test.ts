import { describe, expect, test } from "vitest";
import { UrlHealth } from "./url-health.ts";

interface Observed {
  readonly health: UrlHealth;
  readonly clock: { time: number };
}

function observed(random = 1): Observed {
  const clock = { time: 0 };
  return { clock, health: new UrlHealth({ now: () => clock.time, random: () => random }) };
}

function fail(health: UrlHealth, times: number): void {
  for (let count = 0; count < times; count++) health.failed();
}

describe("a URL", () => {
  test("is ejected for a second by three failures in a row, not by two", () => {
    const { health, clock } = observed();
    fail(health, 2);
    expect(health.ejectedForMs).toBe(0);
    health.failed();
    expect(health.ejectedForMs).toBe(1_000);
    expect(health.failures).toBe(3);
    clock.time = 1_000;
    expect(health.ejectedForMs).toBe(0);
  });

  test("is ejected for twice as long by one more failure, up to a minute", () => {
    const { health, clock } = observed();
    fail(health, 3);
    const times: number[] = [];
    for (let round = 0; round < 8; round++) {
      clock.time += health.ejectedForMs;
      health.failed();
      times.push(health.ejectedForMs);
    }
    expect(times).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("is not ejected for longer by failures of what was under way", () => {
    const { health } = observed();
    fail(health, 50);
    expect(health.ejectedForMs).toBe(1_000);
  });

  test("is back with its first success, and failures before it count no more", () => {
    const { health } = observed();
    fail(health, 3);
    health.succeeded();
    expect([health.ejectedForMs, health.failures]).toEqual([0, 0]);
    fail(health, 2);
    health.succeeded();
    fail(health, 2);
    expect(health.ejectedForMs).toBe(0);
    health.failed();
    expect(health.ejectedForMs).toBe(1_000);
  });

  test("comes back at a random time in the second half of its ejection", () => {
    const { health } = observed(0);
    fail(health, 3);
    expect(health.ejectedForMs).toBe(500);
  });
});
