import { appendFile, mkdtemp, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DocumentChanges, StoredVersion } from "../../core/config-store.ts";
import { silentLog } from "../../core/log.ts";
import { DocumentJournal } from "./document-journal.ts";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "passerelle-journal-"));
  path = join(directory, "documents.ndjson");
});

afterEach(() => rm(directory, { recursive: true, force: true }));

function version(name: string, number: number, text: string | undefined): StoredVersion {
  const author = { id: "user:1", name: "Ada" };
  const change = text === undefined ? "delete" : "save";
  const hash = text ?? "";
  return {
    tenant: "t",
    name,
    version: number,
    revision: number,
    change,
    hash,
    author,
    message: "",
    savedAt: 1,
    tags: [],
    text,
  };
}

const complete = (revision: number, changed: readonly StoredVersion[]): DocumentChanges => ({
  revision,
  changed,
  isComplete: true,
});

const news = (revision: number, changed: readonly StoredVersion[]): DocumentChanges => ({
  revision,
  changed,
  isComplete: false,
});

/** What the next process finds. */
async function reopened(): Promise<readonly (readonly [string, string | undefined])[] | undefined> {
  const found = await new DocumentJournal(path, silentLog).read();
  return found?.changed.map(({ name, text }) => [name, text] as const).toSorted();
}

test("what was written is there for the next process, deletions and line breaks included", async () => {
  const journal = new DocumentJournal(path, silentLog);
  expect(await journal.read()).toBeUndefined();
  await journal.replace(complete(2, [version("a", 1, "one\r\n# 🦊\u2028"), version("b", 1, "two")]));
  await journal.append(news(4, [version("a", 2, "three"), version("b", 2, undefined)]));
  await journal.append(news(5, [version("c", 1, "")]));
  expect(await reopened()).toStrictEqual([
    ["a", "three"],
    ["c", ""],
  ]);
  expect(journal.revision).toBe(5);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await journal.replace(complete(6, []));
  expect(await reopened()).toStrictEqual([]);
});

test("a write that was cut anywhere loses that change alone, and the next one follows", async () => {
  const journal = new DocumentJournal(path, silentLog);
  await journal.replace(complete(1, [version("a", 1, "one")]));
  const whole = (await stat(path)).size;
  await journal.append(news(2, [version("a", 2, "two"), version("b", 1, "b")]));
  const after = await readFile(path);
  for (let size = whole; size < after.length - 1; size += 7) {
    await truncate(path, 0);
    await appendFile(path, after.subarray(0, size));
    const next = new DocumentJournal(path, silentLog);
    expect((await next.read())?.revision).toBe(1);
    await next.append(news(3, [version("c", 1, "c")]));
    expect(await reopened()).toStrictEqual([
      ["a", "one"],
      ["c", "c"],
    ]);
  }
});

test("damage in the middle makes all of it absent", async () => {
  const journal = new DocumentJournal(path, silentLog);
  await journal.replace(complete(1, [version("a", 1, "one"), version("b", 1, "two")]));
  const text = await readFile(path, "utf8");
  await truncate(path, 0);
  await appendFile(path, text.replace('"one"', '"ONE"'));
  expect(await reopened()).toBeUndefined();
  await truncate(path, 0);
  await appendFile(path, "something else\n");
  expect(await reopened()).toBeUndefined();
});

test("a document that changes over and over does not grow the file without end", async () => {
  const journal = new DocumentJournal(path, silentLog);
  await journal.replace(complete(1, [version("a", 1, "one")]));
  for (let i = 2; i < 40; i++) await journal.append(news(i, [version("a", i, "x".repeat(100_000))]));
  expect((await stat(path)).size).toBeLessThan(2_000_000);
  expect(await reopened()).toHaveLength(1);
});

test("knows what it holds already", async () => {
  const journal = new DocumentJournal(path, silentLog);
  const changes = complete(1, [version("a", 1, "one")]);
  await journal.replace(changes);
  expect(journal.holds(changes)).toBe(true);
  expect(journal.holds(complete(2, changes.changed))).toBe(false);
  expect(journal.holds(complete(1, [version("a", 1, "other")]))).toBe(false);
});
