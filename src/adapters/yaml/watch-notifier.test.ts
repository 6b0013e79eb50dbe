import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WatchNotifier } from "./watch-notifier.ts";

let folder: string;
let notifier: WatchNotifier;
let hints: number;
let waiting: (() => void)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-watch-"));
  hints = 0;
  waiting = [];
});

afterEach(async () => {
  await notifier.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts watching and awaits the first hint, after which everything is watched. */
async function start(paths: string[], options = {}): Promise<void> {
  notifier = new WatchNotifier(paths, { gatherMs: 5, pollMs: 60_000, ...options });
  const first = hint();
  notifier.start(() => {
    hints++;
    for (const resume of waiting.splice(0)) resume();
  });
  await first;
}

function hint(): Promise<void> {
  return new Promise((resolve) => waiting.push(resolve));
}

/** Does something and awaits the hint that it must give. */
async function hinted(change: () => Promise<unknown>): Promise<void> {
  const next = hint();
  await change();
  await next;
}

test("saving, saving by rename, adding and removing a file each give a hint", async () => {
  const path = join(folder, "a.yaml");
  await writeFile(path, "name: a");
  await start([folder]);
  await hinted(() => writeFile(path, "name: b"));
  await writeFile(join(folder, "a.yaml.tmp"), "name: c");
  await hinted(() => rename(join(folder, "a.yaml.tmp"), path));
  await hinted(() => writeFile(join(folder, "b.yaml"), "name: d"));
  await hinted(() => rm(path));
});

test("a file given by path is seen after it was replaced twice", async () => {
  const path = join(folder, "gateway.conf");
  await writeFile(path, "name: a");
  await start([path]);
  for (const name of ["b", "c"]) {
    await writeFile(join(folder, "new"), `name: ${name}`);
    await hinted(() => rename(join(folder, "new"), path));
  }
});

test("the link swap of a ConfigMap is seen", async () => {
  for (const version of ["..v1", "..v2"]) {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, "crm.yaml"), `name: ${version.slice(2)}`);
  }
  await symlink("..v1", join(folder, "..data"));
  await symlink("..data/crm.yaml", join(folder, "crm.yaml"));
  await start([join(folder, "crm.yaml")]);
  await symlink("..v2", join(folder, "..data_tmp"));
  await hinted(() => rename(join(folder, "..data_tmp"), join(folder, "..data")));
});

test("folders are followed when they come, go and come back", async () => {
  const inner = join(folder, "inner");
  await start([folder]);
  await hinted(() => mkdir(inner));
  await hinted(() => writeFile(join(inner, "a.yaml"), "name: a"));
  await hinted(() => rm(inner, { recursive: true }));
  await hinted(() => mkdir(inner));
  await hinted(() => writeFile(join(inner, "a.yaml"), "name: b"));
});

test("a burst of saves is one hint, or two when it outlasts the gathering", async () => {
  await start([folder], { gatherMs: 50 });
  const before = hints;
  await hinted(() => Promise.all(Array.from({ length: 100 }, (_, i) => writeFile(join(folder, `${i}.yaml`), "x"))));
  await hinted(() => writeFile(join(folder, "last.yaml"), "x"));
  expect(hints - before).toBeLessThanOrEqual(3);
});

test("the poll sees what no event tells: a change behind a link to another folder", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "passerelle-target-"));
  await writeFile(join(elsewhere, "real.yaml"), "name: a");
  await symlink(join(elsewhere, "real.yaml"), join(folder, "a.yaml"));
  await start([folder], { pollMs: 20 });
  await hinted(() => writeFile(join(elsewhere, "real.yaml"), "name: longer"));
  await rm(elsewhere, { recursive: true });
});

test("a path that is missing is seen when it comes", async () => {
  const path = join(folder, "later", "a.yaml");
  await start([path], { pollMs: 20 });
  await hinted(async () => {
    await mkdir(join(folder, "later"));
    await writeFile(path, "name: a");
  });
});

test("after close nothing is told of a change that another notifier sees", async () => {
  await start([folder]);
  const closed = notifier;
  await closed.close();
  await closed.close();
  const before = hints;
  let told = 0;
  const other = new WatchNotifier([folder], { gatherMs: 100, pollMs: 60_000 });
  const seen = new Promise<void>((resolve) => {
    other.start(() => {
      told++;
      if (told === 1) void writeFile(join(folder, "a.yaml"), "name: a");
      else resolve();
    });
  });
  await seen;
  await other.close();
  expect(hints).toBe(before);
});
