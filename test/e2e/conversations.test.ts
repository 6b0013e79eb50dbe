import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MessagePart } from "../../src/core/message-part.ts";
import { cookie } from "../fixtures/authorization/callers.ts";
import { sendAs } from "../fixtures/authorization/send-as.ts";
import { own, startWorld, type World } from "../fixtures/authorization/world.ts";

type Identity = Readonly<Record<string, string>>;
interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly headers: Headers;
  readonly text: string;
  /** Tests look into it by matching. */
  readonly body: Record<string, unknown> & { readonly id: string; readonly items: readonly { readonly id: string }[] };
}

const root = `/tenants/${own.tenant}/conversations`;
let world: World;
let ann: Identity;
let annId: string;
let ben: Identity;
let viewer: Identity;
let administrator: Identity;

beforeAll(async () => {
  world = await startWorld();
  annId = (await world.makeUser({ [own.tenant]: "editor" }, "ann@people.example")).id;
  ann = cookie(await world.signIn(annId));
  const join = async (role: "operator" | "viewer", tenant: string = own.tenant) =>
    cookie(await world.signIn((await world.makeUser({ [tenant]: role })).id));
  [ben, viewer] = [await join("operator"), await join("viewer")];
  administrator = cookie(await world.signIn((await world.makeUser({ "*": "administrator" })).id));
}, 60_000);

afterAll(() => world.close());

async function ask(
  identity: Identity,
  method: "get" | "post" | "patch" | "delete",
  path: string,
  body?: unknown,
  headers: Identity = {},
): Promise<Answer> {
  const answer = await sendAs(world.url, { method, path: root + path }, { body, headers }, identity);
  const isJson = /\bjson$|problem/.test(answer.headers.get("content-type") ?? "");
  return { ...answer, etag: answer.headers.get("etag") ?? "", body: isJson ? JSON.parse(answer.text) : {} };
}

const ifMatch = (etag: string): Identity => ({ "if-match": etag });
const said = (text: string, more: object = {}) => ({ role: "user", parts: [{ kind: "text", text }], ...more });

async function begin(facts: object = {}, identity = ann): Promise<Answer> {
  const made = await ask(identity, "post", "", facts);
  expect(made.status, made.text).toBe(201);
  return made;
}

async function share({ body, etag }: Answer, isShared = true): Promise<Answer> {
  return ask(ann, "patch", `/${body.id}`, { isShared }, ifMatch(etag));
}

async function auditOf(id: string): Promise<unknown[]> {
  const { text } = await sendAs(
    world.url,
    { method: "get", path: `/tenants/${own.tenant}/audit` },
    { query: `?targetId=${id}` },
    administrator,
  );
  const { items } = JSON.parse(text) as { items: { action: string }[] }; // as described
  return items.toReversed();
}

