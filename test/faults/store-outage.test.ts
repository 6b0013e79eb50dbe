import { afterEach, beforeEach, describe, expect } from "vitest";
import type { ConfigStore } from "../../src/core/config-store.ts";
import { AppError } from "../../src/core/errors.ts";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";
import { fault } from "../fixtures/fault.ts";
import { type OpenStore, openStore } from "../fixtures/open-store.ts";
import { openRelay, type TcpRelay } from "../fixtures/tcp-relay.ts";
import { withinMs } from "../fixtures/time-limit.ts";

const author = { id: "test", name: "Test" };
/** Documents that are written to all the time, each by one writer. */
const writers = 12;
/** Longest time that a save or a read may take to fail. */
const deadlineMs = 16_000;
/** After a silent end the server keeps locks of connections that it takes for open, for this long at most. */
const recoveryMs = 30_000;

const servers = (await databaseKinds()).filter(({ name }) => name !== "SQLite");

for (const kind of servers) {
  describe.skipIf(kind.missing !== undefined)(`${kind.name} goes away`, () => {
    let database: TestDatabase;
    let relay: TcpRelay;
    let opened: OpenStore;
    let load: Load;

    beforeEach(async () => {
      database = await kind.create();
      const address = new URL(database.address);
      relay = await openRelay(Number(address.port));
      address.port = String(relay.port);
      opened = await openStore(address.href, Date.now);
      load = new Load(opened.store);
    }, 60_000);

    afterEach(async () => {
      await load.stop();
      await opened.close();
      await relay.close();
      await database.drop();
    }, 120_000);

    /** What was acknowledged is there, seen past the relay, and nothing else but what may have come through unheard. */
    async function expectNothingLost(): Promise<void> {
      const direct = await openStore(database.address, Date.now);
      try {
        for (const [name, version] of load.acknowledged) {
          const { items } = await direct.store.history({ tenant: "default", name }, { limit: 200 });
          const newest = items[0]?.version ?? 0;
          expect(newest).toBeGreaterThanOrEqual(version);
          const made = Array.from({ length: items.length }, (_, index) => newest - index);
          expect(items.map((item) => item.version)).toEqual(made);
        }
      } finally {
        await direct.close();
      }
    }

    fault(
      "for connections that are reset and refused: saves and reads say so, and go on when it is back",
      { limit: "fails <= 16000 ms, back <= 5000 ms, 0 lost", timeoutMs: 180_000 },
      async () => {
        await load.hasFlowed();
        await relay.refuse();
        const failedMs = await failures(opened.store);
        expect(failedMs).toBeLessThan(withinMs(deadlineMs));
        await load.hasFailed();
        await relay.restore();
        const backMs = await load.hasFlowed();
        expect(backMs).toBeLessThan(withinMs(5_000));
        await load.stop();
        await expectNothingLost();
        return `failed in ${failedMs} ms, back in ${backMs} ms, 0 lost of ${load.count}`;
      },
    );

    fault(
      "without a word: saves and reads fail at their deadline, and go on when it is back",
      { limit: "fails <= 16000 ms, back <= 30000 ms, 0 lost", timeoutMs: 300_000, isLong: true },
      async () => {
        await load.hasFlowed();
        relay.silence();
        const failedMs = await failures(opened.store);
        expect(failedMs).toBeLessThan(withinMs(deadlineMs));
        await load.hasFailed();
        await relay.restore();
        const backMs = await load.hasFlowed();
        expect(backMs).toBeLessThan(withinMs(recoveryMs));
        await load.stop();
        await expectNothingLost();
        return `failed in ${failedMs} ms, back in ${backMs} ms, 0 lost of ${load.count}`;
      },
    );
  });
}

/** Many calls of every kind, all of which fail with the right reason. Answers the time of the slowest. */
async function failures(store: ConfigStore): Promise<number> {
  const ref = { tenant: "default", name: "other" };
  const startedAt = performance.now();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () => [
      store.save({ ...ref, basedOn: 0, author, message: "", text: "x" }),
      store.delete({ ...ref, basedOn: 0, author, message: "" }),
      store.tag(ref, 1, "x"),
      store.get(ref),
      store.list({ limit: 10 }),
      store.changesSince(1),
      store.prune({ keepVersions: 1, keepSince: 0 }),
    ]).flat(),
  );
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
  }
  return Math.round(performance.now() - startedAt);
}

/** Writers that save all the time, to a document each, whatever happens. */
class Load {
  /** The newest acknowledged version of each document. */
  readonly acknowledged = new Map<string, number>();
  count = 0;
  #failures = 0;
  #isStopping = false;
  readonly #unexpected: unknown[] = [];
  readonly #done: Promise<unknown>;
  #onEvent = (): void => undefined;

  constructor(store: ConfigStore) {
    const names = Array.from({ length: writers }, (_, index) => `server-${index}`);
    this.#done = Promise.all(names.map((name) => this.#write(store, name)));
  }

  /** Resolves when so much has been saved since the call that every writer had its turn. Answers in milliseconds. */
  async hasFlowed(): Promise<number> {
    const startedAt = performance.now();
    const from = new Map(this.acknowledged);
    await this.#until(() =>
      Array.from({ length: writers }, (_, index) => `server-${index}`).every(
        (name) => (this.acknowledged.get(name) ?? 0) > (from.get(name) ?? 0),
      ),
    );
    return Math.round(performance.now() - startedAt);
  }

  /** Resolves when a save has failed since the call. */
  hasFailed(): Promise<void> {
    const from = this.#failures;
    return this.#until(() => this.#failures > from);
  }

  /** May be called twice. Fails when a save failed for any other reason than that the store was away. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
    expect(this.#unexpected).toEqual([]);
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        this.#onEvent = resolve;
      });
    }
  }

  async #write(store: ConfigStore, name: string): Promise<void> {
    const ref = { tenant: "default", name };
    // The save before may have come through although nobody could say so.
    let isUncertain = false;
    for (let round = 0; !this.#isStopping && round < 100_000; round++) {
      try {
        const basedOn = (await store.get(ref))?.version ?? 0;
        const text = `name: ${name}\n# ${round}\n`;
        const { version } = await store.save({ ...ref, basedOn, author, message: "", text });
        this.acknowledged.set(name, version);
        this.count++;
        isUncertain = false;
      } catch (error) {
        const code = error instanceof AppError ? error.code : undefined;
        if (code === "unavailable") {
          this.#failures++;
          isUncertain = true;
        } else if (code !== "conflict" || !isUncertain) this.#unexpected.push(error);
        // A refusal comes at once; the loop must not keep the process busy.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      this.#onEvent();
    }
  }
}
