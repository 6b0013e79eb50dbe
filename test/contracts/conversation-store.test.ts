import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import {
  type Conversation,
  type ConversationChange,
  conversationLimits,
  type ConversationQuery,
  type MessageUsage,
  type NewConversation,
  type NewMessage,
} from "../../src/core/conversation-store.ts";
import type { MessagePart } from "../../src/core/message-part.ts";
import { databaseKinds } from "../fixtures/databases.ts";
import { type ConversationShelf, openConversationShelf, say } from "../fixtures/conversation-shelf.ts";

const nobody = "00000000-0000-4000-8000-000000000000";

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`conversations in ${kind.name}`, () => {
    let shelf: ConversationShelf;
    let ann: string;
    let ben: string;

    beforeAll(async () => {
      shelf = await openConversationShelf(kind);
    });
    beforeEach(async () => {
      await shelf.empty();
      [ann, ben] = [await shelf.makeUser("ann"), await shelf.makeUser("ben")];
    });
    afterAll(() => shelf.drop());

    const create = (more: Partial<NewConversation> = {}): Promise<Conversation> =>
      shelf.create({ ownerId: ann, ...more });
    const append = (to: Conversation, message: Partial<NewMessage> = {}) =>
      shelf.store.append(to, say("hello", message));
    const path = async (of: Conversation, leafId?: string) =>
      (await shelf.store.messages(of, { limit: 200, of: { kind: "path", leafId } })).items;
    const titles = async (query: Partial<ConversationQuery> = {}) =>
      (await shelf.store.list({ tenant: "default", of: { kind: "own", ownerId: ann }, limit: 50, ...query })).items.map(
        ({ title }) => title,
      );

    test("give back what was chosen for them", async () => {
      const facts = {
        title: "Größe 🦊 'quoted' \\ %",
        model: "gpt-5",
        servers: ["crm", "billing"],
        systemPrompt: "Be brief.\r\n🦊",
        settings: { temperature: 0.2, stop: ["\n"], limits: { tokens: null } },
      };
      const made = await create({ ...facts, keyId: "key-1" });
      expect(made).toStrictEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        tenant: "default",
        owner: { id: ann, name: "ann@people.example" },
        keyId: "key-1",
        ...facts,
        isArchived: false,
        isShared: false,
        version: 1,
        totals: { messages: 0, inputTokens: 0, outputTokens: 0, costMicroDollars: 0, latencyMs: 0 },
        createdAt: shelf.now,
        updatedAt: shelf.now,
      });
      expect(await shelf.store.get(made)).toStrictEqual(made);
      expect(await shelf.store.get({ ...made, tenant: "sales" })).toBeUndefined();
      expect(await shelf.store.get({ ...made, id: nobody })).toBeUndefined();
    });

    test("are made for people and tenants that are there, and for nobody else", async () => {
      await expect(create({ ownerId: nobody })).rejects.toMatchObject({ code: "not_found" });
      await expect(create({ tenant: "nowhere" })).rejects.toMatchObject({ code: "not_found" });
    });

    test("are changed by who has seen the version before", async () => {
      const made = await create({ model: "one" });
      shelf.now += 5;
      const change: ConversationChange = { title: "Named", model: null, isArchived: true, isShared: true };
      const changed = await shelf.store.update(made, change, 1);
      const { model: _model, ...rest } = made;
      expect(changed).toStrictEqual({
        ...rest,
        title: "Named",
        isArchived: true,
        isShared: true,
        version: 2,
        updatedAt: shelf.now,
      });
      await expect(shelf.store.update(made, { title: "Late" }, 1)).rejects.toMatchObject({
        code: "conflict",
        data: { current: changed },
      });
      const outcomes = await Promise.allSettled(["a", "b", "c"].map((title) => shelf.store.update(made, { title }, 2)));
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await shelf.store.get(made)).toMatchObject({ version: 3 });
    });

    test("are listed as they were changed, page by page, though others change meanwhile", async () => {
      for (const title of ["a", "b", "c", "d", "e"]) {
        await create({ title });
        // Two at a time have the same time.
        if (title === "b" || title === "d") shelf.now += 1;
      }
      await create({ title: "of ben", ownerId: ben });
      await create({ title: "elsewhere", tenant: "sales" });
      const all = await titles();
      expect(all.slice(0, 1)).toStrictEqual(["e"]);
      expect(all.toSorted()).toStrictEqual(["a", "b", "c", "d", "e"]);
      const paged: string[] = [];
      for (let cursor: string | undefined, pages = 0; pages < 5; pages++) {
        const page = await shelf.store.list({ tenant: "default", of: { kind: "own", ownerId: ann }, limit: 2, cursor });
        paged.push(...page.items.map(({ title }) => title));
        cursor = page.nextCursor;
        if (pages === 0) await create({ title: "new" });
        if (cursor === undefined) break;
      }
      expect(paged).toStrictEqual(all);
      await expect(titles({ cursor: "bm9uc2Vuc2U" })).rejects.toMatchObject({ code: "bad_request" });
    });

    test("are listed to whom the query says: the owner, a key of theirs, the tenant", async () => {
      await create({ title: "mine" });
      await create({ title: "by key", keyId: "key-1" });
      const shared = await create({ title: "shared" });
      await shelf.store.update(shared, { isShared: true }, 1);
      const archived = await create({ title: "old" });
      await shelf.store.update(archived, { isArchived: true, isShared: true }, 1);
      expect((await titles()).toSorted()).toStrictEqual(["by key", "mine", "old", "shared"]);
      expect((await titles({ isArchived: false })).toSorted()).toStrictEqual(["by key", "mine", "shared"]);
      expect(await titles({ of: { kind: "own", ownerId: ann, keyId: "key-1" } })).toStrictEqual(["by key"]);
      expect(await titles({ of: { kind: "own", ownerId: ben } })).toStrictEqual([]);
      expect((await titles({ of: { kind: "shared" } })).toSorted()).toStrictEqual(["old", "shared"]);
      expect(await titles({ of: { kind: "shared" }, isArchived: true })).toStrictEqual(["old"]);
      expect(await titles({ of: { kind: "shared" }, tenant: "sales" })).toStrictEqual([]);
    });

    test("are a tree of messages of which one branch is shown", async () => {
      const made = await create();
      const question = await append(made, { role: "user" });
      const answer = await append(made, { role: "assistant", model: "one" });
      const again = await append(made, { role: "assistant", parentId: question.id, model: "two" });
      const edited = await append(made, { parentId: null });
      expect([question, answer, again, edited].map(({ number, parentId }) => [number, parentId])).toStrictEqual([
        [1, undefined],
        [2, question.id],
        [3, question.id],
        [4, undefined],
      ]);
      expect(await shelf.store.get(made)).toMatchObject({ leafId: edited.id, version: 1, totals: { messages: 4 } });
      expect(await path(made)).toStrictEqual([edited]);
      expect(await path(made, answer.id)).toStrictEqual([question, answer]);
      await shelf.store.update(made, { leafId: again.id }, 1);
      expect(await path(made)).toStrictEqual([question, again]);
      const tree = await shelf.store.messages(made, { limit: 200, of: { kind: "tree" } });
      expect(tree).toStrictEqual({ items: [question, answer, again, edited] });
    });

    test("have no messages of others on their branches", async () => {
      const [one, two] = [await create(), await create()];
      const foreign = await append(two);
      await expect(append(one, { parentId: foreign.id })).rejects.toMatchObject({ code: "unprocessable" });
      await expect(shelf.store.update(one, { leafId: foreign.id }, 1)).rejects.toMatchObject({ code: "unprocessable" });
      await expect(path(one, foreign.id)).rejects.toMatchObject({ code: "not_found" });
      await expect(shelf.store.updateMessage(one, foreign.id, {}, 1)).rejects.toMatchObject({ code: "not_found" });
      const elsewhere = { ...two, tenant: "sales" };
      await expect(append(elsewhere)).rejects.toMatchObject({ code: "not_found" });
      await expect(path(elsewhere)).rejects.toMatchObject({ code: "not_found" });
      expect(await path(one)).toStrictEqual([]);
    });

    test("keep every kind of part as it came", async () => {
      const parts: MessagePart[] = [
        { kind: "text", text: "naïve 🦊 \u0000 \ud800 \\ ' \" \r\n" },
        { kind: "reasoning", text: "hm", signature: "c2ln" },
        { kind: "image", mediaType: "image/png", data: "iVBORw0KGgo=", name: "a.png" },
        { kind: "audio", mediaType: "audio/wav", data: "UklGRg==" },
        { kind: "file", mediaType: "application/pdf", data: "JVBERg==", name: "b.pdf" },
        {
          kind: "tool-call",
          id: "call-1",
          server: "crm",
          tool: "get_customer",
          argumentsText: '{"id": 12345678901234567890',
          approval: { state: "granted", by: "person", decidedAt: 5 },
          resultText: '{"content":[]}',
          isError: false,
          durationMs: 12.5,
        },
        { kind: "prompt", server: "crm", prompt: "greet", arguments: { who: "Ann" }, text: "Greet Ann." },
        { kind: "resource", server: "crm", uri: "crm://customers/1", mediaType: "text/plain", text: "Ann" },
      ];
      const made = await create();
      const message = await append(made, {
        parts,
        error: "half a \ud83d and a \0",
        role: "assistant",
        state: "failed",
      });
      const [kept] = await path(made);
      expect(kept).toStrictEqual(message);
      expect(kept?.parts).toStrictEqual(parts);
      expect(kept?.error).toBe("half a \ufffd and a ");
    });

    test("count what their messages cost, once, also when it becomes known later", async () => {
      const made = await create();
      const usage: MessageUsage = { inputTokens: 10, outputTokens: 3, costMicroDollars: 70, latencyMs: 900 };
      await append(made, { usage });
      const answer = await append(made, { role: "assistant", state: "streaming", usage: { inputTokens: 5 } });
      const done = { state: "complete", usage: { ...usage, firstTokenMs: 200 } } as const;
      const after = await shelf.store.updateMessage(made, answer.id, done, 1);
      expect(after).toMatchObject({ version: 2, state: "complete", usage: done.usage, parts: answer.parts });
      await shelf.store.updateMessage(made, answer.id, { parts: [] }, 2);
      expect((await shelf.store.get(made))?.totals).toStrictEqual({
        messages: 2,
        inputTokens: 20,
        outputTokens: 6,
        costMicroDollars: 140,
        latencyMs: 1_800,
      });
    });

    test("number messages without gaps when many are appended at once", async () => {
      const made = await create();
      // Two handles of SQLite in one process wait for each other in vain: a process has one.
      const stores = kind.name === "SQLite" ? [shelf.store] : [shelf.store, shelf.another(), shelf.another()];
      const usage = { inputTokens: 1 };
      const messages = await Promise.all(
        Array.from({ length: 24 }, (_, index) =>
          (stores[index % stores.length] ?? shelf.store).append(made, say("x", { usage })),
        ),
      );
      expect(messages.map(({ number }) => number).toSorted((a, b) => a - b)).toStrictEqual(
        Array.from({ length: 24 }, (_, index) => index + 1),
      );
      // Each follows the one that was the leaf then.
      expect(await path(made)).toHaveLength(24);
      expect((await shelf.store.get(made))?.totals).toMatchObject({ messages: 24, inputTokens: 24 });
    });

    test("let one of several writers change a message, and tell the others what it is now", async () => {
      const made = await create();
      const { id } = await append(made, { role: "assistant", state: "streaming" });
      const outcomes = await Promise.allSettled(
        ["a", "b", "c"].map((text) => shelf.store.updateMessage(made, id, { parts: [{ kind: "text", text }] }, 1)),
      );
      const [kept] = await path(made);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toMatchObject([{ value: kept }]);
      expect(outcomes.filter(({ status }) => status === "rejected")).toMatchObject(
        Array.from({ length: 2 }, () => ({ reason: { code: "conflict", data: { current: kept } } })),
      );
    });

    test("keep what came of an answer whose process died, and mark it once", async () => {
      const made = await create();
      const dead = await append(made, { role: "assistant", state: "streaming" });
      const alive = await append(made, { role: "assistant", state: "streaming", parentId: null });
      const done = await append(made, { role: "assistant", parentId: null });
      shelf.now += 10;
      const beaten = await shelf.store.updateMessage(made, alive.id, { state: "streaming" }, 1);
      shelf.now += 5;
      const replicas = kind.name === "SQLite" ? [shelf.store] : [shelf.store, shelf.another(), shelf.another()];
      const marked = await Promise.all(replicas.map((store) => store.interruptStreaming(beaten.updatedAt)));
      expect(marked.reduce((sum, count) => sum + count, 0)).toBe(1);
      const { items } = await shelf.store.messages(made, { limit: 10, of: { kind: "tree" } });
      expect(items).toStrictEqual([{ ...dead, state: "interrupted", version: 2, updatedAt: shelf.now }, beaten, done]);
      // The process was not dead after all: it learns of it, and writes over nothing.
      const late = shelf.store.updateMessage(made, dead.id, { state: "complete", parts: [] }, 1);
      await expect(late).rejects.toMatchObject({ code: "conflict", data: { current: items[0] } });
      expect(await shelf.store.interruptStreaming(shelf.now + 1)).toBe(1);
      expect(await shelf.store.interruptStreaming(shelf.now + 1)).toBe(0);
    });

    test("come in pages that a limit and their weight end", async () => {
      const made = await create();
      const large = [{ kind: "text", text: "x".repeat(1_500_000) } as const];
      for (const parts of [large, large, large, undefined, undefined]) await append(made, parts && { parts });
      const sizes: number[] = [];
      const numbers: number[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await shelf.store.messages(made, { limit: 2, of: { kind: "path" }, cursor });
        sizes.push(page.items.length);
        numbers.push(...page.items.map(({ number }) => number));
        cursor = page.nextCursor;
        if (cursor === undefined) break;
      }
      expect(sizes).toStrictEqual([2, 2, 1]);
      expect(numbers).toStrictEqual([1, 2, 3, 4, 5]);
      const weighed = await shelf.store.messages(made, { limit: 200, of: { kind: "path" } });
      expect(weighed.items).toHaveLength(2);
    });

    test("refuse what is too large or too many, and keep what was there", async () => {
      const made = await create();
      const whole = conversationLimits.messageBytes - JSON.stringify([{ kind: "text", text: "" }]).length;
      const first = await append(made, { parts: [{ kind: "text", text: "x".repeat(whole) }] });
      const tooLarge = { parts: [{ kind: "text" as const, text: "x".repeat(whole + 1) }] };
      await expect(append(made, tooLarge)).rejects.toMatchObject({ code: "payload_too_large" });
      const larger = shelf.store.updateMessage(made, first.id, tooLarge, 1);
      await expect(larger).rejects.toMatchObject({ code: "payload_too_large" });
      const settings = { text: "x".repeat(conversationLimits.settingsBytes) };
      await expect(create({ settings })).rejects.toMatchObject({ code: "payload_too_large" });
      const { conversationBytes, messages } = conversationLimits;
      await shelf.set(made.id, { bytes: conversationBytes - 10 });
      await expect(append(made)).rejects.toMatchObject({ code: "payload_too_large" });
      await shelf.set(made.id, { bytes: 0, messages });
      await expect(append(made)).rejects.toMatchObject({ code: "unprocessable" });
      expect(await shelf.store.get(made)).toMatchObject({ leafId: first.id });
    });

    test("of one person are bounded in each tenant, and room comes again", async () => {
      const made = await create();
      await shelf.copy(made.id, conversationLimits.ofPerson - 1);
      await expect(create()).rejects.toMatchObject({ code: "unprocessable" });
      await create({ tenant: "sales" });
      await create({ ownerId: ben });
      expect(await shelf.store.delete(made)).toBe(true);
      await create();
    });

    test("are deleted with their messages", async () => {
      const [made, stays] = [await create(), await create({ title: "stays" })];
      await append(made);
      await append(stays);
      expect(await shelf.store.delete({ ...made, tenant: "sales" })).toBe(false);
      expect(await shelf.store.delete(made)).toBe(true);
      expect(await shelf.store.delete(made)).toBe(false);
      expect(await shelf.store.get(made)).toBeUndefined();
      await expect(append(made)).rejects.toMatchObject({ code: "not_found" });
      expect(await titles()).toStrictEqual(["stays"]);
      expect(await shelf.countRows()).toStrictEqual([1, 1]);
    });

    test.each(["person", "tenant"])("of a %s that was deleted are gone at once, and purged", async (whose) => {
      const tenant = await shelf.makeTenant();
      const made = await create({ tenant });
      await append(made);
      await shelf.store.update(made, { isShared: true }, 1);
      const stays = await create({ ownerId: ben });
      await append(stays);
      if (whose === "person") await shelf.users.delete(ann);
      else await shelf.tenants.delete(tenant);
      expect(await shelf.store.get(made)).toBeUndefined();
      expect(await titles({ tenant, of: { kind: "shared" } })).toStrictEqual([]);
      await expect(append(made)).rejects.toMatchObject({ code: "not_found" });
      expect(await shelf.store.delete(made)).toBe(false);
      expect(await shelf.store.purge()).toBe(1);
      expect(await shelf.store.purge()).toBe(0);
      expect(await shelf.countRows()).toStrictEqual([1, 1]);
      expect(await path(stays)).toHaveLength(1);
    });

    test("of somebody who is disabled stay as they are", async () => {
      const made = await create();
      const shared = await shelf.store.update(made, { isShared: true }, 1);
      await shelf.users.update(ann, { status: "disabled" });
      expect(await shelf.store.get(made)).toStrictEqual(shared);
      expect(await titles({ of: { kind: "shared" } })).toHaveLength(1);
    });

    test("made while their owner is deleted are gone with the owner, whoever was first", async () => {
      const outcomes = await Promise.allSettled([
        ...Array.from({ length: 6 }, () => create()),
        shelf.users.delete(ann),
        ...Array.from({ length: 6 }, () => create()),
      ]);
      const failures = outcomes.filter(({ status }) => status === "rejected");
      for (const failure of failures) expect(failure).toMatchObject({ reason: { code: "not_found" } });
      await shelf.store.purge();
      expect(await shelf.countRows()).toStrictEqual([0, 0]);
    });

    test("can be read through another connection as they were written", async () => {
      const made = await create();
      const message = await append(made);
      const database = new SqlDatabase(shelf.address);
      try {
        const { items } = await shelf.over(database).messages(made, { limit: 1, of: { kind: "path" } });
        expect(items).toStrictEqual([message]);
      } finally {
        await database.close();
      }
    });
  });
}