describe("a conversation", () => {
  test("is begun once, written to, branched and found again", async () => {
    const facts = { title: "  Turnover ", model: "gpt-5", servers: ["crm"], settings: { temperature: 0.5 } };
    const once = { "idempotency-key": randomUUID() };
    const made = await ask(ann, "post", "", facts, once);
    expect(made).toMatchObject({ status: 201, etag: '"1"' });
    expect(made.body).toMatchObject({
      ...facts,
      title: "Turnover",
      isOwn: true,
      isShared: false,
      owner: { id: annId },
    });
    expect((await ask(ann, "post", "", facts, once)).text).toBe(made.text);
    const path = `/${made.body.id}`;
    const question = await ask(ann, "post", `${path}/messages`, said("How much in Łódź?"));
    const answer = await ask(ann, "post", `${path}/messages`, said("Much.", { role: "assistant", state: "streaming" }));
    const done = { state: "complete", usage: { inputTokens: 7, outputTokens: 2, costMicroDollars: 31 } };
    const changed = await ask(ann, "patch", `${path}/messages/${answer.body.id}`, done, ifMatch(answer.etag));
    expect(changed).toMatchObject({ status: 200, etag: '"2"', body: { ...done, parts: answer.body["parts"] } });
    const again = said("More.", { role: "assistant", parentId: question.body.id });
    const other = await ask(ann, "post", `${path}/messages`, again);
    const shown = await ask(ann, "get", `${path}/messages`);
    expect(shown.body.items.map(({ id }) => id)).toStrictEqual([question.body.id, other.body.id]);
    // Appending has not changed what the ETag is about.
    const back = await ask(ann, "patch", path, { leafId: answer.body.id, model: null }, ifMatch('"1"'));
    expect(back).toMatchObject({ status: 200, etag: '"2"' });
    expect(back.body).not.toHaveProperty("model");
    expect((await ask(ann, "get", `${path}/messages`)).body.items[1]).toStrictEqual(changed.body);
    expect((await ask(ann, "get", `${path}/messages?of=tree`)).body.items).toHaveLength(3);
    expect((await ask(ann, "get", path)).body).toMatchObject({ totals: { messages: 3, inputTokens: 7 } });
    const found = await ask(ann, "get", "?search=LODZ%20turn");
    expect(found.body.items).toMatchObject([{ id: made.body.id }]);
    await ask(ann, "patch", path, { isArchived: true }, ifMatch('"2"'));
    expect((await ask(ann, "get", "?search=lodz")).body.items).toStrictEqual([]);
    expect((await ask(ann, "get", "?search=lodz&archived=true")).body.items).toHaveLength(1);
    expect(await auditOf(made.body.id)).toStrictEqual([]);
  });

  test("tells who changes it on an old base what it is now", async () => {
    const { body } = await begin({ title: "first" });
    const path = `/${body.id}`;
    await ask(ann, "patch", path, { title: "second" }, ifMatch('"1"'));
    const late = await ask(ann, "patch", path, { title: "third" }, ifMatch('"1"'));
    expect(late).toMatchObject({ status: 409, body: { code: "conflict", current: { title: "second", version: 2 } } });
    expect((await ask(ann, "patch", path, { title: "third" })).status).toBe(428);
    const message = await ask(ann, "post", `${path}/messages`, said("a"));
    const place = `${path}/messages/${message.body.id}`;
    await ask(ann, "patch", place, { state: "interrupted" }, ifMatch('"1"'));
    const stopped = await ask(ann, "patch", place, { state: "complete" }, ifMatch('"1"'));
    expect(stopped).toMatchObject({ status: 409, body: { current: { state: "interrupted", version: 2 } } });
    expect((await ask(ann, "patch", place, {})).status).toBe(428);
  });

  test.each<[string, object, RegExp]>([
    ["a part of another kind", { role: "user", parts: [{ kind: "video", data: "" }] }, /parts\.0/],
    [
      "bytes that are no base64",
      { role: "user", parts: [{ kind: "image", mediaType: "image/png", data: "?" }] },
      /base64/,
    ],
    ["a role that nobody has", { role: "boss", parts: [] }, /role/],
    ["a NUL character", said("a\0b"), /NUL/],
    ["a number of tokens below none", said("a", { usage: { inputTokens: -1 } }), /usage\.inputTokens/],
  ])("takes no message with %s", async (_what, message, words) => {
    const { body } = await begin();
    const answer = await ask(ann, "post", `/${body.id}/messages`, message);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(words);
    expect((await ask(ann, "get", `/${body.id}`)).body).toMatchObject({ totals: { messages: 0 } });
  });

  test("takes a picture of 3 MB and nothing larger", async () => {
    const { body } = await begin();
    const picture = (bytes: number) =>
      said("look", {
        parts: [{ kind: "image", mediaType: "image/png", data: Buffer.alloc(bytes).toString("base64") }],
      });
    expect((await ask(ann, "post", `/${body.id}/messages`, picture(3_000_000))).status).toBe(201);
    const refused = await ask(ann, "post", `/${body.id}/messages`, picture(3_400_000));
    expect(refused).toMatchObject({ status: 413, body: { detail: expect.stringMatching(/at most 4194304/) } });
  });
});

