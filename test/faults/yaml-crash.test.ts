import { readdir } from "node:fs/promises";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import type { YamlConfigStore } from "../../src/adapters/yaml/yaml-config-store.ts";
import type { DocumentRef } from "../../src/core/config-store.ts";
import { deleteNewest, DocumentsFolder, historyOf, nameOf, saveText } from "../fixtures/documents-folder.ts";
import { type DiskFault, DyingDisk } from "../fixtures/dying-disk.ts";

const timeout = 120_000;
const [a, b] = [nameOf("a"), nameOf("b")];
const author = { id: "u1", name: "Ann" };
const text = (name: string, edition: number): string => `name: ${name}\ntitle: ${edition}\n`;

interface Change {
  readonly what: string;
  /** What is changed, and the file that it is seen in. */
  readonly ref: DocumentRef;
  readonly file: string;
  readonly before: (store: YamlConfigStore, folder: DocumentsFolder) => Promise<unknown>;
  readonly change: (store: YamlConfigStore) => Promise<unknown>;
  /** Before and after. */
  readonly states: readonly [State, State];
}

interface State {
  readonly versions: readonly number[];
  readonly tags: readonly string[];
  readonly file: string | undefined;
}

const state = (versions: readonly number[], file: string | undefined, tags: readonly string[] = []): State => ({
  versions,
  tags,
  file,
});

const twoVersions = async (store: YamlConfigStore): Promise<void> => {
  await saveText(store, a, text("a", 1));
  await saveText(store, a, text("a", 2));
};

const changes: readonly Change[] = [
  {
    what: "the first save of a document",
    ref: a,
    file: "default/a.yaml",
    before: async () => undefined,
    change: (store) => saveText(store, a, text("a", 1)),
    states: [state([], undefined), state([1], text("a", 1))],
  },
  {
    what: "a save",
    ref: a,
    file: "default/a.yaml",
    before: twoVersions,
    change: (store) => saveText(store, a, text("a", 3)),
    states: [state([1, 2], text("a", 2)), state([1, 2, 3], text("a", 3))],
  },
  {
    what: "a save between other documents",
    ref: a,
    file: "all.yaml",
    before: async (_store, folder) => {
      await folder.write("all.yaml", `${text("b", 1)}---\n${text("a", 1)}---\nname: c\n`);
    },
    change: (store) => saveText(store, a, text("a", 2)),
    states: [
      state([1], `${text("b", 1)}---\n${text("a", 1)}---\nname: c\n`),
      state([1, 2], `${text("b", 1)}---\n${text("a", 2)}---\nname: c\n`),
    ],
  },
  {
    what: "a deletion",
    ref: a,
    file: "default/a.yaml",
    before: twoVersions,
    change: (store) => deleteNewest(store, a),
    states: [state([1, 2], text("a", 2)), state([1, 2, 3], undefined)],
  },
  {
    what: "a restoration",
    ref: a,
    file: "default/a.yaml",
    before: async (store) => {
      await twoVersions(store);
      await deleteNewest(store, a);
    },
    change: (store) => store.restore({ ...a, basedOn: 3, version: 1, author, message: "" }),
    states: [state([1, 2, 3], undefined), state([1, 2, 3, 4], text("a", 1))],
  },
  {
    what: "loading",
    ref: b,
    file: "default/b.yaml",
    before: twoVersions,
    change: async (store) => {
      const versions = (await historyOf(store, a)).map(({ version, ...rest }) => ({
        ...rest,
        version,
        name: "b",
        text: text("b", version),
      }));
      await store.load(versions);
    },
    states: [state([], undefined), state([1, 2], text("b", 2))],
  },
  {
    what: "pruning",
    ref: a,
    file: "default/a.yaml",
    before: twoVersions,
    change: (store) => store.prune({ keepVersions: 1, keepSince: 1e15 }),
    states: [state([1, 2], text("a", 2)), state([2], text("a", 2))],
  },
  {
    what: "a tag",
    ref: a,
    file: "default/a.yaml",
    before: twoVersions,
    change: (store) => store.tag(a, 2, "stable"),
    states: [state([1, 2], text("a", 2)), state([1, 2], text("a", 2), ["stable"])],
  },
  {
    what: "finding a change by hand",
    ref: a,
    file: "default/a.yaml",
    before: async (store, folder) => {
      await twoVersions(store);
      await folder.write("default/a.yaml", text("a", 3));
    },
    change: (store) => store.list({ limit: 10 }),
    // Whoever looks next finds it.
    states: [state([1, 2, 3], text("a", 3)), state([1, 2, 3], text("a", 3))],
  },
];

