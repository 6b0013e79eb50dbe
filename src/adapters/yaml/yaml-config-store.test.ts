import { chmod, cp, mkdir, rename, rmdir, stat, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  deleteNewest,
  DocumentsFolder,
  historyOf,
  nameOf,
  saveText,
  storyOf,
} from "../../../test/fixtures/documents-folder.ts";
import { YamlConfigReader } from "./yaml-config-reader.ts";
import { YamlConfigStore } from "./yaml-config-store.ts";

const timeout = 60_000;
const [a, b, c] = [nameOf("a"), nameOf("b"), nameOf("c")];
/** As people write it; `extra` are further lines. */
const text = (name: string, extra = ""): string => `name: ${name} # mine\nroutes: [{ prefix: /${name} }]\n${extra}`;

let folder: DocumentsFolder;
const others: DocumentsFolder[] = [];

beforeEach(async () => {
  folder = await DocumentsFolder.make();
}, timeout);

afterEach(async () => {
  await Promise.all([folder, ...others.splice(0)].map((each) => each.drop()));
}, timeout);

async function names(store: YamlConfigStore): Promise<string[]> {
  return (await store.list({ limit: 200 })).items.map(({ tenant, name }) => `${tenant}/${name}`);
}

describe("files", { timeout }, () => {
  test("a new document gets a file of its own, and readers of the folder see the documents alone", async () => {
    const store = await folder.open();
    await saveText(store, a, text("a"));
    await saveText(store, nameOf("b", "sales"), `tenant: sales\n${text("b")}`);
    await deleteNewest(store, a);
    await saveText(store, c, text("c"));
    expect(await folder.read("sales/b.yaml")).toBe(`tenant: sales\n${text("b")}`);
    const { documents } = await new YamlConfigReader([folder.path]).read();
    expect(documents.map(({ document }) => document?.name)).toEqual(["c", "b"]);
  });

  test("a document of a file with several is saved, deleted and restored between its neighbours", async () => {
    const [first, last] = [`# head\r\n${text("a").replaceAll("\n", "\r\n")}`, `--- # tail\n${text("c")}# end`];
    await folder.write("all.yaml", `${first}---\n${text("b")}${last}`);
    const store = await folder.open();
    expect(await names(store)).toEqual(["default/a", "default/b", "default/c"]);
    expect((await store.get(b))?.text).toBe(text("b"));
    await saveText(store, b, text("b", "title: B"));
    expect(await folder.read("all.yaml")).toBe(`${first}---\n${text("b", "title: B")}\n${last}`);
    await deleteNewest(store, b);
    expect(await folder.read("all.yaml")).toBe(`${first}${last}`);
    await store.restore({ ...b, basedOn: 3, version: 1, author: { id: "u1", name: "Ann" }, message: "" });
    expect(await folder.read("default/b.yaml")).toBe(text("b"));
    expect(await folder.read("all.yaml")).toBe(`${first}${last}`);
    expect(await storyOf(await folder.open(), b)).toEqual([
      `1 file save ${text("b")}`,
      `2 u1 save ${text("b", "title: B")}`,
      "3 u1 delete",
      `4 u1 restore ${text("b")}`,
    ]);
  });

  test("a document joins the file of its name when somebody has put others there", async () => {
    await folder.write("default/b.yaml", text("a"));
    const store = await folder.open();
    await saveText(store, b, text("b"));
    expect(await folder.read("default/b.yaml")).toBe(`${text("a")}---\n${text("b")}`);
    await deleteNewest(store, a);
    expect(await folder.read("default/b.yaml")).toBe(`---\n${text("b")}`);
    expect(await names(await folder.open())).toEqual(["default/b"]);
  });

  test("several documents in one text are refused", async () => {
    const store = await folder.open();
    await expect(saveText(store, a, `${text("a")}---\n${text("b")}`)).rejects.toMatchObject({ code: "unprocessable" });
    expect(await names(store)).toEqual([]);
  });

  test("rights of a file stay", async () => {
    await folder.write("a.yaml", text("a"));
    await chmod(folder.at("a.yaml"), 0o640);
    const store = await folder.open();
    await saveText(store, a, text("a", "title: A"));
    expect((await stat(folder.at("a.yaml"))).mode & 0o777).toBe(0o640);
  });
});

