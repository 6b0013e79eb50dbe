import { expect, test } from "vitest";
import { ManualClock } from "../../../test/fixtures/manual-clock.ts";
import { PollNotifier } from "./poll-notifier.ts";

test("hints come at multiples of the interval, each a little late, and never drift", async () => {
  const clock = new ManualClock();
  const startedAt = clock.now();
  const notifier = new PollNotifier(1_000, clock);
  const hints: number[] = [];
  notifier.start(() => hints.push(clock.now() - startedAt));
  for (const chance of [0, 0.999, 0.5, 0]) {
    clock.chance = chance;
    await clock.advance(1_000);
  }
  clock.chance = 0;
  await clock.advance(1_000);
  expect(hints).toStrictEqual([1_100, 2_199.8, 3_100, 4_000, 5_000]);
  await notifier.close();
  await notifier.close();
  expect(clock.timers).toBe(0);
});

test("what a busy process missed is one hint, not many", async () => {
  const clock = new ManualClock();
  clock.chance = 0;
  const notifier = new PollNotifier(1_000, {
    now: () => clock.now() * busy,
    random: () => 0,
    after: (delayMs, run) => clock.after(delayMs, run),
  });
  let busy = 1;
  let hints = 0;
  notifier.start(() => hints++);
  busy = 6;
  await clock.advance(1_000);
  expect(hints).toBe(1);
  await notifier.close();
});

test("a closed one that hints from its own listener plans nothing more", async () => {
  const clock = new ManualClock();
  const notifier = new PollNotifier(1_000, clock);
  let hints = 0;
  notifier.start(() => {
    hints++;
    void notifier.close();
  });
  await clock.advance(5_000);
  expect(hints).toBe(1);
  expect(clock.timers).toBe(0);
});
