import { expect, test } from "vitest";
import { ImportQueue } from "./import-queue.ts";

const never = new AbortController().signal;

test("one runs at a time, in their order", async () => {
  const queue = new ImportQueue();
  const events: string[] = [];
  const { gate, open } = makeGate();
  const first = queue.run(async () => {
    events.push("first begins");
    await gate;
    events.push("first ends");
  }, never);
  const others = ["second", "third"].map((name) => queue.run(async () => void events.push(name), never));
  open();
  await Promise.all([first, ...others]);
  expect(events).toStrictEqual(["first begins", "first ends", "second", "third"]);
});

test("one that fails makes room for the next", async () => {
  const queue = new ImportQueue();
  await expect(queue.run(() => Promise.reject(new Error("broken")), never)).rejects.toThrow("broken");
  expect(await queue.run(async () => 1, never)).toBe(1);
});

test("beyond eight that wait, callers are told when to come again", async () => {
  const queue = new ImportQueue();
  const { gate, open } = makeGate();
  const running = queue.run(() => gate, never);
  const waiting = Array.from({ length: 8 }, () => queue.run(async () => undefined, never));
  await expect(queue.run(async () => undefined, never)).rejects.toMatchObject({
    code: "overloaded",
    data: { retryAfterSeconds: 30 },
  });
  open();
  await Promise.all([running, ...waiting]);
});

test("one that was given up while it waited does not run, and its place is free", async () => {
  const queue = new ImportQueue();
  const { gate, open } = makeGate();
  const running = queue.run(() => gate, never);
  const givingUp = new AbortController();
  let hasRun = false;
  const given = queue.run(async () => void (hasRun = true), givingUp.signal);
  givingUp.abort();
  await expect(given).rejects.toMatchObject({ code: "cancelled" });
  open();
  await running;
  expect(await queue.run(async () => hasRun, never)).toBe(false);
});

function makeGate(): { readonly gate: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { gate, open };
}
