import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { ConfigStore, StoredVersion } from "../../src/core/config-store.ts";
import { configStoreKinds, type StorePlace } from "../contracts/config-store-kinds.ts";
import { fault, times } from "../fixtures/fault.ts";
import { type OpenStore, openStore } from "../fixtures/open-store.ts";
import { type Acknowledged, isWhole, writerDocuments, writerSaves } from "../fixtures/store-writer-saves.ts";
import { withinMs } from "../fixtures/time-limit.ts";

const writer = fileURLToPath(new URL("../fixtures/store-writer.ts", import.meta.url));
/** How many saves were acknowledged when the process is killed: early, in the middle, late. */
const killPoints = [300, 20, 700, 1, 550, 120];
const rounds = times(2, killPoints.length);
const author = { id: "test", name: "Test" };

for (const kind of await configStoreKinds()) {
  describe.skipIf(kind.missing !== undefined)(`kill -9 in the middle of ${writerSaves} saves to ${kind.name}`, () => {
    let place: StorePlace;
    let opened: OpenStore | undefined;

    beforeEach(async () => {
      place = await kind.create();
      opened = undefined;
    }, 60_000);

    afterEach(async () => {
      await opened?.close();
      await place.drop();
    }, 60_000);

    fault(
      "loses nothing that was acknowledged and leaves nothing half",
      { limit: "0 lost, 0 half, 0 gaps, next save <= 5000 ms", timeoutMs: 600_000 },
      async () => {
        const acknowledged: Acknowledged[] = [];
        let slowestMs = 0;
        for (const [round, killAt] of killPoints.slice(0, rounds).entries()) {
          acknowledged.push(...(await writeUntilKilled(place.address, `${round}`, killAt)));
          const startedAt = performance.now();
          opened = await openStore(place.address, Date.now);
          await saveAgain(opened.store, `# round ${round}\n`);
          slowestMs = Math.max(slowestMs, performance.now() - startedAt);
          await opened.close();
          opened = undefined;
        }
        opened = await openStore(place.address, Date.now);
        const versions = await inspect(opened.store, acknowledged);
        expect(slowestMs).toBeLessThan(withinMs(5_000));
        return `0 lost of ${acknowledged.length} in ${rounds} kills, ${versions} versions, next save ${Math.round(slowestMs)} ms`;
      },
    );
  });
}

/** Everything that the process said before it was killed, which is after so many saves. */
async function writeUntilKilled(address: string, edition: string, killAt: number): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, ["--import", "tsx", writer, address, edition], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.endsWith("}")) continue; // cut off by the kill
    acknowledged.push(JSON.parse(line) as Acknowledged); // the fixture wrote it
    if (acknowledged.length === killAt) child.kill("SIGKILL");
  }
  const [, signal] = (await exit) as [number | null, string | null];
  expect(signal, `the writer ended by itself: ${complaint}`).toBe("SIGKILL");
  expect(acknowledged.length).toBeGreaterThanOrEqual(killAt);
  expect(acknowledged.length).toBeLessThan(writerSaves);
  return acknowledged;
}

/** The store takes a save of a document that was being written, at once. */
async function saveAgain(store: ConfigStore, text: string): Promise<void> {
  const ref = { tenant: "default", name: "server-0" };
  const basedOn = (await store.get(ref))?.version ?? 0;
  expect(await store.save({ ...ref, basedOn, author, message: "", text })).toMatchObject({ version: basedOn + 1 });
}

/** Reads all there is and holds it against what was promised. Answers how many versions there are. */
async function inspect(store: ConfigStore, acknowledged: readonly Acknowledged[]): Promise<number> {
  const found = new Map<string, StoredVersion>();
  const newest: StoredVersion[] = [];
  for (let index = 0; index < writerDocuments; index++) {
    const versions = await readHistory(store, `server-${index}`);
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, at) => at + 1));
    const revisions = versions.map(({ revision }) => revision);
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    for (const version of versions) {
      expect(version.author.id === author.id || isWhole(version.text ?? "")).toBe(true);
      expect(
        createHash("sha256")
          .update(version.text ?? "")
          .digest("hex"),
      ).toBe(version.hash);
      found.set(`${version.name} ${version.version}`, version);
    }
    newest.push(...versions.slice(-1));
  }
  const lost = acknowledged.filter(({ name, version, hash }) => found.get(`${name} ${version}`)?.hash !== hash);
  expect(lost).toEqual([]);
  const { changed } = await store.changesSince(0);
  expect(changed).toEqual(newest.sort((a, b) => a.revision - b.revision));
  return found.size;
}

/** Oldest version first. */
async function readHistory(store: ConfigStore, name: string): Promise<StoredVersion[]> {
  const ref = { tenant: "default", name };
  const { items } = await store.history(ref, { limit: 200 });
  const versions = await Promise.all(items.map(({ version }) => store.get(ref, version)));
  return versions.flatMap((version) => (version === undefined ? [] : [version])).toReversed();
}
