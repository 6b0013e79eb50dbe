import { rmSync, writeFileSync } from "node:fs";
import { chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile } from "./replace-file.ts";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "passerelle-replace-"));
  path = join(directory, "count");
});

afterEach(() => rm(directory, { recursive: true }));

const countUp = (before = "0"): string => String(Number(before) + 1);

test("writers that come at the same time take turns, so that none overwrites another", async () => {
  await Promise.all(Array.from({ length: 8 }, () => replaceFile(path, countUp)));
  expect(await readFile(path, "utf8")).toBe("8");
  expect(await readdir(directory)).toEqual(["count"]);
});

test("a change that fails leaves the file as it was, and the turn to the next", async () => {
  await writeFile(path, "3");
  const failing = replaceFile(path, () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  await replaceFile(path, countUp);
  expect(await readFile(path, "utf8")).toBe("4");
});

test("what a killed writer has left is in nobody's way for long", async () => {
  await writeFile(`${path}.new`, "half of a te");
  await replaceFile(path, countUp, { patienceMs: 40 });
  expect(await readFile(path, "utf8")).toBe("1");
});

test("a writer that was overtaken writes nothing", async () => {
  const overtaken = replaceFile(path, () => {
    rmSync(`${path}.new`);
    writeFileSync(`${path}.new`, "another's");
    return "old";
  });
  await expect(overtaken).rejects.toThrow("was taken away");
  expect(await readdir(directory)).toEqual(["count.new"]);
});

test("the mode of the file stays", async () => {
  await writeFile(path, "1", { mode: 0o640 });
  await replaceFile(path, countUp);
  expect((await stat(path)).mode & 0o777).toBe(0o640);
});

test.skipIf(process.getuid?.() !== 0)("the owner of the file stays when root writes", async () => {
  await writeFile(path, "1");
  await chown(path, 12_345, 54_321);
  await replaceFile(path, countUp);
  expect(await stat(path)).toMatchObject({ uid: 12_345, gid: 54_321 });
});
