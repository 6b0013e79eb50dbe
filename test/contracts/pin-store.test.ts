import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FilePinStore } from "../../src/adapters/file/file-pin-store.ts";
import { MemoryPinStore } from "../../src/adapters/memory/memory-pin-store.ts";
import { PinsFile } from "../../src/adapters/file/pins-file.ts";
import { silentLog } from "../../src/core/log.ts";
import { maxPinsPerUpstream, type PinStore } from "../../src/core/pin-store.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "passerelle-pins-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const stores: readonly [string, () => Promise<PinStore>][] = [
  ["memory", async () => new MemoryPinStore()],
  ["file", () => FilePinStore.open(join(directory, "state"), silentLog)],
];

const key = { server: "default/crm", upstream: "files", tool: "read" };

describe.each(stores)("pins in %s", (_name, open) => {
  test("are there once they were added, each in its place", async () => {
    const store = await open();
    expect(store.get(key)).toBeUndefined();
    expect(store.add(key, { description: "d1" })).toBe(true);
    expect(store.add({ ...key, tool: "__proto__" }, { description: "d2" })).toBe(true);
    expect(store.get(key)).toEqual({ description: "d1" });
    expect(store.get({ ...key, tool: "__proto__" })).toEqual({ description: "d2" });
    for (const other of [{ server: "default/other" }, { upstream: "other" }, { tool: "other" }]) {
      expect(store.get({ ...key, ...other })).toBeUndefined();
    }
    await store.close();
    await store.close();
  });

  test("of one upstream are bounded, whatever names it invents", async () => {
    const store = await open();
    for (let i = 0; i < maxPinsPerUpstream; i++) store.add({ ...key, tool: `tool${i}` }, {});
    expect(store.add(key, {})).toBe(false);
    expect(store.get(key)).toBeUndefined();
    expect(store.add({ ...key, upstream: "other" }, {})).toBe(true);
    await store.close();
  });
});

describe("pins in a file", () => {
  const path = (): string => join(directory, "pins.json");

  test("are there after the next start, but for what was deleted from it", async () => {
    const store = await FilePinStore.open(directory, silentLog);
    store.add(key, { description: "d1" });
    store.add({ ...key, tool: "write" }, { title: "t" });
    await store.close();
    const again = await FilePinStore.open(directory, silentLog);
    expect(again.get(key)).toEqual({ description: "d1" });
    await again.close();
    const written = JSON.parse(await readFile(path(), "utf8")) as { pins: { tool: string }[] };
    written.pins = written.pins.filter(({ tool }) => tool !== "read");
    await writeFile(path(), JSON.stringify(written));
    const edited = await FilePinStore.open(directory, silentLog);
    expect(edited.get(key)).toBeUndefined();
    expect(edited.get({ ...key, tool: "write" })).toEqual({ title: "t" });
    await edited.close();
  });

  test("are not overwritten when the file is damaged", async () => {
    await writeFile(path(), '{"version":1,"pins":[{]}');
    await expect(FilePinStore.open(directory, silentLog)).rejects.toMatchObject({
      code: "invalid_configuration",
      message: expect.stringContaining(path()),
    });
    expect(await readFile(path(), "utf8")).toBe('{"version":1,"pins":[{]}');
  });

  test("say when they were made", async () => {
    const store = await FilePinStore.open(directory, silentLog, { now: () => Date.UTC(2026, 6, 28) });
    store.add(key, { title: "t" });
    await store.close();
    const pin = { ...key, pinnedAt: "2026-07-28T00:00:00.000Z", digests: { title: "t" } };
    expect(JSON.parse(await readFile(path(), "utf8"))).toEqual({ version: 1, pins: [pin] });
  });
});

describe("pins in a file that somebody else changes meanwhile", () => {
  const other = { ...key, tool: "write" };
  let store: FilePinStore;
  const errors: string[] = [];

  async function open(lookMs: number): Promise<void> {
    errors.length = 0;
    const log = { ...silentLog, error: (event: string) => void errors.push(event) };
    const first = await FilePinStore.open(directory, log);
    first.add(key, { title: "t" });
    await first.close();
    store = await FilePinStore.open(directory, log, { lookMs });
  }

  afterEach(() => store.close());

  /** Resolves when the store has looked at the file so many times, from beginning to end. */
  async function looks(count: number): Promise<void> {
    const reading = vi.spyOn(PinsFile.prototype, "readNews");
    await expect.poll(() => reading.mock.settledResults.length).toBeGreaterThan(count);
    reading.mockRestore();
  }

  function forget(tool: string): Promise<void> {
    return new PinsFile(directory).replace((entries = []) => entries.filter((entry) => entry.tool !== tool));
  }

  test("are forgotten without a restart", async () => {
    await open(5);
    const { generation } = store;
    await forget(key.tool);
    await expect.poll(() => store.get(key)).toBeUndefined();
    expect(store.generation).not.toBe(generation);
  });

  test("stay when the file is damaged or gone, which is told once", async () => {
    await open(5);
    const { generation } = store;
    await writeFile(join(directory, "pins.json"), '{"version":1,"pins":[{]}');
    await looks(3);
    expect(errors).toEqual(["pins cannot be read; what was pinned stays"]);
    await rm(join(directory, "pins.json"));
    await looks(2);
    store.add(other, { title: "u" });
    await store.close();
    expect(store.get(key)).toEqual({ title: "t" });
    expect(store.generation).toBe(generation);
    const again = await FilePinStore.open(directory, silentLog);
    expect([again.get(key), again.get(other)]).toEqual([{ title: "t" }, { title: "u" }]);
    await again.close();
  });

  test("are not brought back by pins that come at the same time, nor are those lost", async () => {
    // Nothing is noticed by looking: what is written has to be right by itself.
    await open(60_000);
    const { generation } = store;
    store.add(other, { title: "u" });
    await forget(key.tool);
    await store.close();
    expect(store.get(key)).toBeUndefined();
    expect(store.generation).not.toBe(generation);
    const again = await FilePinStore.open(directory, silentLog);
    expect([again.get(key), again.get(other)]).toEqual([undefined, { title: "u" }]);
    await again.close();
  });

  test("are not judged anew because of what this process writes itself", async () => {
    await open(5);
    const { generation } = store;
    store.add(other, { title: "u" });
    await expect.poll(() => readFile(join(directory, "pins.json"), "utf8")).toContain('"write"');
    await looks(2);
    expect(store.generation).toBe(generation);
    expect(store.get(other)).toEqual({ title: "u" });
  });
});