let folder: DocumentsFolder;

beforeEach(async () => {
  folder = await DocumentsFolder.make();
});

afterEach(() => folder.drop(), timeout);

afterAll(async () => {
  for (const made of preparations.values()) await made.drop();
}, timeout);

async function stateOf(store: YamlConfigStore, { ref, file }: Change): Promise<State> {
  const versions = await historyOf(store, ref);
  const content = await folder.read(file).catch(() => undefined);
  return state(
    versions.map(({ version }) => version),
    content,
    versions.at(-1)?.tags,
  );
}

/** Makes a change with a fault at its nth step; answers whether there was such a step, and what came of it. */
async function changeWithFault(change: Change, step: number, fault: DiskFault) {
  const before = await prepared(change);
  await folder.drop();
  folder = await before.copy();
  const disk = new DyingDisk(step + stepsOfOpening, fault);
  const store = await folder.open({ disk });
  const outcome = await change.change(store).then(
    () => "acknowledged" as const,
    (error: unknown) => error,
  );
  return { store, isReached: disk.isDead, outcome };
}

const preparations = new Map<Change, DocumentsFolder>();

/** The folder as it is before a change. */
async function prepared(change: Change): Promise<DocumentsFolder> {
  const known = preparations.get(change);
  if (known !== undefined) return known;
  const made = await DocumentsFolder.make();
  preparations.set(change, made);
  const store = await made.open();
  await change.before(store, made);
  await store.close();
  return made;
}

/** Opening a folder that is there makes one step: it looks after the folder of histories. */
const stepsOfOpening = 1;

async function expectUsable(store: YamlConfigStore, ref: DocumentRef): Promise<void> {
  const before = (await store.get(ref))?.version ?? 0;
  const saved = await saveText(store, ref, text(ref.name, 99));
  expect(saved.version).toBe(before + 1);
  expect(await store.get(ref)).toMatchObject({ version: before + 1, text: text(ref.name, 99) });
}

/** Files that were being written when the process was killed, where people would see them. */
async function leftovers(): Promise<string[]> {
  const names = await readdir(folder.path, { recursive: true });
  return names.filter((name) => name.endsWith(".new") && !name.startsWith(".passerelle"));
}

describe.each(changes)("$what", { timeout }, (change) => {
  test.each<DiskFault>(["before", "half"])("that is killed at any step (%s) has happened or has not", async (fault) => {
    for (let step = 1; ; step++) {
      const { isReached, outcome } = await changeWithFault(change, step, fault);
      const opened = await folder.open();
      const found = await stateOf(opened, change);
      expect(change.states, `step ${step}`).toContainEqual(found);
      if (outcome === "acknowledged") expect(found).toEqual(change.states[1]);
      expect(await stateOf(await folder.open(), change)).toEqual(found);
      expect(await leftovers()).toEqual([]);
      await expectUsable(opened, change.ref);
      if (!isReached) {
        expect(step).toBeGreaterThan(1);
        return;
      }
    }
  });

  test("that meets a full disk at any step fails with a reason, and works when there is room again", async () => {
    for (let step = 1; ; step++) {
      const { store, isReached, outcome } = await changeWithFault(change, step, "full");
      if (!isReached) return;
      if (outcome !== "acknowledged") {
        expect(outcome).toMatchObject({ code: "unavailable", message: expect.stringContaining("disk is full") });
      }
      expect(change.states, `step ${step}`).toContainEqual(await stateOf(store, change));
      await expectUsable(store, change.ref);
    }
  });
});

test("what a person writes after the program was killed counts, and is told from what the program left undone", async () => {
  const save = changes[1];
  let reverted = 0;
  for (let step = 1; save !== undefined; step++) {
    const { isReached } = await changeWithFault(save, step, "before");
    if (!isReached) break;
    await folder.write(save.file, text("a", 7));
    const found = await historyOf(await folder.open(), a);
    expect(found.at(-1)).toMatchObject({ author: { id: "file" }, text: text("a", 7) });
    expect(found.map(({ version }) => version)).toEqual(found.map((_, index) => index + 1));
    if (found.length === 4) reverted++;
  }
  // From the line in the history on, the version of the program is there too.
  expect(reverted).toBeGreaterThan(0);
}, 120_000);
