import { expect, test } from "vitest";
import { ManualClock } from "../../test/fixtures/manual-clock.ts";
import { AppError } from "../core/errors.ts";
import type { GatewayReport, ReportReceiver } from "../core/gateway-registry.ts";
import { silentLog } from "../core/log.ts";
import { Reporter } from "./reporter.ts";
import type { DocumentStatus, ReloadReport } from "./reloader.ts";

/** Keeps what it was told, unless it is away. */
class Shelf implements ReportReceiver {
  readonly reports: GatewayReport[] = [];
  readonly left: string[] = [];
  isAway = false;

  async report(report: GatewayReport): Promise<void> {
    if (this.isAway) throw new AppError("unavailable", "away");
    this.reports.push(report);
  }

  async leave(id: string): Promise<void> {
    if (this.isAway) throw new AppError("unavailable", "away");
    this.left.push(id);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

function start(): { shelf: Shelf; clock: ManualClock; reporter: Reporter; warnings: string[] } {
  const shelf = new Shelf();
  const clock = new ManualClock();
  const warnings: string[] = [];
  const reporter = new Reporter({
    registry: shelf,
    facts: { id: "g1", name: "one", version: "1", url: "http://here", startedAt: 5 },
    count: () => ({ servers: 2, sessions: 0 }),
    clock,
    now: () => clock.now(),
    log: { ...silentLog, warn: (event) => warnings.push(event) },
  });
  return { shelf, clock, reporter, warnings };
}

const reload = (storeRevision: number, documents: readonly DocumentStatus[] = []): ReloadReport => ({
  revision: String(storeRevision),
  storeRevision,
  changed: true,
  documents,
});

test("a reload that changed something is told at once, one that did not with the next beat", async () => {
  const { shelf, clock, reporter } = start();
  reporter.reloaded(reload(4));
  await clock.advance(0);
  expect(shelf.reports).toMatchObject([{ id: "g1", revision: 4, servedAt: 1_000, servers: 2, refused: [] }]);
  reporter.reloaded(reload(4));
  await clock.advance(9_999);
  expect(shelf.reports).toHaveLength(1);
  await clock.advance(1);
  expect(shelf.reports).toMatchObject([{}, { revision: 4, servedAt: 1_000 }]);
  const problem = { severity: "error", path: [], message: "m", file: "f", line: 1, column: 1 } as const;
  const refused = {
    key: "shop/crm",
    hash: "h",
    server: undefined,
    state: "refused",
    problems: Array.from({ length: 9 }, () => problem),
  } as const;
  reporter.reloaded(reload(4, [refused]));
  await clock.advance(0);
  expect(shelf.reports.at(-1)?.refused).toStrictEqual([
    { tenant: "shop", name: "crm", state: "refused", problems: Array.from({ length: 5 }, () => problem) },
  ]);
  await reporter.close();
});

test("a registry that is away disturbs nobody, is logged once, and hears the newest afterwards", async () => {
  const { shelf, clock, reporter, warnings } = start();
  shelf.isAway = true;
  reporter.reloaded(reload(1));
  await clock.advance(30_000);
  expect(warnings).toHaveLength(1);
  reporter.reloaded(reload(2));
  shelf.isAway = false;
  await clock.advance(10_000);
  expect(shelf.reports.at(-1)).toMatchObject({ revision: 2 });
  shelf.isAway = true;
  await reporter.close();
  expect(clock.timers).toBe(0);
});

test("the end is told once, and nothing after it", async () => {
  const { shelf, clock, reporter } = start();
  reporter.reloaded(reload(1));
  await Promise.all([reporter.close(), reporter.close()]);
  expect(shelf.left).toStrictEqual(["g1"]);
  const told = shelf.reports.length;
  reporter.reloaded(reload(2));
  await clock.advance(60_000);
  expect(shelf.reports).toHaveLength(told);
  expect(clock.timers).toBe(0);
});
