import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";
import { fault } from "../fixtures/fault.ts";
import { ProcessSite, type Seen, type SiteGateway, timeUntilSeen } from "../fixtures/process-site.ts";
import { until } from "../fixtures/resources.ts";
import { openRelay, type TcpRelay } from "../fixtures/tcp-relay.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// A database that goes away under an apiserver and a gateway, which are processes of their own.

const servers = (await databaseKinds()).filter(({ name }) => name !== "SQLite");
/** Until a save is refused. */
const refusedMs = 16_000;
/** Until a save is live again after the outage, whatever pause the last attempt left. */
const backMs = 10_000;

for (const kind of servers) {
  describe.skipIf(kind.missing !== undefined)(`${kind.name} goes away under both planes`, () => {
    let database: TestDatabase;
    let relay: TcpRelay;
    let site: ProcessSite;
    let gateway: SiteGateway;

    beforeEach(async () => {
      database = await kind.create();
      const address = new URL(database.address);
      relay = await openRelay(Number(address.port));
      address.port = String(relay.port);
      site = await ProcessSite.open();
      await site.setUp(await site.startApiserver(["--store", address.href]));
      gateway = await site.startGateway("follower", ["--store", address.href, "--poll-ms", "500"]);
      await until(() => hasCopy(site.stateFolder("follower")), "the copy is written beside serving");
    }, 120_000);

    afterEach(async () => {
      await site.close();
      await relay.close();
      await database.drop();
    }, 120_000);

    fault(
      "for a while: clients of the gateway see nothing of it, saves say why they fail, all is back by itself",
      { limit: "0 calls lost, saves 503 <= 16000 ms, live again <= 10000 ms", timeoutMs: 300_000, isLong: true },
      async () => {
        const outageMs = 60_000;
        const load = new Load(gateway);
        await load.hasFlowed();
        await relay.refuse();
        const goneAt = performance.now();
        let slowestMs = 0;
        let refusals = 0;
        do {
          slowestMs = Math.max(slowestMs, await refusedSave(site));
          refusals += 1;
        } while (performance.now() - goneAt < outageMs);
        await load.hasFlowed();
        await relay.restore();
        const tookMs = await liveAgain(site, gateway, "after the outage");
        await load.stop();
        expect(load.wrong).toEqual([]);
        expect(slowestMs).toBeLessThan(withinMs(refusedMs));
        expect(tookMs).toBeLessThan(withinMs(backMs));
        const away = Math.round((performance.now() - goneAt) / 1_000);
        return `0 of ${load.count} calls lost in ${away} s, slowest ${load.slowestMs} ms; ${refusals} saves 503 in <= ${slowestMs} ms; live again in ${tookMs} ms`;
      },
    );

    fault(
      "a gateway that restarts meanwhile serves its copy, with keys and secrets, and follows again afterwards",
      { limit: "same answers, live again <= 10000 ms", timeoutMs: 300_000 },
      async () => {
        const before = await gateway.see();
        await relay.refuse();
        await gateway.process().kill();
        const startedAt = performance.now();
        await gateway.start();
        const startMs = Math.round(performance.now() - startedAt);
        expect(await gateway.see()).toEqual(before);
        expect(await gateway.see("pas_wrong")).toEqual({ status: 401 });
        await relay.restore();
        const tookMs = await liveAgain(site, gateway, "after its restart");
        expect(tookMs).toBeLessThan(withinMs(backMs));
        return `ready in ${startMs} ms from the copy, live again in ${tookMs} ms`;
      },
    );

    fault(
      "without a word: the gateway serves on and restarts from its copy all the same",
      { limit: "0 calls lost, saves 503 <= 16000 ms, live again <= 30000 ms", timeoutMs: 300_000, isLong: true },
      async () => {
        const load = new Load(gateway);
        await load.hasFlowed();
        const before = await gateway.see();
        relay.silence();
        const slowestMs = await refusedSave(site);
        await load.hasFlowed();
        await load.stop();
        expect(load.wrong).toEqual([]);
        await gateway.process().kill();
        const startedAt = performance.now();
        await gateway.start();
        const startMs = Math.round(performance.now() - startedAt);
        expect(await gateway.see()).toEqual(before);
        await relay.restore();
        const tookMs = await liveAgain(site, gateway, "after the silence");
        expect(slowestMs).toBeLessThan(withinMs(refusedMs));
        expect(tookMs).toBeLessThan(withinMs(30_000));
        return `0 of ${load.count} calls lost; save 503 in ${slowestMs} ms; ready in ${startMs} ms from the copy; live again in ${tookMs} ms`;
      },
    );
  });
}

function hasCopy(stateFolder: string): boolean {
  return ["documents.ndjson", "secrets.json", "keys.json"].every((name) =>
    existsSync(join(stateFolder, "last-good", name)),
  );
}

/** A save while the store is away: refused with its reason. Answers the milliseconds until it was. */
async function refusedSave(site: ProcessSite): Promise<number> {
  const startedAt = performance.now();
  const { status, headers, body } = await site.save("in vain");
  expect({ status, body }).toMatchObject({ status: 503, body: { code: "unavailable", status: 503 } });
  expect(headers.get("content-type")).toContain("application/problem+json");
  expect(String(body["detail"])).toMatch(/database/);
  return Math.round(performance.now() - startedAt);
}

/** Saves until one is taken, and waits until it is served. Answers the milliseconds of both. */
async function liveAgain(site: ProcessSite, gateway: SiteGateway, edition: string): Promise<number> {
  const startedAt = performance.now();
  await until(async () => (await site.save(edition)).status === 200, "a save is taken", 60_000);
  await timeUntilSeen(gateway, { status: 200, edition });
  return Math.round(performance.now() - startedAt);
}

/** A client that calls all the time, and what it saw that it should not have. */
class Load {
  count = 0;
  slowestMs = 0;
  readonly wrong: unknown[] = [];
  #isStopping = false;
  readonly #done: Promise<void>;

  constructor(gateway: SiteGateway) {
    this.#done = this.#run(gateway);
  }

  async hasFlowed(): Promise<void> {
    const from = this.count;
    await until(() => this.count > from + 20, "calls are answered", 60_000);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
  }

  async #run(gateway: SiteGateway): Promise<void> {
    while (!this.#isStopping && this.wrong.length < 10) {
      const startedAt = performance.now();
      const seen: Seen | { readonly error: unknown } = await gateway.see().catch((error: unknown) => ({ error }));
      this.slowestMs = Math.max(this.slowestMs, Math.round(performance.now() - startedAt));
      this.count += 1;
      if (!("status" in seen) || seen.status !== 200 || seen.token !== "first secret") this.wrong.push(seen);
    }
  }
}