describe("what people do to files", { timeout }, () => {
  test("becomes versions at the next call: a new document, a change, a removal, and its coming back", async () => {
    const store = await folder.open();
    await folder.write("crm/first.yaml", text("a"));
    const found = await store.get(a);
    expect(found).toMatchObject({ version: 1, author: { id: "file", name: "edited by hand" }, text: text("a") });
    expect(found).toMatchObject({ message: "crm/first.yaml", summary: { title: "found" } });
    await folder.write("crm/first.yaml", text("a", "title: A\n"));
    const { changed, revision } = await store.changesSince(found?.revision ?? 0);
    expect(changed).toMatchObject([{ version: 2, text: text("a", "title: A\n") }]);
    await folder.remove("crm/first.yaml");
    expect((await store.changesSince(revision)).changed).toMatchObject([{ version: 3, change: "delete" }]);
    await folder.write("again.yaml", text("a"));
    await expect(saveText(store, a, text("a", "x: 1\n"))).resolves.toMatchObject({ version: 5 });
    expect(await folder.read("again.yaml")).toBe(text("a", "x: 1\n"));
    expect((await storyOf(store, a)).map((line) => line.split("\n")[0])).toEqual([
      "1 file save name: a # mine",
      "2 file save name: a # mine",
      "3 file delete",
      "4 file save name: a # mine",
      "5 u1 save name: a # mine",
    ]);
  });

  test("is what a save conflicts with", async () => {
    const store = await folder.open();
    const first = await saveText(store, a, text("a"));
    await folder.write("default/a.yaml", text("a", "title: theirs\n"));
    const save = store.save({ ...a, basedOn: 1, author: first.author, message: "", text: text("a", "title: mine\n") });
    await expect(save).rejects.toMatchObject({
      code: "conflict",
      data: { current: { version: 2, author: { id: "file" } } },
    });
    await folder.write("other.yaml", text("b"));
    const create = store.save({ ...b, basedOn: 0, author: first.author, message: "", text: text("b", "x: 1\n") });
    await expect(create).rejects.toMatchObject({ code: "conflict", data: { current: { version: 1 } } });
    expect(await folder.read("default/a.yaml")).toBe(text("a", "title: theirs\n"));
  });

  test("is a version also when it sets back what was saved", async () => {
    const store = await folder.open();
    await saveText(store, a, text("a"));
    await saveText(store, a, text("a", "title: A\n"));
    await folder.write("default/a.yaml", text("a"));
    expect((await storyOf(await folder.open(), a)).map((line) => line.slice(0, 11))).toEqual([
      "1 u1 save n",
      "2 u1 save n",
      "3 file save",
    ]);
  });

  test("makes no version when documents are moved, parted, or joined", async () => {
    await folder.write("all.yaml", `${text("a")}---\n${text("b")}`);
    const store = await folder.open();
    await names(store);
    await folder.write("x/b.yaml", text("b"));
    await folder.write("all.yaml", text("a"));
    expect(await names(store)).toEqual(["default/a", "default/b"]);
    await rename(folder.at("all.yaml"), folder.at("moved.yaml"));
    expect(await names(store)).toEqual(["default/a", "default/b"]);
    await folder.remove("x/b.yaml");
    await folder.write("moved.yaml", `---\n${text("b")}...\n---\n${text("a")}\n\n`);
    expect((await store.get(a))?.version).toBe(1);
    expect((await store.get(b))?.version).toBe(1);
    await saveText(store, a, text("a", "title: A\n"));
    expect(await folder.read("moved.yaml")).toBe(`---\n${text("b")}...\n---\n${text("a", "title: A\n")}`);
  });

  test("renames a document by another name in its text", async () => {
    const store = await folder.open();
    await saveText(store, a, text("a"));
    await folder.write("default/a.yaml", text("b"));
    expect(await names(store)).toEqual(["default/b"]);
    expect(await storyOf(store, a)).toHaveLength(2);
  });

  test("that is not YAML any more is a version of the document that it was, without a summary", async () => {
    await folder.write("all.yaml", `${text("a")}---\n${text("b")}`);
    const store = await folder.open();
    await names(store);
    await folder.write("all.yaml", `${text("a")}---\nname: [broken\n`);
    const found = await store.get(b);
    expect(found).toMatchObject({ version: 2, text: "name: [broken\n", summary: undefined });
    await saveText(store, b, text("b", "title: mended\n"));
    expect(await folder.read("all.yaml")).toBe(`${text("a")}---\n${text("b", "title: mended\n")}`);
    await folder.write("default/c.yaml", "name: [broken\n");
    expect(await store.get(c)).toMatchObject({ version: 1, summary: undefined });
  });

  test("counts when it has come to its end: a file that is emptied and written again was not removed", async () => {
    await folder.write("a.yaml", text("a"));
    const store = await folder.open({ settleMs: 1_000 });
    await names(store);
    await folder.write("a.yaml", "");
    const listing = names(store);
    await setImmediate();
    await folder.write("a.yaml", text("a", "title: A\n"));
    expect(await listing).toEqual(["default/a"]);
    expect((await storyOf(store, a)).map((line) => line.slice(0, 11))).toEqual(["1 file save", "2 file save"]);
  });

  test("removes nothing when a file cannot be read, whatever it held", async () => {
    await folder.write("a.yaml", text("a"));
    const store = await folder.open();
    await names(store);
    await writeFile(folder.at("a.yaml"), Uint8Array.of(0xff, 0xfe));
    expect(await names(store)).toEqual(["default/a"]);
    expect(await names(await folder.open())).toEqual(["default/a"]);
    await expect(saveText(store, a, text("a", "x: 1\n"))).rejects.toMatchObject({ code: "unprocessable" });
    expect(await storyOf(store, a)).toHaveLength(1);
  });

  test("copies nothing: the second file of a document does not count", async () => {
    await folder.write("z.yaml", text("a"));
    const store = await folder.open();
    await names(store);
    await folder.write("a-copy.yaml", text("a", "title: copy\n"));
    expect(await storyOf(store, a)).toHaveLength(1);
    await saveText(store, a, text("a", "title: A\n"));
    expect(await folder.read("z.yaml")).toBe(text("a", "title: A\n"));
    expect(await folder.read("a-copy.yaml")).toBe(text("a", "title: copy\n"));
  });

  test("is seen by every process once", async () => {
    const stores = await Promise.all([folder.open(), folder.open(), folder.open()]);
    await folder.write("a.yaml", text("a"));
    await Promise.all(stores.map(names));
    await folder.write("a.yaml", text("a", "title: A\n"));
    await Promise.all(stores.map(names));
    for (const store of stores) expect(await storyOf(store, a)).toHaveLength(2);
  });
});

