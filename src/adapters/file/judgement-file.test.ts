import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Judgement } from "../../core/judgement.ts";
import { silentLog } from "../../core/log.ts";
import { JudgementFile } from "./judgement-file.ts";

let stateDirectory: string;
let path: string;

beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), "passerelle-judgements-"));
  path = join(stateDirectory, "judgements.ndjson");
});

afterEach(() => rm(stateDirectory, { recursive: true, force: true }));

/** As long as the ids of documents. */
const idOf = (name: string): string => name.padEnd(43, "_");

const judged = (name: string): Judgement => ({
  tenant: "t",
  name,
  routes: [],
  secrets: [],
  sizes: { tools: 1, prompts: 0, resources: 0 },
});

const open = (build = "one"): Promise<JudgementFile> => JudgementFile.open({ stateDirectory, build, log: silentLog });

async function fill(...names: readonly string[]): Promise<void> {
  const file = await open();
  for (const name of names) file.note(idOf(name), judged(name));
  await file.close();
}

test("judgements are found by the next process, in a file of this user alone", async () => {
  await fill("a");
  await fill("b");
  const file = await open();
  expect([file.find(idOf("a")), file.find(idOf("b")), file.find(idOf("c"))]).toEqual([
    judged("a"),
    judged("b"),
    undefined,
  ]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("those of another program count for nothing, and its own take their place", async () => {
  await fill("a");
  const other = await open("two");
  expect(other.find(idOf("a"))).toBeUndefined();
  other.note(idOf("b"), judged("b"));
  await other.close();
  expect((await open("two")).find(idOf("b"))).toEqual(judged("b"));
  expect((await open()).find(idOf("a"))).toBeUndefined();
});

test("a damaged line and a torn end are judgements that are not there", async () => {
  await fill("a", "b", "c");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace('"name":"a"', '"name":"x"').slice(0, -10));
  const file = await open();
  expect([file.find(idOf("a")), file.find(idOf("b")), file.find(idOf("c"))]).toEqual([
    undefined,
    judged("b"),
    undefined,
  ]);
  file.note(idOf("d"), judged("d"));
  await file.close();
  expect((await open()).find(idOf("d"))).toEqual(judged("d"));
});

test("what is forgotten is not found, and makes room when it is much", async () => {
  const names = Array.from({ length: 1_200 }, (_, index) => `n${index}`);
  await fill(...names);
  const before = await stat(path);
  const file = await open();
  file.forget(idOf("n1"));
  expect(file.find(idOf("n1"))).toBeUndefined();
  file.keep(new Set([idOf("n7")]));
  await file.close();
  expect((await stat(path)).size).toBeLessThan(before.size / 100);
  const next = await open();
  expect([next.find(idOf("n7")), next.find(idOf("n8"))]).toEqual([judged("n7"), undefined]);
});

test("a folder that cannot be written keeps them for this process alone", async () => {
  await writeFile(path, "");
  const file = await JudgementFile.open({ stateDirectory: path, build: "one", log: silentLog });
  file.note(idOf("a"), judged("a"));
  await file.close();
  expect(file.find(idOf("a"))).toEqual(judged("a"));
});
