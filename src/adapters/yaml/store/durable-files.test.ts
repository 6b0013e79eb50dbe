import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DurableFiles } from "./durable-files.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "passerelle-durable-"));
});

afterEach(() => rm(root, { recursive: true }));

test("folders that many make beside each other are all there, whoever makes their parents", async () => {
  const disk = new DurableFiles();
  for (let round = 0; round < 40; round++) {
    const names = Array.from({ length: 24 }, (_, index) => `leaf-${index}`);
    const parent = join(root, `round-${round}`, "deep", "down");
    await Promise.all(names.map((name) => disk.makeFolder(join(parent, name))));
    expect((await readdir(parent)).toSorted()).toEqual(names.toSorted());
  }
});

test("a folder that cannot be made is told of", async () => {
  await expect(new DurableFiles().makeFolder("/proc/none/of/this")).rejects.toMatchObject({ syscall: "mkdir" });
});
