import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LogFields, silentLog } from "../../src/core/log.ts";
import { withinMs } from "../fixtures/time-limit.ts";
import { changeFeedKinds, deadlineMs, type OpenFeed } from "./change-feed-kinds.ts";

const timeout = 15_000;

/** Sockets and timers that keep this process up. */
function heldResources(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap" || kind === "Timeout").length;
}

for (const kind of await changeFeedKinds()) {
  describe.skipIf(kind.missing !== undefined)(`changes told over ${kind.name}`, () => {
    let feed: OpenFeed;
    let heldBefore: number;
    const hints = [0, 0];
    const warnings: string[] = [];

    beforeEach(async () => {
      heldBefore = heldResources();
      hints.fill(0);
      warnings.length = 0;
      feed = await kind.open({
        ...silentLog,
        warn: (event: string, fields?: LogFields) => void warnings.push(`${event} ${JSON.stringify(fields)}`),
      });
    });

    afterEach(async () => {
      await closeAll();
      await closeFeed();
    });

    async function closeAll(): Promise<void> {
      await Promise.all([feed.announcer.close(), ...feed.notifiers.map((notifier) => notifier.close())]);
    }

    /** Once, by the test or after it. */
    async function closeFeed(): Promise<void> {
      const close = feed.close;
      feed = { ...feed, close: async () => undefined };
      await close();
    }

    /** Resolves when both can hear. */
    async function listen(): Promise<void> {
      for (const [index, notifier] of feed.notifiers.entries()) {
        notifier.start(() => {
          hints[index] = (hints[index] ?? 0) + 1;
        });
      }
      if (kind.isConnected) await heard([0, 0]);
    }

    /** Resolves when both have heard something since. */
    async function heard(since: readonly number[]): Promise<void> {
      await expect
        .poll(() => hints.every((count, index) => count > (since[index] ?? 0)), { timeout, interval: 5 })
        .toBe(true);
    }

    test("reach every listener, whatever changed", async () => {
      await listen();
      for (const topic of ["documents", "secrets", "keys"] as const) {
        const since = [...hints];
        await feed.announcer.announce(topic);
        await heard(since);
      }
      expect(warnings).toStrictEqual([]);
    });

    test("in a burst are told once more after the last of them", async () => {
      await listen();
      const burst = Array.from({ length: 500 }, () => feed.announcer.announce("documents"));
      const since = [...hints];
      await Promise.all([...burst, feed.announcer.announce("secrets")]);
      await heard(since);
      expect(hints.every((count) => count > 0)).toBe(true);
      const last = [...hints];
      await feed.announcer.announce("documents");
      await heard(last);
    });

    test("hold nothing once they are closed, which may be done twice", async () => {
      await listen();
      await feed.announcer.announce("documents");
      await closeAll();
      await closeAll();
      await feed.announcer.announce("documents");
      await closeFeed();
      await expect.poll(heldResources, { timeout }).toBeLessThanOrEqual(heldBefore);
    });

    test("can be closed before anything was announced or heard", async () => {
      await closeAll();
    });

    describe.skipIf(kind.name === "memory")("over a transport that fails", () => {
      /** How long an announcement took; it never throws. */
      async function announceTime(): Promise<number> {
        const startedAt = performance.now();
        await feed.announcer.announce("documents");
        return performance.now() - startedAt;
      }

      test("do not hold up the announcer when nobody is there", async () => {
        await listen();
        for (const relay of feed.relays) await relay.close();
        expect(await announceTime()).toBeLessThan(withinMs(deadlineMs + 200));
        expect(await announceTime()).toBeLessThan(withinMs(deadlineMs + 200));
        expect(warnings.length).toBeGreaterThan(0);
        const subjects = warnings.map((line) => /"subject":"([^"]+)"/.exec(line)?.[1]);
        // Announcer and listeners, each once, though much more failed.
        expect(warnings.length).toBeLessThanOrEqual(3);
        expect(subjects).not.toContain(undefined);
      });

      test("do not hold up the announcer when nothing answers, and arrive once something does", async () => {
        await listen();
        await feed.announcer.announce("documents");
        for (const relay of feed.relays) relay.freeze();
        expect(await announceTime()).toBeLessThan(withinMs(deadlineMs + 200));
        const since = [...hints];
        await feed.announcer.announce("documents");
        await heard(since);
      });

      test("arrive again after the connections were cut", async () => {
        await listen();
        await feed.announcer.announce("documents");
        for (const relay of feed.relays) relay.cut();
        if (kind.isConnected) await heard([...hints]);
        const since = [...hints];
        await feed.announcer.announce("documents");
        await heard(since);
      });

      test.skipIf(!kind.isConnected)(
        "are followed by a hint after each lost connection, announced or not",
        async () => {
          await listen();
          for (const harm of ["cut", "freeze", "cut"] as const) {
            const since = [...hints];
            for (const relay of feed.relays) relay[harm]();
            await heard(since);
          }
        },
      );

      test("leave nothing behind when they are closed meanwhile", async () => {
        await listen();
        await feed.announcer.announce("documents");
        for (const relay of feed.relays) relay.freeze();
        const announcing = feed.announcer.announce("documents");
        await closeAll();
        await announcing;
        await closeFeed();
        await expect.poll(heldResources, { timeout }).toBeLessThanOrEqual(heldBefore);
      });
    });
  });
}
