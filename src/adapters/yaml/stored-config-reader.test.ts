import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenStore, openStore } from "../../../test/fixtures/open-store.ts";
import type { SourceDocument } from "../../core/config-source.ts";
import type { ConfigStore, DocumentRef } from "../../core/config-store.ts";
import { StoredConfigReader } from "./stored-config-reader.ts";

const author = { id: "u1", name: "Ann" };

let folder: string;
let opened: OpenStore;
let store: ConfigStore;
let now: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-stored-"));
  await open("test.db");
  now = 1_000;
});

afterEach(async () => {
  await opened.close();
  await rm(folder, { recursive: true });
});

async function open(file: string): Promise<void> {
  opened = await openStore(`sqlite:${join(folder, file)}`, Date.now);
  store = opened.store;
}

/** Reads the store that is open at that time. */
function newReader(baseDirectory?: string): StoredConfigReader {
  const changesSince = (revision: number) => store.changesSince(revision);
  return new StoredConfigReader({ store: { changesSince }, clock: () => now, fullReadMs: 60_000, baseDirectory });
}

function textOf(name: string, title: string, tenant = "default"): string {
  return `# ours\nname: ${name}\ntenant: ${tenant}\ntitle: ${title}\nroutes:\n  - prefix: /${tenant}/${name}\n`;
}

async function save(name: string, text = textOf(name, "first"), tenant = "default"): Promise<void> {
  const basedOn = (await store.get({ tenant, name }))?.version ?? 0;
  await store.save({ tenant, name, basedOn, author, message: "", text });
}

async function remove(ref: DocumentRef): Promise<void> {
  const basedOn = (await store.get(ref))?.version ?? 0;
  await store.delete({ ...ref, basedOn, author, message: "" });
}

const titlesOf = (documents: readonly SourceDocument[]) => documents.map(({ key, document }) => [key, document?.title]);

describe("documents of a store", () => {
  test("are read whole, by tenant and name, each told as it is read", async () => {
    await save("b");
    await save("a", textOf("a", "other", "other"), "other");
    await save("a");
    const told: SourceDocument[] = [];
    const { documents, revision } = await newReader().read((document) => told.push(document));
    expect(titlesOf(documents)).toEqual([
      ["default/a", "first"],
      ["default/b", "first"],
      ["other/a", "other"],
    ]);
    expect(told).toEqual(documents);
    expect(revision).toBe(String((await store.changesSince(0)).revision));
    const [first] = documents;
    expect(first?.hash).toBe((await store.get({ tenant: "default", name: "a" }))?.hash);
    expect(first?.problems).toEqual([]);
    expect(first?.locate(["title"])).toEqual({ file: "default/a", line: 4, column: 8 });
    expect(first).not.toHaveProperty("baseDirectory");
  });

  test("have the folder that the reader was given", async () => {
    await save("a");
    expect((await newReader("/srv").read()).documents[0]?.baseDirectory).toBe("/srv");
  });

  test("are read again when they have changed, and are the same object otherwise", async () => {
    for (const name of ["a", "b", "c"]) await save(name);
    const reader = newReader();
    const before = await reader.read();
    expect((await reader.read()).documents.every((document, index) => document === before.documents[index])).toBe(true);
    await save("b", textOf("b", "second"));
    await save("d");
    await remove({ tenant: "default", name: "a" });
    const after = await reader.read();
    expect(titlesOf(after.documents)).toEqual([
      ["default/b", "second"],
      ["default/c", "first"],
      ["default/d", "first"],
    ]);
    expect(after.documents[1]).toBe(before.documents[2]);
    expect(after.revision).not.toBe(before.revision);
    await store.restore({ tenant: "default", name: "a", version: 1, basedOn: 2, author, message: "" });
    expect(titlesOf((await reader.read()).documents)[0]).toEqual(["default/a", "first"]);
  });

  test("are compared as a whole now and then, unchanged ones being the same object still", async () => {
    await save("a");
    await save("b");
    const reader = newReader();
    const before = await reader.read();
    // Another store takes the place of this one, with the same revisions: its changes are not to be seen by number.
    await opened.close();
    await open("other.db");
    await save("a");
    await save("z");
    expect((await reader.read()).documents).toEqual(before.documents);
    now += 60_000;
    const after = await reader.read();
    expect(titlesOf(after.documents)).toEqual([
      ["default/a", "first"],
      ["default/z", "first"],
    ]);
    expect(after.documents[0]).toBe(before.documents[0]);
  });

  test("that are not what they are kept as are refused alone", async () => {
    await save("a");
    await save("b", textOf("a", "stranger"));
    await save("c", textOf("c", "stranger", "other"));
    await save("d", textOf("d", "one") + "---\n" + textOf("e", "two"));
    await save("e", "name: [");
    await save("f", "# nothing\n");
    const { documents } = await newReader().read();
    expect(documents.map(({ document }) => document?.name)).toEqual([
      "a",
      ...Array.from({ length: 5 }, () => undefined),
    ]);
    const problems = documents.flatMap((document) => document.problems.slice(0, 1));
    expect(problems).toMatchObject([
      { file: "default/b", line: 2, column: 7, path: ["name"], message: expect.stringContaining("default/b") },
      { file: "default/c", line: 3, column: 9, path: ["tenant"], mend: expect.stringContaining('"default"') },
      { file: "default/d", line: 2, message: "the text has more than one document" },
      { file: "default/e", line: 1, message: expect.stringContaining("not valid YAML") },
      { file: "default/f", severity: "error" },
    ]);
  });

  test("stay known while the store does not answer", async () => {
    await save("a");
    const reader = newReader();
    const before = await reader.read();
    await opened.close();
    await expect(reader.read()).rejects.toMatchObject({ code: "unavailable" });
    await open("test.db");
    await save("b");
    const after = await reader.read();
    expect(titlesOf(after.documents)).toEqual([
      ["default/a", "first"],
      ["default/b", "first"],
    ]);
    expect(after.documents[0]).toBe(before.documents[0]);
  });

  test("whose reading was interrupted are told at the next one", async () => {
    for (const name of ["a", "b", "c"]) await save(name);
    const reader = newReader();
    const interrupted = reader.read(({ key }) => {
      if (key === "default/b") throw new Error("stop");
    });
    await expect(interrupted).rejects.toThrow("stop");
    expect((await reader.read()).documents).toHaveLength(3);
  });

  test("are read when somebody asks what they say, and broken ones are found by their problems too", async () => {
    await save("a");
    await save("b", "name: c\nroutes:\n  - prefix: /c\n");
    const [good, broken] = (await newReader().read()).documents;
    expect(broken?.problems).toMatchObject([{ path: ["name"], file: "default/b", line: 1 }]);
    expect(broken?.document).toBeUndefined();
    expect(good?.document).toMatchObject({ name: "a" });
    // What is held stays the same; what nobody holds may be read again.
    const held = good?.document;
    expect(good?.document).toBe(held);
  });

  test("do not hold the event loop, however many they are", async () => {
    for (let index = 0; index < 300; index++) await save(`server-${index}`, textOf(`server-${index}`, "first"));
    let turns = 0;
    let isReading = true;
    const turn = (): void => {
      turns++;
      if (isReading) setImmediate(turn);
    };
    setImmediate(turn);
    let served = 0;
    // Each is read when somebody asks what it says.
    await newReader().read(({ document }) => (served += document === undefined ? 0 : 1));
    isReading = false;
    expect(served).toBe(300);
    expect(turns).toBeGreaterThan(5);
  });
});