describe("somebody else's conversation", () => {
  test("cannot be told from none by anybody, administrators included", async () => {
    const made = await begin({ title: "my secret plan" });
    const message = await ask(ann, "post", `/${made.body.id}/messages`, said("secretly"));
    const attempts = async (identity: Identity, id: string, messageId: string): Promise<Answer[]> => [
      await ask(identity, "get", `/${id}`),
      await ask(identity, "get", `/${id}/messages?of=tree`),
      await ask(identity, "get", `/${id}/export`),
      await ask(identity, "get", `/${id}/export?format=markdown`),
      await ask(identity, "patch", `/${id}`, { isShared: true }, ifMatch('"1"')),
      await ask(identity, "post", `/${id}/messages`, said("x")),
      await ask(identity, "patch", `/${id}/messages/${messageId}`, { parts: [] }, ifMatch('"1"')),
      await ask(identity, "delete", `/${id}`),
    ];
    const bare = ({ status, body }: Answer): unknown => ({ status, body: { ...body, requestId: "" } });
    const before = await world.dump();
    for (const identity of [ben, administrator]) {
      const real = await attempts(identity, made.body.id, message.body.id);
      const unreal = await attempts(identity, randomUUID(), randomUUID());
      expect(real.map(bare)).toStrictEqual(unreal.map(bare));
      expect(real.map(({ status }) => status)).toStrictEqual(real.map(() => 404));
      for (const query of ["?archived=any", "?of=shared", "?search=secret", "?of=shared&search=secretly"]) {
        expect((await ask(identity, "get", query)).text, query).not.toContain("secret");
      }
    }
    expect(await world.dump()).toBe(before);
  });

  test("that is shared is read by members of the tenant and changed by nobody, until it is private again", async () => {
    const made = await begin({ title: "for all", systemPrompt: "Be brief." });
    const message = await ask(ann, "post", `/${made.body.id}/messages`, said("look here"));
    const shared = await share(made);
    const path = `/${made.body.id}`;
    for (const identity of [ben, viewer, administrator]) {
      expect((await ask(identity, "get", path)).body).toMatchObject({
        isOwn: false,
        owner: { id: annId, name: "ann@people.example" },
      });
      expect((await ask(identity, "get", `${path}/messages`)).body.items).toStrictEqual([message.body]);
      expect((await ask(identity, "get", `${path}/export?format=markdown`)).text).toContain("look here");
      expect((await ask(identity, "get", "?of=shared&search=here")).body.items).toMatchObject([{ id: made.body.id }]);
      expect((await ask(identity, "get", "?search=here")).body.items).toStrictEqual([]);
    }
    const before = await world.dump();
    for (const identity of [ben, administrator]) {
      const answers = [
        await ask(identity, "patch", path, { title: "mine" }, ifMatch(shared.etag)),
        await ask(identity, "post", `${path}/messages`, said("me too")),
        await ask(identity, "patch", `${path}/messages/${message.body.id}`, { parts: [] }, ifMatch('"1"')),
        await ask(identity, "delete", path),
      ];
      expect(answers.map(({ status }) => status)).toStrictEqual([403, 403, 403, 403]);
    }
    expect(await world.dump()).toBe(before);
    await share(shared, false);
    expect((await ask(ben, "get", path)).status).toBe(404);
    await ask(ann, "delete", path);
    expect(await auditOf(made.body.id)).toMatchObject([
      { action: "conversation.share", after: { isShared: true, title: "for all", messages: 1 } },
      { action: "conversation.unshare", after: { isShared: false } },
      { action: "conversation.delete", before: { isShared: false, messages: 1 } },
    ]);
    // Whoever reads the audit log is not told what a private conversation was about.
    expect(JSON.stringify((await auditOf(made.body.id)).slice(1))).not.toContain("for all");
  });

  test("stays readable when its owner is disabled, and is gone with the owner", async () => {
    const { id } = await world.makeUser({ [own.tenant]: "editor" });
    const { conversation } = await world.makeConversation(id, true);
    await world.users.update(id, { status: "disabled" });
    expect((await ask(ben, "get", `/${conversation}`)).status).toBe(200);
    await world.users.delete(id);
    expect((await ask(ben, "get", `/${conversation}`)).status).toBe(404);
  });
});

