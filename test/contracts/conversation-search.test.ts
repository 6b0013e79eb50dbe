import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConversationQuery } from "../../src/core/conversation-store.ts";
import type { MessagePart } from "../../src/core/message-part.ts";
import { databaseKinds } from "../fixtures/databases.ts";
import { type ConversationShelf, openConversationShelf, say } from "../fixtures/conversation-shelf.ts";

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`looking for conversations in ${kind.name}`, () => {
    let shelf: ConversationShelf;
    let ann: string;

    beforeAll(async () => {
      shelf = await openConversationShelf(kind);
    });
    beforeEach(async () => {
      await shelf.empty();
      ann = await shelf.makeUser("ann");
    });
    afterAll(() => shelf.drop());

    async function make(title: string, texts: readonly string[] = [], ownerId = ann): Promise<void> {
      const made = await shelf.create({ title, ownerId });
      for (const text of texts) await shelf.store.append(made, say(text));
      shelf.now += 1;
    }

    async function find(search: string, more: Partial<ConversationQuery> = {}): Promise<string[]> {
      const query = { tenant: "default", of: { kind: "own", ownerId: ann }, limit: 50, search, ...more } as const;
      return (await shelf.store.list(query)).items.map(({ title }) => title);
    }

    test("finds parts of titles and messages, whatever their case and accents", async () => {
      await make("Umsätze der Kunden", ["How many CAFÉS are there?"]);
      await make("Other", ["Die Straße nach Łódź", "get_customer_by_id"]);
      expect(await find("umsatze")).toStrictEqual(["Umsätze der Kunden"]);
      expect(await find("UMSÄTZE")).toStrictEqual(["Umsätze der Kunden"]);
      expect(await find("cafe")).toStrictEqual(["Umsätze der Kunden"]);
      expect(await find("STRASSE lodz")).toStrictEqual(["Other"]);
      expect(await find("customer_by")).toStrictEqual(["Other"]);
      expect(await find("e")).toStrictEqual(["Other", "Umsätze der Kunden"]);
      expect(await find("")).toHaveLength(2);
      expect(await find("cafeteria")).toStrictEqual([]);
    });

    test("finds parts of what is written without spaces", async () => {
      await make("東京の天気", ["明日は雨が降るでしょう。"]);
      await make("서울", ["한국어로 대답해 주세요"]);
      await make("th", ["ภาษาไทยไม่มีช่องว่าง"]);
      await make("emoji", ["a 👩‍👩‍👧 b"]);
      expect(await find("天気")).toStrictEqual(["東京の天気"]);
      expect(await find("雨が")).toStrictEqual(["東京の天気"]);
      expect(await find("雨か")).toStrictEqual([]);
      expect(await find("대답")).toStrictEqual(["서울"]);
      expect(await find("ไม่มี")).toStrictEqual(["th"]);
      expect(await find("👩‍👩‍👧")).toStrictEqual(["emoji"]);
    });

    test("wants every word, wherever it is, and a phrase as it is written", async () => {
      await make("invoices", ["the red fox", "and a blue bird"]);
      await make("blue", ["a red herring"]);
      expect(await find("red blue")).toStrictEqual(["blue", "invoices"]);
      expect(await find("invoices red blue")).toStrictEqual(["invoices"]);
      expect(await find('"red fox"')).toStrictEqual(["invoices"]);
      expect(await find('"fox and"')).toStrictEqual([]);
    });

    test("takes signs of patterns for themselves", async () => {
      await make("100% sure", ["a_b"]);
      await make("1000 sure", ["axb", "back\\slash", 'it\'s "quoted"!']);
      expect(await find("100%")).toStrictEqual(["100% sure"]);
      expect(await find("a_b")).toStrictEqual(["100% sure"]);
      expect(await find("%")).toStrictEqual(["100% sure"]);
      expect(await find("k\\s")).toStrictEqual(["1000 sure"]);
      expect(await find("it's")).toStrictEqual(["1000 sure"]);
      expect(await find("!")).toStrictEqual(["1000 sure"]);
    });

    test("finds a message as it is now, while it streams and afterwards", async () => {
      const made = await shelf.create({ ownerId: ann, title: "stream" });
      const text = (words: string): { parts: MessagePart[] } => ({ parts: [{ kind: "text", text: words }] });
      const message = await shelf.store.append(made, say("alpha", { state: "streaming" }));
      expect(await find("alpha")).toStrictEqual(["stream"]);
      await shelf.store.updateMessage(made, message.id, { ...text("beta"), state: "complete" }, 1);
      expect(await find("alpha")).toStrictEqual([]);
      expect(await find("beta")).toStrictEqual(["stream"]);
      await shelf.store.update(made, { title: "Renamed" }, 1);
      expect(await find("stream")).toStrictEqual([]);
      expect(await find("renamed")).toStrictEqual(["Renamed"]);
    });

    test("finds nothing of others, nor what was deleted", async () => {
      const ben = await shelf.makeUser("ben");
      await make("of ben", ["needle"], ben);
      await make("of ann", ["needle"]);
      const shared = await shelf.create({ ownerId: ben, title: "shared needle" });
      await shelf.store.update(shared, { isShared: true }, 1);
      expect(await find("needle")).toStrictEqual(["of ann"]);
      expect(await find("needle", { of: { kind: "shared" } })).toStrictEqual(["shared needle"]);
      await shelf.users.delete(ben);
      expect(await find("needle", { of: { kind: "shared" } })).toStrictEqual([]);
    });

    test("looks through all of them, in pages that miss none", async () => {
      const names = Array.from({ length: 130 }, (_, index) => `c${index}`);
      for (const name of names) await make(name, [Number(name.slice(1)) % 20 === 0 ? "needle" : "hay"]);
      const expected = ["c120", "c100", "c80", "c60", "c40", "c20", "c0"];
      expect(await find("needle")).toStrictEqual(expected);
      const paged: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const of = { kind: "own", ownerId: ann } as const;
        const page = await shelf.store.list({ tenant: "default", of, limit: 3, search: "needle", cursor });
        paged.push(...page.items.map(({ title }) => title));
        cursor = page.nextCursor;
        if (cursor === undefined) break;
      }
      expect(paged).toStrictEqual(expected);
    });
  });
}
