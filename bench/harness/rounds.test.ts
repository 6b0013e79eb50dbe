import { expect, test } from "vitest";
import { measureRounds, type Variant } from "./rounds.ts";

/** A variant that burns CPU time of this very process, so much per request. */
function burner(name: string, unitsPerRequest: number, failures = 0): Variant {
  const burnt = new Int32Array(1);
  return {
    name,
    start: async () => ({
      pid: process.pid,
      drive: async (requests) => {
        const started = performance.now();
        for (let unit = 0; unit < requests * unitsPerRequest; unit++) {
          for (let step = 0; step < 1_000; step++) burnt[0] = ((burnt[0] ?? 0) * 31 + step) | 0;
        }
        return { requests, seconds: (performance.now() - started) / 1_000, failures };
      },
      stop: async () => {},
    }),
  };
}

const plan = { processes: 1, rounds: 5, warmUpMs: 30, sampleMs: 20 };

// CPU time is read from /proc, which only Linux has.
const onLinux = test.skipIf(process.platform !== "linux");

onLinux("a variant that needs three times the CPU time has the ratio three", async () => {
  const all = await measureRounds({
    plan,
    base: [burner("base", 10), burner("copy", 10)],
    variants: [burner("triple", 30)],
    random: Math.random,
    onStep: () => {},
  });
  const ratios = new Map(all.map(({ name, ratio }) => [name, ratio.median]));
  expect(ratios.get("triple")).toBeGreaterThan(2);
  expect(ratios.get("triple")).toBeLessThan(4.5);
  expect(ratios.get("base")).toBeGreaterThan(0.7);
  expect(ratios.get("base")).toBeLessThan(1.3);
});

onLinux("a failed request fails the measurement, and every process is stopped", async () => {
  const stopped: string[] = [];
  const failing = burner("failing", 1, 3);
  const watched = [burner("base", 1), failing].map((variant) => ({
    name: variant.name,
    start: async () => ({ ...(await variant.start()), stop: async () => void stopped.push(variant.name) }),
  }));
  const measuring = measureRounds({
    plan,
    base: watched.slice(0, 1),
    variants: watched.slice(1),
    random: Math.random,
    onStep: () => {},
  });
  await expect(measuring).rejects.toThrow("failing: 3 of 256 requests failed");
  expect(stopped).toEqual(["base", "failing"]);
});