describe("a repository", { timeout }, () => {
  test("that is cloned has the whole history", async () => {
    const store = await folder.open();
    await saveText(store, a, text("a"));
    await saveText(store, b, text("b"));
    await saveText(store, a, text("a", "title: A\n"));
    await store.tag(a, 1, "stable");
    await deleteNewest(store, b);
    const clone = await folder.clone();
    others.push(clone);
    const opened = await clone.open();
    for (const ref of [a, b]) expect(await historyOf(opened, ref)).toEqual(await historyOf(store, ref));
    expect(await opened.changesSince(0)).toEqual(await store.changesSince(0));
  });

  test("brings versions of others along when it is pulled while it is served", async () => {
    const store = await folder.open();
    await saveText(store, a, text("a"));
    await saveText(store, b, text("b"));
    const clone = await folder.clone();
    others.push(clone);
    await saveText(await clone.open(), a, text("a", "title: from afar\n"));
    await saveText(store, b, text("b", "title: here\n"));
    const { revision } = await store.changesSince(0);
    for (const path of ["default/a.yaml", ".passerelle/history/default/a"]) {
      await cp(clone.at(path), folder.at(path), { recursive: true });
    }
    const { changed } = await store.changesSince(revision);
    expect(changed).toMatchObject([{ name: "a", version: 2, author: { id: "u1" } }]);
    expect(changed[0]?.revision).toBeGreaterThan(revision);
    expect(await storyOf(store, a)).toHaveLength(2);
    expect((await (await folder.open()).changesSince(revision)).changed).toEqual(changed);
  });

  test("in which a history was damaged refuses that document alone, and writes nothing over it", async () => {
    const store = await folder.open();
    await saveText(store, a, text("a"));
    await saveText(store, b, text("b"));
    const log = ".passerelle/history/default/a/versions.ndjson";
    await folder.write(log, `<<<<<<< HEAD\n${await folder.read(log)}`);
    const opened = await folder.open();
    expect(await names(opened)).toEqual(["default/b"]);
    await expect(opened.get(a)).rejects.toMatchObject({
      code: "unprocessable",
      message: expect.stringContaining("line 1"),
    });
    await expect(opened.delete({ ...a, basedOn: 1, author: { id: "", name: "" }, message: "" })).rejects.toMatchObject({
      code: "unprocessable",
    });
    await saveText(opened, b, text("b", "title: B\n"));
    expect(await folder.read(log)).toContain("<<<<<<< HEAD");
    expect(await folder.read("default/a.yaml")).toBe(text("a"));
  });

  test("in which the text of a version was changed tells it", async () => {
    const store = await folder.open();
    await saveText(store, a, text("a"));
    await saveText(store, a, text("a", "title: A\n"));
    await folder.write(".passerelle/history/default/a/1.yaml", "other");
    await expect(store.get(a, 1)).rejects.toMatchObject({ code: "unprocessable" });
    expect(await store.get(a)).toMatchObject({ version: 2 });
  });
});

