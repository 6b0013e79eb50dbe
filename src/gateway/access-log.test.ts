import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AccessLog } from "./access-log.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("access log lines", () => {
  test("are written together, soon", async () => {
    const { log, written } = open();
    for (let i = 0; i < 10; i += 1) log.refusal(`r${i}`, 404, "not_found");
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(250);
    expect(written).toHaveLength(1);
    const lines =
      written[0]
        ?.trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line)) ?? [];
    expect(lines).toHaveLength(10);
    expect(lines[9]).toMatchObject({ request: "r9", outcome: "refused", status: 404, code: "not_found" });
  });

  test("are dropped and counted while the reader lags, and written when it goes on", async () => {
    let goOn: () => void = () => undefined;
    const { log, written } = open(
      () =>
        new Promise((resolve) => {
          goOn = resolve;
        }),
    );
    const code = "x".repeat(1_000);
    for (let i = 0; i < 10_000; i += 1) log.refusal("r", 404, code);
    expect(written).toHaveLength(1);
    expect(log.dropped).toBeGreaterThan(5_000);
    expect(log.dropped).toBeLessThan(6_500);
    goOn();
    await vi.advanceTimersByTimeAsync(250);
    expect(written).toHaveLength(2);
    const lines = written.join("").split("\n").length - 1;
    expect(lines + log.dropped).toBe(10_000);
  });

  test("that could not be written are counted, and the next ones are tried", async () => {
    let isBroken = true;
    const { log, written } = open(() => (isBroken ? Promise.reject(new Error("EPIPE")) : Promise.resolve()));
    log.refusal("r1", 404, "not_found");
    await vi.advanceTimersByTimeAsync(250);
    expect(log.dropped).toBe(1);
    isBroken = false;
    log.refusal("r2", 404, "not_found");
    await vi.advanceTimersByTimeAsync(250);
    expect(written[1]).toContain('"r2"');
    expect(log.dropped).toBe(1);
  });

  test("that wait are written when it closes, and none without being asked for", () => {
    const { log, written } = open();
    log.refusal("r", 404, "not_found");
    log.close();
    expect(written).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
    const silent = open(undefined, "off");
    silent.log.refusal("r", 404, "not_found");
    silent.log.close();
    expect(silent.written).toEqual([]);
  });
});

function open(
  write: () => Promise<void> = () => Promise.resolve(),
  level: "all" | "off" = "all",
): { log: AccessLog; written: string[] } {
  const written: string[] = [];
  const log = new AccessLog({
    level,
    sampleRate: 1,
    random: () => 0,
    write: (lines) => {
      // The bytes are the log's own again afterwards.
      written.push(lines.toString());
      return write();
    },
  });
  return { log, written };
}
