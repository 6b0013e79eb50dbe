import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FilePinStore } from "../../src/adapters/file/file-pin-store.ts";
import { MemoryPinStore } from "../../src/adapters/memory/memory-pin-store.ts";
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
});