test("a key has the conversations that were made with it, and its owner has those too", async () => {
  const key = await world.makeKey({ ownerId: annId, tenant: own.tenant, use: { kind: "api", role: "editor" } });
  const program = { authorization: `Bearer ${key.key}` };
  const written = await begin({ title: "of ann alone" });
  const made = await begin({ title: "of the program" }, program);
  expect(made.body).toMatchObject({ isOwn: true, keyId: key.id, owner: { id: annId } });
  expect((await ask(program, "get", `/${written.body.id}`)).status).toBe(404);
  expect((await ask(program, "get", "?archived=any")).body.items).toMatchObject([{ id: made.body.id }]);
  expect((await ask(ann, "post", `/${made.body.id}/messages`, said("hi"))).status).toBe(201);
  await share(written);
  expect((await ask(program, "get", `/${written.body.id}`)).body).toMatchObject({ isOwn: false });
  expect((await ask(program, "delete", `/${written.body.id}`)).status).toBe(403);
});

describe("an export", () => {
  const parts: MessagePart[] = [
    { kind: "reasoning", text: "First\nsecond" },
    { kind: "text", text: "It is **12**." },
    {
      kind: "tool-call",
      id: "1",
      server: "crm",
      tool: "count",
      argumentsText: '{"of":"````"}',
      resultText: '{"content":[]}',
      durationMs: 12.4,
      approval: { state: "granted" },
    },
    { kind: "image", mediaType: "image/png", data: "iVBORw0KGgo=", name: "a`b.png" },
  ];

  test("as JSON has all branches, as Markdown the one that is shown or asked for", async () => {
    const made = await begin({ title: "Größe: 50% <b>#1</b>", servers: ["crm"], systemPrompt: "Be brief." });
    const path = `/${made.body.id}`;
    const question = await ask(ann, "post", `${path}/messages`, said("How many?"));
    const failed = { role: "assistant", state: "failed", error: "429 of the provider", model: "gpt-5" };
    const first = await ask(ann, "post", `${path}/messages`, said("It", failed));
    await ask(ann, "post", `${path}/messages`, { role: "assistant", parentId: question.body.id, parts });
    const json = await ask(ann, "get", `${path}/export`);
    expect(json.headers.get("content-disposition")).toBe('attachment; filename="conversation-gro-e-50-b-1-b.json"');
    expect(json.body).toMatchObject({
      format: "passerelle-conversation",
      version: 1,
      conversation: { id: made.body.id, title: "Größe: 50% <b>#1</b>" },
      messages: [question.body, first.body, { parts, parentId: question.body.id }],
    });
    const markdown = await ask(ann, "get", `${path}/export?format=markdown`);
    expect(markdown.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    expect(markdown.text).toContain("# Größe: 50% \\<b\\>\\#1\\</b\\>\n");
    expect(markdown.text).toContain("\n## System prompt\n\n```\nBe brief.\n```\n");
    expect(markdown.text).toContain("\n## User\n\nHow many?\n\n## Assistant\n\n");
    expect(markdown.text).toContain("> *Reasoning*\n>\n> First\n> second\n\nIt is **12**.\n");
    expect(markdown.text).toContain('**Tool** `count` of `crm` (granted, 12 ms)\n\n`````json\n{"of":"````"}\n`````\n');
    expect(markdown.text).toContain("*[image ``a`b.png``, `image/png`, 8 bytes]*");
    expect(markdown.text).not.toContain("429");
    const other = await ask(ann, "get", `${path}/export?format=markdown&leaf=${first.body.id}`);
    expect(other.text).toContain(
      "## Assistant (`gpt-5`)\n\nIt\n\n*This answer failed.*\n\n```\n429 of the provider\n```",
    );
    expect((await ask(ann, "get", `${path}/export?format=markdown&leaf=none`)).status).toBe(404);
  });

  test("of many large messages is whole", async () => {
    const made = await begin();
    const texts = Array.from({ length: 8 }, (_, index) => `${index}${"x".repeat(1_500_000)}`);
    for (const text of texts)
      await world.conversations.append(
        { tenant: own.tenant, id: made.body.id },
        { role: "user", state: "complete", parts: [{ kind: "text", text }] },
      );
    const { body } = await ask(ann, "get", `/${made.body.id}/export`);
    expect(body["messages"]).toMatchObject(texts.map((text) => ({ parts: [{ text }] })));
  });

  test("of an empty conversation is an empty one", async () => {
    const { body } = await begin();
    expect((await ask(ann, "get", `/${body.id}/export`)).body).toMatchObject({ messages: [] });
    expect((await ask(ann, "get", `/${body.id}/export?format=markdown`)).text).toMatch(/^# Conversation\n/);
  });
});