describe("a folder that cannot be used", { timeout }, () => {
  const options = { clock: () => 0, summarize: () => undefined };

  test("is refused when it is opened", async () => {
    await folder.write("file", "x");
    for (const root of [folder.at("file"), folder.at("file/below"), "/proc/passerelle", "/sys/kernel"]) {
      await expect(YamlConfigStore.open({ root, ...options })).rejects.toMatchObject({ code: "invalid_configuration" });
    }
  });

  test("tells when it is taken away and works when it is back", async () => {
    const store = await folder.open();
    await saveText(store, a, text("a"));
    await rename(folder.path, `${folder.path}-away`);
    await expect(store.get(a)).rejects.toMatchObject({ code: "unavailable" });
    await expect(store.list({ limit: 1 })).rejects.toMatchObject({ code: "unavailable" });
    await expect(saveText(store, a, text("a", "x: 1\n"))).rejects.toMatchObject({ code: "unavailable" });
    await mkdir(folder.path);
    await expect(store.changesSince(0)).rejects.toMatchObject({ code: "unavailable" });
    await rmdir(folder.path);
    await rename(`${folder.path}-away`, folder.path);
    expect(await saveText(store, a, text("a", "x: 1\n"))).toMatchObject({ version: 2 });
  });

  test("is not left through links", async () => {
    const elsewhere = await DocumentsFolder.make();
    others.push(elsewhere);
    await symlink(elsewhere.path, folder.at("default"));
    const store = await folder.open();
    await expect(saveText(store, a, text("a"))).rejects.toMatchObject({ code: "unprocessable" });
    await elsewhere.write("target.yaml", text("b"));
    await symlink(elsewhere.at("target.yaml"), folder.at("b.yaml"));
    await saveText(store, b, text("b", "title: B\n"));
    expect(await elsewhere.read("target.yaml")).toBe(text("b"));
    expect(await folder.read("b.yaml")).toBe(text("b", "title: B\n"));
    await folder.write("sales", "in the way");
    await expect(saveText(store, nameOf("x", "sales"), text("x"))).rejects.toMatchObject({ code: "unprocessable" });
    await mkdir(dirname(folder.at("other/y.yaml/z")), { recursive: true });
    await expect(saveText(store, nameOf("y", "other"), text("y"))).rejects.toMatchObject({
      code: expect.stringMatching(/unprocessable|unavailable/),
    });
    expect(await names(store)).toEqual(["default/b"]);
  });
});
