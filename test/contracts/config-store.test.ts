import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConfigStore, DocumentRef, DocumentVersion, StoredVersion } from "../../src/core/config-store.ts";
import type { Page } from "../../src/core/page.ts";
import { configStoreKinds, type OpenedPlace, openPlace } from "./config-store-kinds.ts";

const ann = { id: "u1", name: "Ann Ö. 🙂" };
const bob = { id: "u2", name: "Bob" };
const crm: DocumentRef = { tenant: "default", name: "crm" };
const startOfTime = Date.UTC(2026, 10, 1);
/** Many stores are opened and written to durably, beside other tests. */
const timeout = 120_000;

/** The text of a document, as people write it. */
function textOf(ref: DocumentRef, comment: string): string {
  return `# ${comment}\ntenant: ${ref.tenant}\nname: ${ref.name} # its name\nroutes:\n  - prefix: /${ref.name}\n`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

for (const kind of await configStoreKinds()) {
  describe.skipIf(kind.missing !== undefined)(`documents in ${kind.name}`, { timeout }, () => {
    let place: OpenedPlace;
    let store: ConfigStore;
    let now = startOfTime;

    beforeEach(async () => {
      now = startOfTime;
      place = await openPlace(kind, () => now);
      store = place.store;
    }, timeout);

    afterEach(() => place.drop(), timeout);

    /** Saves the next version of a document. */
    async function save(ref: DocumentRef, comment: string, author = ann): Promise<DocumentVersion> {
      const basedOn = (await store.get(ref))?.version ?? 0;
      return store.save({ ...ref, basedOn, author, message: comment, text: textOf(ref, comment) });
    }

    async function remove(ref: DocumentRef): Promise<DocumentVersion> {
      const basedOn = (await store.get(ref))?.version ?? 0;
      return store.delete({ ...ref, basedOn, author: bob, message: "away" });
    }

    const namesOf = ({ items }: Page<DocumentVersion>): string[] =>
      items.map(({ tenant, name }) => `${tenant}/${name}`);
    const versionsOf = ({ items }: Page<DocumentVersion>): number[] => items.map(({ version }) => version);

    describe("versions", () => {
      test("are numbered without gaps and say who, when, why and what", async () => {
        const summary = {
          title: "CRM",
          description: undefined,
          prefixes: ["/crm", "/customers"],
          tools: 3,
          upstreams: ["http", "mcp"],
        };
        const text = textOf(crm, "first");
        const request = { ...crm, basedOn: 0, author: ann, message: "begin ✨\nsecond line", text, summary };
        const first = await store.save(request);
        expect(first).toMatchObject({
          ...crm,
          version: 1,
          change: "save",
          hash: sha256(text),
          author: ann,
          message: "begin ✨\nsecond line",
          savedAt: startOfTime,
          tags: [],
        });
        expect(first.summary).toEqual(summary);
        expect(first.revision).toBeGreaterThan(0);
        expect(first).not.toHaveProperty("text");
        now += 1_000;
        const second = await save(crm, "second", bob);
        expect(second).toMatchObject({ version: 2, author: bob, savedAt: startOfTime + 1_000 });
        expect(second.summary).toBeUndefined();
        expect(second.revision).toBeGreaterThan(first.revision);
        expect(await store.get(crm)).toEqual({ ...second, text: textOf(crm, "second") });
        expect(await store.get(crm, 1)).toEqual({ ...first, text });
      });

      test("that are not there are absent, whatever is asked for", async () => {
        await save(crm, "first");
        expect(await store.get(crm, 2)).toBeUndefined();
        expect(await store.get(crm, 0)).toBeUndefined();
        expect(await store.get(crm, -1)).toBeUndefined();
        expect(await store.get(crm, 1.5)).toBeUndefined();
        for (const name of ["crn", "", "CRM", "crm ", "cr%", "../crm", "crm\0", "x".repeat(10_000)]) {
          expect(await store.get({ ...crm, name })).toBeUndefined();
          expect(await store.history({ ...crm, name }, { limit: 10 })).toEqual({ items: [] });
          expect(await store.get({ ...crm, tenant: name })).toBeUndefined();
        }
      });

      test("are not made by the text that is the newest, also when its answer was lost and it comes again", async () => {
        const first = await save(crm, "first");
        const request = { ...crm, basedOn: 1, author: bob, message: "again", text: textOf(crm, "first") };
        expect(await store.save(request)).toEqual(first);
        expect(await store.save({ ...request, basedOn: 0 })).toEqual(first);
        expect(versionsOf(await store.history(crm, { limit: 10 }))).toEqual([1]);
        const { revision } = await store.changesSince(0);
        expect((await store.changesSince(revision)).changed).toEqual([]);
      });

      test("are not made from a base that is not the newest", async () => {
        const request = { ...crm, author: bob, message: "", text: textOf(crm, "mine") };
        await expect(store.save({ ...request, basedOn: 1 })).rejects.toMatchObject({
          code: "conflict",
          data: undefined,
        });
        await save(crm, "first");
        const current = await save(crm, "second");
        for (const basedOn of [0, 1, 3, -1]) {
          await expect(store.save({ ...request, basedOn })).rejects.toMatchObject({
            code: "conflict",
            message: expect.stringContaining(ann.name),
            data: { current },
          });
          await expect(store.delete({ ...request, basedOn })).rejects.toMatchObject({
            code: "conflict",
            data: { current },
          });
          await expect(store.restore({ ...request, basedOn, version: 1 })).rejects.toMatchObject({ code: "conflict" });
        }
        expect(versionsOf(await store.history(crm, { limit: 10 }))).toEqual([2, 1]);
        expect(await store.get(crm)).toMatchObject({ version: 2, text: textOf(crm, "second") });
      });

      test("of documents of the same name do not mix between tenants", async () => {
        const other = { tenant: "other", name: "crm" };
        await save(crm, "mine");
        await save(other, "theirs");
        await save(other, "theirs again");
        await remove(crm);
        expect(await store.get(other)).toMatchObject({ ...other, version: 2, text: textOf(other, "theirs again") });
        expect(versionsOf(await store.history(other, { limit: 10 }))).toEqual([2, 1]);
        await store.tag(other, 1, "stable");
        expect((await store.get(crm, 1))?.tags).toEqual([]);
        expect(namesOf(await store.list({ limit: 10, tenants: ["other"] }))).toEqual(["other/crm"]);
      });
    });

    describe("texts", () => {
      const kept: readonly [string, string][] = [
        ["comments, tabs and spaces at ends of lines", "# a\n\n\tb:\t1   \n#end"],
        ["line ends of every kind", "a: 1\r\nb: 2\rc: 3\n\n\r\n"],
        ["no line end at all", "a: 1"],
        ["nothing", ""],
        ["a byte order mark, emoji and scripts", "\uFEFFa: 👩‍👩‍👧 – ‮עברית‬ 日本語 é e\u0301 \u{10FFFF}\u2028"],
        ["signs that SQL and templates care for", "a: '\\' \"\\n\" %_ ?? $1 :x ; -- ${b} \\u0000 \\0 `c`"],
        ["control characters", "a: \u0001\u0008\u000B\u000C\u001F\u007F\u0085"],
        ["a megabyte", `# ${"x".repeat(60)} ü 🙂\n`.repeat(15_000)],
      ];

      test.each(kept)("are kept as they were written: %s", async (_what, text) => {
        const saved = await store.save({ ...crm, basedOn: 0, author: ann, message: "", text });
        expect(saved.hash).toBe(sha256(text));
        const reopened = await place.reopen();
        expect((await reopened.get(crm))?.text === text).toBe(true);
        expect((await reopened.changesSince(0)).changed[0]?.text === text).toBe(true);
      });

      test("that no store can keep are refused, and nothing is saved", async () => {
        const request = { ...crm, basedOn: 0, author: ann, message: "", text: textOf(crm, "first") };
        const unprocessable = { code: "unprocessable" };
        await expect(store.save({ ...request, text: "a: \0" })).rejects.toMatchObject(unprocessable);
        await expect(store.save({ ...request, text: "a: \uD83D" })).rejects.toMatchObject(unprocessable);
        await expect(store.save({ ...request, message: "\0" })).rejects.toMatchObject(unprocessable);
        await expect(store.save({ ...request, message: "x".repeat(20_000) })).rejects.toMatchObject(unprocessable);
        await expect(store.save({ ...request, author: { id: "a\0", name: "A" } })).rejects.toMatchObject(unprocessable);
        await expect(store.save({ ...request, text: "x".repeat(5_000_000) })).rejects.toMatchObject({
          code: "payload_too_large",
        });
        for (const name of ["", "../etc/passwd", "a/b", "A", "a ", ".", "..", "a\0", "ü", "x".repeat(65)]) {
          await expect(store.save({ ...request, name })).rejects.toMatchObject(unprocessable);
          await expect(store.save({ ...request, tenant: name })).rejects.toMatchObject(unprocessable);
        }
        expect(await store.changesSince(0)).toMatchObject({ changed: [] });
      });

      test("of the largest size are kept", async () => {
        const text = "'\n\\\"".repeat(1_048_576);
        await store.save({ ...crm, basedOn: 0, author: ann, message: "", text });
        expect((await store.get(crm))?.text === text).toBe(true);
      });
    });

    describe("deleting and restoring", () => {
      test("keeps the history and brings a document back as a new version", async () => {
        await save(crm, "first");
        await save(crm, "second");
        now += 5;
        const deleted = await remove(crm);
        expect(deleted).toMatchObject({ version: 3, change: "delete", hash: "", author: bob, savedAt: now });
        expect(deleted.summary).toBeUndefined();
        expect(await store.get(crm)).toEqual({ ...deleted, text: undefined });
        expect(namesOf(await store.list({ limit: 10 }))).toEqual([]);
        expect(namesOf(await store.list({ limit: 10, state: "deleted" }))).toEqual(["default/crm"]);
        const restored = await store.restore({ ...crm, basedOn: 3, version: 1, author: ann, message: "back" });
        expect(restored).toMatchObject({
          version: 4,
          change: "restore",
          hash: sha256(textOf(crm, "first")),
          author: ann,
        });
        expect(await store.get(crm)).toEqual({ ...restored, text: textOf(crm, "first") });
        expect(namesOf(await store.list({ limit: 10 }))).toEqual(["default/crm"]);
        expect(namesOf(await store.list({ limit: 10, state: "deleted" }))).toEqual([]);
        expect(versionsOf(await store.history(crm, { limit: 10 }))).toEqual([4, 3, 2, 1]);
        expect((await store.get(crm, 2))?.text).toBe(textOf(crm, "second"));
      });

      test("restores the summary with the text, and makes no version of the text that is the newest", async () => {
        const summary = { title: "T", description: "D", prefixes: [], tools: 0, upstreams: [] };
        const request = { ...crm, basedOn: 0, author: ann, message: "", text: textOf(crm, "first"), summary };
        await store.save(request);
        const second = await save(crm, "second");
        expect(await store.restore({ ...crm, basedOn: 2, version: 2, author: bob, message: "" })).toEqual(second);
        const restored = await store.restore({ ...crm, basedOn: 2, version: 1, author: bob, message: "" });
        expect(restored).toMatchObject({ version: 3, summary });
      });

      test("lets a deleted document be saved again, from its deletion on", async () => {
        await save(crm, "first");
        const current = await remove(crm);
        const request = { ...crm, author: ann, message: "", text: textOf(crm, "first") };
        await expect(store.save({ ...request, basedOn: 0 })).rejects.toMatchObject({
          code: "conflict",
          data: { current },
        });
        expect(await store.save({ ...request, basedOn: 2 })).toMatchObject({ version: 3, change: "save" });
      });

      test("finds nothing where there is nothing", async () => {
        const request = { ...crm, author: ann, message: "" };
        const notFound = { code: "not_found" };
        await expect(store.delete({ ...request, basedOn: 0 })).rejects.toMatchObject(notFound);
        await expect(store.restore({ ...request, basedOn: 0, version: 1 })).rejects.toMatchObject(notFound);
        await save(crm, "first");
        await remove(crm);
        await expect(store.delete({ ...request, basedOn: 2 })).rejects.toMatchObject(notFound);
        await expect(store.restore({ ...request, basedOn: 2, version: 7 })).rejects.toMatchObject(notFound);
        await expect(store.restore({ ...request, basedOn: 2, version: 2 })).rejects.toMatchObject(notFound);
        expect(versionsOf(await store.history(crm, { limit: 10 }))).toEqual([2, 1]);
      });
    });

    describe("pages", () => {
      async function walk(read: (cursor: string | undefined) => Promise<Page<DocumentVersion>>) {
        const pages: Page<DocumentVersion>[] = [];
        let cursor: string | undefined;
        do {
          const page = await read(cursor);
          pages.push(page);
          cursor = page.nextCursor;
        } while (cursor !== undefined && pages.length < 100);
        return pages;
      }

      test("of a list come by tenant and name, byte by byte, each document once", async () => {
        const names = ["a", "a-b", "a.b", "a0", "a_b", "aa", "b", "b-1", "b1"];
        for (const tenant of ["t1", "t-2", "t"])
          for (const name of names.toReversed()) await save({ tenant, name }, "x");
        const byBytes = [...names].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
        const expected = ["t", "t-2", "t1"].flatMap((tenant) => byBytes.map((name) => `${tenant}/${name}`));
        for (const limit of [1, 4, 9, 26, 27, 200]) {
          const pages = await walk((cursor) => store.list({ limit, cursor }));
          expect(pages.flatMap(namesOf)).toEqual(expected);
          expect(pages.every(({ items }) => items.length > 0 && items.length <= limit)).toBe(true);
        }
        expect(namesOf(await store.list({ limit: 200, tenants: ["t-2"] }))).toEqual(
          byBytes.map((name) => `t-2/${name}`),
        );
        expect(namesOf(await store.list({ limit: 1, tenants: ["t1", "t", "none", "\0", "T"] }))).toEqual([
          `t/${byBytes[0]}`,
        ]);
        expect(await store.list({ limit: 10, tenants: [] })).toEqual({ items: [] });
      });

      test("of a list stay in place while documents come and go", async () => {
        for (const name of ["b", "d", "f", "h"]) await save({ tenant: "default", name }, "x");
        const first = await store.list({ limit: 2 });
        await save({ tenant: "default", name: "a" }, "x");
        await save({ tenant: "default", name: "e" }, "x");
        await save({ tenant: "default", name: "f" }, "changed");
        await remove({ tenant: "default", name: "d" });
        const rest = await store.list({ limit: 10, cursor: first.nextCursor });
        expect([namesOf(first), namesOf(rest)]).toEqual([
          ["default/b", "default/d"],
          ["default/e", "default/f", "default/h"],
        ]);
        expect(rest.nextCursor).toBeUndefined();
      });

      test("of a list are searched by what names contain, without wildcards", async () => {
        for (const name of ["crm", "crm_two", "crmxtwo", "billing", "my.crm"])
          await save({ tenant: "default", name }, "x");
        const search = async (text: string): Promise<string[]> =>
          (await store.list({ limit: 50, search: text })).items.map(({ name }) => name);
        expect(await search("CRM")).toEqual(["crm", "crm_two", "crmxtwo", "my.crm"]);
        expect(await search("m_t")).toEqual(["crm_two"]);
        expect(await search(".")).toEqual(["my.crm"]);
        expect(await search("")).toHaveLength(5);
        for (const hostile of ["%", "!", "\\", "c%m", "'", "\0", "crm ", "ÇRM"])
          expect(await search(hostile)).toEqual([]);
        const first = await store.list({ limit: 2, search: "crm" });
        const second = await store.list({ limit: 2, search: "crm", cursor: first.nextCursor });
        expect([...namesOf(first), ...namesOf(second)]).toHaveLength(4);
        expect(second.nextCursor).toBeUndefined();
      });

      test("of a list have the newest version of each", async () => {
        await save(crm, "first");
        const second = await save(crm, "second");
        await store.tag(crm, 1, "old");
        await store.tag(crm, 2, "new");
        expect((await store.list({ limit: 10 })).items).toEqual([{ ...second, tags: ["new"] }]);
      });

      test("of a history go from the newest to the oldest", async () => {
        const made: DocumentVersion[] = [];
        for (let index = 1; index <= 7; index++) made.push(await save(crm, `edition ${index}`));
        for (const limit of [1, 3, 7, 200]) {
          const pages = await walk((cursor) => store.history(crm, { limit, cursor }));
          expect(pages.flatMap(({ items }) => items)).toEqual(made.toReversed());
        }
        const first = await store.history(crm, { limit: 3 });
        await save(crm, "edition 8");
        expect(versionsOf(await store.history(crm, { limit: 3, cursor: first.nextCursor }))).toEqual([4, 3, 2]);
      });

      test("refuse cursors that are none", async () => {
        await save(crm, "first");
        await save(crm, "second");
        await save({ ...crm, name: "other" }, "first");
        const ofList = (await store.list({ limit: 1 })).nextCursor;
        const ofHistory = (await store.history(crm, { limit: 1 })).nextCursor;
        const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
        const bad = [
          "",
          "x",
          "[]",
          encode(null),
          encode({}),
          encode(["a"]),
          encode(["a", "b\0"]),
          encode([1.5]),
          encode(["1"]),
        ];
        for (const cursor of [...bad, ofHistory]) {
          await expect(store.list({ limit: 1, cursor })).rejects.toMatchObject({ code: "bad_request" });
        }
        for (const cursor of [...bad, ofList]) {
          await expect(store.history(crm, { limit: 1, cursor })).rejects.toMatchObject({ code: "bad_request" });
        }
      });
    });

    describe("tags", () => {
      test("name a version, move to another, and are taken away", async () => {
        await save(crm, "first");
        await save(crm, "second");
        await store.tag(crm, 1, "v1.0");
        await store.tag(crm, 1, "stable");
        await store.tag(crm, 1, "stable");
        expect((await store.get(crm, 1))?.tags).toEqual(["v1.0", "stable"]);
        await store.tag(crm, 2, "stable");
        await store.tag(crm, 2, "Größe 1 🚀");
        expect((await store.get(crm, 1))?.tags).toEqual(["v1.0"]);
        expect((await store.get(crm, 2))?.tags).toEqual(["stable", "Größe 1 🚀"]);
        await store.untag(crm, "stable");
        await store.untag(crm, "stable");
        await store.untag(crm, "never \0");
        await store.untag({ ...crm, name: "none" }, "v1.0");
        expect((await store.history(crm, { limit: 10 })).items.map(({ tags }) => tags)).toEqual([
          ["Größe 1 🚀"],
          ["v1.0"],
        ]);
      });

      test("leave what is served as it is", async () => {
        await save(crm, "first");
        const { revision } = await store.changesSince(0);
        await store.tag(crm, 1, "stable");
        expect((await store.changesSince(revision)).changed).toEqual([]);
      });

      test("need a version that is there, and a name that people can read", async () => {
        await save(crm, "first");
        for (const version of [0, 2, -1, 1.5]) {
          await expect(store.tag(crm, version, "x")).rejects.toMatchObject({ code: "not_found" });
        }
        await expect(store.tag({ ...crm, name: "none" }, 1, "x")).rejects.toMatchObject({ code: "not_found" });
        await expect(store.tag({ ...crm, name: "\0" }, 1, "x")).rejects.toMatchObject({ code: "not_found" });
        for (const tag of ["", " ", "a ", " a", "a  b", "a\nb", "a\0", "x".repeat(65)]) {
          await expect(store.tag(crm, 1, tag)).rejects.toMatchObject({ code: "unprocessable" });
        }
        expect((await store.get(crm, 1))?.tags).toEqual([]);
      });

      test("that many give at once end at one version each", async () => {
        for (let index = 1; index <= 4; index++) await save(crm, `edition ${index}`);
        const versions = Array.from({ length: 20 }, (_, index) => (index % 4) + 1);
        await Promise.all(versions.flatMap((version) => ["x", "y"].map((tag) => store.tag(crm, version, tag))));
        const { items } = await store.history(crm, { limit: 10 });
        expect(items.flatMap(({ tags }) => tags).sort()).toEqual(["x", "y"]);
      });
    });

    describe("pruning", () => {
      test("forgets old versions, but for the newest, tagged ones, and those of late", async () => {
        for (let index = 1; index <= 10; index++) {
          now = startOfTime + index;
          await save(crm, `edition ${index}`);
        }
        const other = { tenant: "default", name: "other" };
        now = startOfTime;
        await save(other, "only");
        await store.tag(crm, 2, "stable");
        expect(await store.prune({ keepVersions: 3, keepSince: startOfTime + 5 })).toBe(4);
        expect(versionsOf(await store.history(crm, { limit: 50 }))).toEqual([10, 9, 8, 7, 6, 2]);
        expect(await store.prune({ keepVersions: 3, keepSince: startOfTime + 5 })).toBe(0);
        expect(await store.prune({ keepVersions: 1, keepSince: now + 1_000 })).toBe(4);
        expect(versionsOf(await store.history(crm, { limit: 50 }))).toEqual([10, 2]);
        expect(await store.get(crm, 9)).toBeUndefined();
        expect(await store.get(other)).toMatchObject({ version: 1 });
        now = startOfTime + 11;
        expect(await save(crm, "edition 11")).toMatchObject({ version: 11 });
        await store.untag(crm, "stable");
        expect(await store.prune({ keepVersions: 1, keepSince: now })).toBe(2);
        expect(versionsOf(await store.history(crm, { limit: 50 }))).toEqual([11]);
      });

      test("looks through every document", async () => {
        const names = Array.from({ length: 230 }, (_, index) => `server-${index}`);
        for (const name of names) await save({ tenant: "default", name }, "first");
        for (const name of names) await save({ tenant: "default", name }, "second");
        expect(await store.prune({ keepVersions: 1, keepSince: now })).toBe(230);
        const { changed } = await store.changesSince(0);
        expect(changed.every(({ version, text }) => version === 2 && text?.includes("second") === true)).toBe(true);
        expect(changed).toHaveLength(230);
      });
    });

    describe("changes", () => {
      test("are told from the beginning and from any revision on, the newest version of each, by revision", async () => {
        expect(await store.changesSince(0)).toEqual({ revision: expect.any(Number), changed: [], isComplete: true });
        const [a, b, c] = ["a", "b", "c"].map((name) => ({ tenant: "default", name })) as [
          DocumentRef,
          DocumentRef,
          DocumentRef,
        ];
        const versions = [await save(a, "1"), await save(b, "1"), await save(c, "1")];
        const all = await store.changesSince(0);
        expect(all.isComplete).toBe(true);
        expect(all.changed).toEqual(versions.map((version) => ({ ...version, text: textOf(version, "1") })));
        expect(all.revision).toBeGreaterThanOrEqual(versions[2]?.revision ?? Number.NaN);
        const b2 = await save(b, "2");
        await save(a, "2");
        const a3 = await save(a, "3");
        const news = await store.changesSince(all.revision);
        expect(news.isComplete).toBe(false);
        expect(news.changed).toEqual([
          { ...b2, text: textOf(b, "2") },
          { ...a3, text: textOf(a, "3") },
        ]);
        expect(await store.changesSince(news.revision)).toEqual({
          revision: news.revision,
          changed: [],
          isComplete: false,
        });
      });

      test("have deletions, which a complete answer leaves out", async () => {
        const other = { tenant: "default", name: "other" };
        await save(crm, "first");
        await save(other, "first");
        const { revision } = await store.changesSince(0);
        const deleted = await remove(crm);
        expect((await store.changesSince(revision)).changed).toEqual([{ ...deleted, text: undefined }]);
        const all = await store.changesSince(0);
        expect(all.changed.map(({ name }) => name)).toEqual(["other"]);
        expect(all.revision).toBeGreaterThanOrEqual(deleted.revision);
      });

      test("are complete for a revision that this store never had", async () => {
        await save(crm, "first");
        const { revision } = await store.changesSince(0);
        const all = await store.changesSince(revision + 1_000);
        expect(all).toMatchObject({ revision, isComplete: true });
        expect(all.changed).toHaveLength(1);
      });

      test("of a refused save are none", async () => {
        await save(crm, "first");
        const { revision } = await store.changesSince(0);
        await expect(store.save({ ...crm, basedOn: 9, author: bob, message: "", text: "x" })).rejects.toThrow();
        await expect(store.delete({ ...crm, basedOn: 9, author: bob, message: "" })).rejects.toThrow();
        expect((await store.changesSince(revision)).changed).toEqual([]);
      });

      test("come whole and in order to a reader that follows while others write", async () => {
        const second = await place.openAgain();
        const refs = Array.from({ length: 12 }, (_, index) => ({ tenant: "default", name: `server-${index}` }));
        const rounds = 6;
        const newest = new Map<string, StoredVersion>();
        let revision = 0;
        let isWriting = true;
        const follow = async (): Promise<void> => {
          for (let isLast = false; !isLast; ) {
            isLast = !isWriting;
            const changes = await second.changesSince(revision);
            expect(changes.revision).toBeGreaterThanOrEqual(revision);
            for (const version of changes.changed) {
              expect(version.revision).toBeGreaterThan(changes.isComplete ? 0 : revision);
              expect(version.version).toBeGreaterThan(newest.get(version.name)?.version ?? 0);
              newest.set(version.name, version);
            }
            revision = changes.revision;
          }
        };
        const following = follow();
        await Promise.all(
          refs.map(async (ref) => {
            for (let round = 1; round <= rounds; round++) await save(ref, `round ${round}`);
          }),
        ).finally(() => {
          isWriting = false;
        });
        await following;
        for (const ref of refs) {
          expect(newest.get(ref.name)).toMatchObject({ version: rounds, text: textOf(ref, `round ${rounds}`) });
        }
      });

      test("of more documents than are read at once are all there", async () => {
        const count = 250;
        for (let index = 0; index < count; index++) await save({ tenant: "default", name: `server-${index}` }, "first");
        const { changed, revision } = await store.changesSince(0);
        expect(new Set(changed.map(({ name }) => name)).size).toBe(count);
        expect(changed.map((version) => version.revision)).toEqual(
          changed.map((version) => version.revision).sort((a, b) => a - b),
        );
        expect((await store.changesSince(revision)).changed).toEqual([]);
      });
    });

    describe("writers at the same time", () => {
      test("win once in each round, and each loser learns who did", async () => {
        const second = await place.openAgain();
        const writers = 50;
        for (let round = 0; round < 4; round++) {
          const outcomes = await Promise.allSettled(
            Array.from({ length: writers }, (_, writer) =>
              (writer % 2 === 0 ? store : second).save({
                ...crm,
                basedOn: round,
                author: { id: `w${writer}`, name: `Writer ${writer}` },
                message: "",
                text: textOf(crm, `round ${round}, writer ${writer}`),
              }),
            ),
          );
          const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
          const lost = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
          expect(won).toHaveLength(1);
          expect(lost).toHaveLength(writers - 1);
          for (const error of lost) expect(error).toMatchObject({ code: "conflict", data: { current: won[0] } });
          expect(await second.get(crm)).toMatchObject({ version: round + 1, author: won[0]?.author });
        }
        expect(versionsOf(await store.history(crm, { limit: 10 }))).toEqual([4, 3, 2, 1]);
      });

      test("of different documents all win, with revisions of their own", async () => {
        const second = await place.openAgain();
        const saved = await Promise.all(
          Array.from({ length: 60 }, (_, index) => {
            const ref = { tenant: "default", name: `server-${index}` };
            const request = { ...ref, basedOn: 0, author: ann, message: "", text: textOf(ref, "first") };
            return (index % 2 === 0 ? store : second).save(request);
          }),
        );
        expect(saved.every(({ version }) => version === 1)).toBe(true);
        expect(new Set(saved.map(({ revision }) => revision)).size).toBe(60);
      });

      test("of one deletion and one save end as one of the two says", async () => {
        await save(crm, "first");
        const request = { ...crm, basedOn: 1, author: bob, message: "", text: textOf(crm, "second") };
        const outcomes = await Promise.allSettled([store.delete(request), store.save(request)]);
        expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        expect(versionsOf(await store.history(crm, { limit: 10 }))).toEqual([2, 1]);
      });
    });

    describe("loading", () => {
      /** A history with a version that was forgotten, a deletion and tags. */
      async function history(from: ConfigStore, ref: DocumentRef): Promise<StoredVersion[]> {
        const { items } = await from.history(ref, { limit: 200 });
        const versions = await Promise.all(items.map(({ version }) => from.get(ref, version)));
        return versions.flatMap((version) => (version === undefined ? [] : [version])).toReversed();
      }

      test("brings a whole history over as it was", async () => {
        for (let index = 1; index <= 4; index++) {
          now += 1_000;
          await save(crm, `edition ${index}`, index % 2 === 0 ? ann : bob);
        }
        await remove(crm);
        await store.restore({ ...crm, basedOn: 5, version: 3, author: ann, message: "back" });
        await store.tag(crm, 3, "stable");
        await store.tag(crm, 3, "v3");
        await store.prune({ keepVersions: 5, keepSince: now });
        const versions = await history(store, crm);
        expect(versions.map(({ version }) => version)).toEqual([2, 3, 4, 5, 6]);
        const target = await openPlace(kind, () => startOfTime - 1);
        try {
          const before = await target.store.changesSince(0);
          await target.store.load(versions);
          const withoutRevisions = (all: StoredVersion[]) => all.map((version) => ({ ...version, revision: 0 }));
          const loaded = await history(target.store, crm);
          expect(withoutRevisions(loaded)).toEqual(withoutRevisions(versions));
          const revisions = loaded.map(({ revision }) => revision);
          expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
          expect(revisions[0]).toBeGreaterThan(before.revision);
          const { changed } = await target.store.changesSince(before.revision);
          expect(changed).toEqual([loaded.at(-1)]);
          const next = { ...crm, basedOn: 6, author: bob, message: "", text: textOf(crm, "seventh") };
          expect(await target.store.save(next)).toMatchObject({ version: 7 });
        } finally {
          await target.drop();
        }
      });

      test("brings a deleted document over as a deleted one", async () => {
        await save(crm, "first");
        await remove(crm);
        const versions = (await history(store, crm)).map((version) => ({ ...version, name: "copy" }));
        await store.load(versions);
        expect(namesOf(await store.list({ limit: 10, state: "deleted" }))).toEqual(["default/copy", "default/crm"]);
        expect(namesOf(await store.list({ limit: 10 }))).toEqual([]);
      });

      test("leaves a document alone that is there already, deleted ones too", async () => {
        const current = await save(crm, "first");
        const versions = await history(store, crm);
        await expect(store.load(versions)).rejects.toMatchObject({ code: "conflict", data: { current } });
        await remove(crm);
        await expect(store.load(versions)).rejects.toMatchObject({ code: "conflict" });
        expect(versionsOf(await store.history(crm, { limit: 10 }))).toEqual([2, 1]);
      });

      test("refuses what is no history, as a whole", async () => {
        await save(crm, "first");
        await save(crm, "second");
        const [first, second] = (await history(store, crm)).map((version) => ({ ...version, name: "copy" })) as [
          StoredVersion,
          StoredVersion,
        ];
        const bad: readonly (readonly StoredVersion[])[] = [
          [],
          [second, first],
          [first, first],
          [first, { ...second, name: "other" }],
          [first, { ...second, tenant: "other" }],
          [{ ...first, version: 0 }],
          [{ ...first, version: 1.5 }],
          [{ ...first, text: undefined }],
          [first, { ...second, change: "delete" }],
          [first, { ...second, text: "\0" }],
          [{ ...first, name: "../copy" }],
        ];
        for (const versions of bad) {
          await expect(store.load(versions)).rejects.toMatchObject({ code: "unprocessable" });
        }
        expect(await store.get({ ...crm, name: "copy" })).toBeUndefined();
      });
    });

    test("everything is there after the store was closed and opened again", async () => {
      await save(crm, "first");
      const second = await save(crm, "second");
      await store.tag(crm, 2, "stable");
      await save({ ...crm, name: "other" }, "first");
      await remove({ ...crm, name: "other" });
      const before = await store.changesSince(0);
      const reopened = await place.reopen();
      expect(await reopened.get(crm)).toEqual({ ...second, tags: ["stable"], text: textOf(crm, "second") });
      expect(await reopened.changesSince(0)).toEqual(before);
      const next = await reopened.save({ ...crm, basedOn: 2, author: bob, message: "", text: textOf(crm, "third") });
      expect(next.version).toBe(3);
      expect(next.revision).toBeGreaterThan(before.revision);
      await reopened.close();
      await reopened.close();
    });
  });
}
