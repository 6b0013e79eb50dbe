import { join } from "node:path";
import { afterEach, describe, expect } from "vitest";
import { databaseKinds } from "../fixtures/databases.ts";
import { fault, times } from "../fixtures/fault.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { ProcessSite, type SiteGateway, timeUntilSeen } from "../fixtures/process-site.ts";
import { findRedis } from "../fixtures/redis.ts";
import { withinMs } from "../fixtures/time-limit.ts";

// Each way in which the control plane tells gateways, alone: they poll so seldom that nothing else makes a save live.

interface Way {
  readonly name: string;
  /** Why it is skipped; undefined when it is there. */
  readonly missing: string | undefined;
  /** Keys and secrets are beside the documents, in a database that tells nobody: they wait for the poll. */
  readonly isDocumentsOnly?: boolean;
  /** Arguments of the apiserver and of each of two gateways, whose operations ports are given. */
  prepare(site: ProcessSite, opsPorts: readonly number[]): Promise<Prepared>;
}

interface Prepared {
  readonly apiserver: readonly string[];
  readonly gateway: readonly string[];
  drop(): Promise<void>;
}

const redis = await findRedis();
const postgres = (await databaseKinds()).find(({ name }) => name === "PostgreSQL");
const nothing = async (): Promise<void> => undefined;

const ways: readonly Way[] = [
  {
    name: "Redis, over one SQLite file",
    missing: redis.missing,
    prepare: async (site) => {
      const both = ["--store", sqlite(site), "--redis", redis.url];
      return { apiserver: both, gateway: both, drop: nothing };
    },
  },
  {
    name: "PostgreSQL",
    missing: postgres === undefined ? "not tested here" : postgres.missing,
    prepare: async () => {
      const database = await postgres?.create();
      if (database === undefined) throw new Error("skipped");
      const both = ["--store", database.address];
      return { apiserver: both, gateway: both, drop: () => database.drop() };
    },
  },
  {
    name: "HTTP, to gateways that read from the apiserver",
    missing: undefined,
    prepare: async (site, opsPorts) => ({
      apiserver: [
        ["--store", sqlite(site)],
        opsPorts.flatMap((port) => ["--notify-gateway", `http://127.0.0.1:${port}`]),
      ].flat(),
      gateway: ["--apiserver", site.apiUrl],
      drop: nothing,
    }),
  },
  {
    name: "files that are watched",
    missing: undefined,
    isDocumentsOnly: true,
    prepare: async (site) => {
      const store = ["--store", `yaml:${join(site.folder, "servers")}`, "--database", sqlite(site)];
      return { apiserver: store, gateway: store, drop: nothing };
    },
  },
];

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
}, 60_000);

for (const way of ways) {
  describe.skipIf(way.missing !== undefined)(`told by ${way.name}`, () => {
    fault(
      "a save is live on both gateways",
      { limit: "each <= 1000 ms from sending", timeoutMs: 300_000 },
      async () => {
        const { site, gateways } = await start(way);
        const tookMs: number[] = [];
        for (let round = 1; round <= times(3, 30); round++) {
          const edition = `edition ${round}`;
          const startedAt = performance.now();
          expect(await site.save(edition)).toMatchObject({ status: 200 });
          await Promise.all(gateways.map((gateway) => timeUntilSeen(gateway, { edition })));
          tookMs.push(performance.now() - startedAt);
        }
        expect(Math.max(...tookMs)).toBeLessThan(withinMs(1_000));
        const sorted = tookMs.toSorted((a, b) => a - b).map(Math.round);
        const saves = `${sorted.length} saves: median ${sorted[sorted.length >> 1]} ms, slowest ${sorted.at(-1)} ms`;
        return way.isDocumentsOnly === true ? saves : `${saves}; ${await restIsLive(site, gateways)}`;
      },
    );
  });
}

async function start(way: Way): Promise<{ site: ProcessSite; gateways: readonly SiteGateway[] }> {
  const site = await ProcessSite.open();
  const opsPorts = [await findFreePort(), await findFreePort()];
  const prepared = await way.prepare(site, opsPorts);
  const { apiserver, gateway } = prepared;
  closing.push(
    () => prepared.drop(),
    () => site.close(),
  );
  await site.setUp(await site.startApiserver(apiserver));
  const gateways = await Promise.all(
    opsPorts.map((opsPort, index) =>
      site.startGateway(`gateway-${index}`, [...gateway, "--poll-ms", "60000"], opsPort),
    ),
  );
  return { site, gateways };
}

/** A secret and a key are live on both gateways as well. */
async function restIsLive(site: ProcessSite, gateways: readonly SiteGateway[]): Promise<string> {
  const sentAt = performance.now();
  expect(await site.putToken("second secret")).toMatchObject({ status: 200 });
  await Promise.all(gateways.map((gateway) => timeUntilSeen(gateway, { token: "second secret" })));
  const secretMs = Math.round(performance.now() - sentAt);
  const key = await site.mintKey("late");
  await Promise.all(gateways.map((gateway) => timeUntilSeen(gateway, { status: 200 }, key)));
  const keyMs = Math.round(performance.now() - sentAt) - secretMs;
  expect(Math.max(secretMs, keyMs)).toBeLessThan(withinMs(1_000));
  return `secret ${secretMs} ms, key ${keyMs} ms`;
}

function sqlite({ folder }: ProcessSite): string {
  return `sqlite:${join(folder, "store.db")}`;
}
