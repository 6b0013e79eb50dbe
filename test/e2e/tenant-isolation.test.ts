import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cookie } from "../fixtures/authorization/callers.ts";
import { operationCases } from "../fixtures/authorization/requests.ts";
import { everyOperation, sendAs, type SentAnswer, sendPath } from "../fixtures/authorization/send-as.ts";
import {
  type ConversationIds,
  gatewayToken,
  other,
  own,
  serverText,
  startWorld,
  type World,
} from "../fixtures/authorization/world.ts";
import { send } from "../fixtures/raw-http.ts";

const limitMs = 120_000;
type Identity = Readonly<Record<string, string>>;

let world: World;
/** Administrators of the own tenant, of the other one, and of everything. */
let here: Identity;
let there: Identity;
let everywhere: Identity;
/** Who `here` is. */
let hereId: string;
/** Key of the other tenant. */
let foreignKey: string;

beforeAll(async () => {
  world = await startWorld(gatewayToken);
  hereId = (await world.makeUser({ [own.tenant]: "administrator" }, "here@people.example")).id;
  const thereId = (await world.makeUser({ [other.tenant]: "administrator" }, `there@${other.word}.example`)).id;
  here = cookie(await world.signIn(hereId));
  there = cookie(await world.signIn(thereId));
  everywhere = cookie(await world.signIn((await world.makeUser({ "*": "administrator" })).id));
  const use = { kind: "mcp" } as const;
  foreignKey = (await world.makeKey({ ownerId: thereId, tenant: other.tenant, use }, `${other.word} second`)).id;
}, limitMs);

afterAll(() => world.close());

/** Sends it to an address below `/api/v1`. */
function ask(identity: Identity, method: Method, path: string, body?: unknown, headers?: Identity) {
  return sendAs(world.url, { method, path }, { body, ...(headers === undefined ? {} : { headers }) }, identity);
}

type Method = "get" | "post" | "put" | "patch" | "delete";

function expectNothingOf(word: string, { text, headers }: SentAnswer, label: string): void {
  expect((text + JSON.stringify([...headers])).toLowerCase(), label).not.toContain(word);
}

describe("what is of another tenant", () => {
  let before: string;
  beforeEach(async () => {
    before = await world.dump();
  });
  // Nothing here may leave a trace, but for what was looked at.
  afterEach(async () => expect(await world.dump()).toBe(before));

  test("is not found by its name in one's own", async () => {
    const server = `/tenants/${own.tenant}/servers/${other.word}-crm`;
    const secret = `/tenants/${own.tenant}/secrets/${other.word}-token`;
    const key = `/tenants/${own.tenant}/keys/${foreignKey}`;
    const member = `/tenants/${own.tenant}/members/${world.memberOf.get(other)}`;
    const ifMatch = { "if-match": '"2"' };
    const text = serverText(own.tenant, `${other.word}-crm`);
    const answers = [
      await ask(here, "get", server),
      await ask(here, "put", server, { text }, ifMatch),
      await ask(here, "delete", server, undefined, ifMatch),
      await ask(here, "post", `${server}/restore`, { version: 1 }, ifMatch),
      await ask(here, "post", `${server}/duplicate`, { name: "copy" }),
      await ask(here, "get", `${server}/versions`),
      await ask(here, "get", `${server}/versions/1`),
      await ask(here, "get", `${server}/diff?from=1&to=2`),
      await ask(here, "put", `${server}/tags/mine`, { version: 1 }),
      await ask(here, "delete", `${server}/tags/${other.word}-tag`),
      await ask(here, "post", `${server}/preview`, {}),
      await ask(here, "post", `${server}/tools/echo/run`, {}),
      await ask(here, "post", `/tenants/${own.tenant}/upstreams/probe`, {
        server: `${other.word}-crm`,
        upstream: "api",
      }),
      ...(await askForConversation(world.conversationOf.get(other))),
      await ask(here, "delete", secret),
      await ask(here, "post", `${key}/rotate`),
      await ask(here, "delete", key),
      await ask(here, "put", member, { role: "administrator" }),
      await ask(here, "delete", member),
    ];
    expect(answers.map(({ status }) => status)).toStrictEqual(answers.map(() => 404));
  });

  /** Shared over there: whoever administers this tenant is no member of that one. */
  async function askForConversation(ids: ConversationIds | undefined): Promise<SentAnswer[]> {
    const conversation = `/tenants/${own.tenant}/conversations/${ids?.conversation}`;
    const ifMatch = { "if-match": '"2"' };
    return [
      await ask(here, "get", conversation),
      await ask(here, "patch", conversation, { title: "mine" }, ifMatch),
      await ask(here, "delete", conversation),
      await ask(here, "get", `${conversation}/export`),
      await ask(here, "get", `${conversation}/messages?of=tree`),
      await ask(here, "post", `${conversation}/messages`, { role: "user", parts: [] }),
      await ask(here, "patch", `${conversation}/messages/${ids?.message}`, { parts: [] }, ifMatch),
    ];
  }

  test("is not written by a text that says it is of there", async () => {
    const text = serverText(other.tenant, "intruder");
    const created = await ask(here, "post", `/tenants/${own.tenant}/servers`, { text });
    const saved = await ask(
      here,
      "put",
      `/tenants/${own.tenant}/servers/${own.word}-crm`,
      { text: serverText(other.tenant, `${own.word}-crm`) },
      { "if-match": '"2"' },
    );
    expect([created.status, saved.status]).toStrictEqual([422, 422]);
  });

  test("cannot be told from what is not there", async () => {
    for (const { id, method, path, access } of everyOperation()) {
      if (access.kind !== "permission") continue;
      const sent = (await operationCases[id]?.make?.(world)) ?? {};
      before = await world.dump();
      const absent = {
        ...sent,
        params: { ...sent.params, tenant: "nowhere", name: "nothing", user: "nobody", key: "no" },
      };
      const [real, unreal] = [
        await sendAs(world.url, { method, path }, sent, there),
        await sendAs(world.url, { method, path }, absent, there),
      ];
      expect(real.status, id).toBe(403);
      expect({ ...JSON.parse(real.text), requestId: "" }, id).toStrictEqual({
        ...JSON.parse(unreal.text),
        requestId: "",
      });
    }
  });

  test("is in no list of one's own, whatever the query says", async () => {
    const page = await ask(there, "get", `/tenants/${other.tenant}/keys?limit=1`);
    const { nextCursor } = JSON.parse(page.text) as { nextCursor: string }; // it has two keys
    expect(nextCursor).toEqual(expect.any(String));
    const lists = ["servers", "conversations", "secrets", "keys", "members", "audit", "audit/export"];
    const queries = ["", `?tenant=${other.tenant}`, `?tenants=${other.tenant}`, "?tenant=*", "?tenant=&tenant=*"];
    for (const list of lists) {
      for (const query of queries) {
        const answer = await ask(here, "get", `/tenants/${own.tenant}/${list}${query}`);
        expect(answer.status, list + query).toBe(200);
        expectNothingOf(other.word, answer, list + query);
      }
    }
    for (const query of ["?of=shared", `?of=shared&search=${other.word}`, `?search=${other.word}&archived=any`]) {
      const answer = await ask(here, "get", `/tenants/${own.tenant}/conversations${query}`);
      expect(answer.status, query).toBe(200);
      expectNothingOf(other.word, answer, query);
    }
    const paged = await ask(here, "get", `/tenants/${own.tenant}/keys?cursor=${encodeURIComponent(nextCursor)}`);
    expectNothingOf(other.word, paged, "a cursor of the other tenant");
    // Exporting is recorded.
    before = await world.dump();
  });

  test("is nothing that a member of one tenant hears of", async () => {
    const instance = ["/tenants", "/users", "/audit", "/audit/export", "/gateways", "/settings"];
    const everyTenant = ["keys", "members", "audit", "audit/export"].map((list) => `/tenants/*/${list}`);
    for (const path of [...instance, ...everyTenant, `/audit?tenant=${own.tenant}`, `/users?tenant=${own.tenant}`]) {
      const answer = await ask(here, "get", path);
      expect(answer.status, path).toBe(403);
      expectNothingOf(other.word, answer, path);
    }
    const me = await ask(here, "get", "/me");
    expect(JSON.parse(me.text)).toMatchObject({
      tenants: [{ id: own.tenant }],
      roles: { [own.tenant]: "administrator" },
    });
    expectNothingOf(other.word, me, "/me");
  });

  test("is reached by no trick with the address", async () => {
    const root = "/api/v1/tenants";
    const paths = [
      `${root}/${own.tenant}/../${other.tenant}/servers`,
      `${root}/${own.tenant}%2f..%2f${other.tenant}/servers`,
      `${root}/${own.tenant}/%2e%2e/${other.tenant}/servers`,
      `${root}/${own.tenant}/servers/..%2f..%2f${other.tenant}%2fservers%2f${other.word}-crm`,
      `${root}/${own.tenant}/servers/%2e%2e%2f%2e%2e%2f${other.tenant}`,
      `${root}/${own.tenant}/servers/../../${other.tenant}/servers/${other.word}-crm`,
      `${root}/${own.tenant}%00/servers`,
      `${root}/${own.tenant}%252f${other.tenant}/servers`,
      `${root}/${own.tenant};${other.tenant}/servers`,
      `${root}/${own.tenant},${other.tenant}/servers`,
      `${root}/${other.tenant.toUpperCase()}/servers`,
      `${root}/${other.tenant}%20/servers`,
      `${root}/%73outh/servers`,
      `${root}/${other.tenant}/servers/`,
      `${root}//${other.tenant}/servers`,
      `/api/v1//tenants/${other.tenant}/servers`,
      `//api/v1/tenants/${other.tenant}/servers`,
      `/API/v1/tenants/${other.tenant}/servers`,
      `${root}/*/servers`,
      `${root}/%2a/members`,
      `${root}/__proto__/members`,
      `${root}/constructor/servers`,
      `${root}/${other.tenant}/servers?tenant=${own.tenant}`,
      `${root}/${other.tenant}/servers#/${own.tenant}`,
    ];
    for (const path of paths) {
      for (const method of ["GET", "HEAD", "OPTIONS"]) {
        const answer = await sendPath(world.url, { method, path, identity: here });
        expect(answer.status, `${method} ${path}`).toBeGreaterThanOrEqual(400);
        expect(answer.status, `${method} ${path}`).toBeLessThan(500);
        expect(answer.text.toLowerCase(), `${method} ${path}`).not.toContain(other.word);
      }
    }
  });

  test("is reached by no header that names another address or method", async () => {
    const address = `${world.url}/api/v1/tenants/${other.tenant}/servers`;
    for (const name of ["x-original-url", "x-rewrite-url", "x-forwarded-path", "x-tenant", "x-passerelle-tenant"]) {
      const answer = await send(address, { headers: { ...here, [name]: `/api/v1/tenants/${own.tenant}/servers` } });
      expect(answer.status, name).toBe(403);
    }
    const server = `${world.url}/api/v1/tenants/${own.tenant}/servers/${own.word}-crm`;
    for (const name of ["x-http-method-override", "x-method-override", "x-http-method"]) {
      // Read as a DELETE, it would not need the CSRF token any more.
      const { cookie: held = "" } = here;
      const answer = await send(`${server}?_method=DELETE`, { headers: { cookie: held, [name]: "DELETE" } });
      expect(answer.status, name).toBe(200);
    }
  });
});

test("a role is asked for again when a request is repeated with its Idempotency-Key", async () => {
  const { id } = await world.makeUser({ [own.tenant]: "administrator" });
  const identity = cookie(await world.signIn(id));
  const once = { "idempotency-key": randomUUID() };
  const path = `/tenants/${own.tenant}/keys`;
  const body = { name: "once", use: { kind: "mcp" } };
  const first = await ask(identity, "post", path, body, once);
  const again = await ask(identity, "post", path, body, once);
  const stolen = await ask(here, "post", path, body, once);
  await world.users.setRole(id, own.tenant, "viewer");
  const fallen = await ask(identity, "post", path, body, once);
  expect([first.status, again.status, stolen.status, fallen.status]).toStrictEqual([201, 201, 201, 403]);
  expect(again.text).toBe(first.text);
  expect(JSON.parse(stolen.text).key).not.toBe(JSON.parse(first.text).key);
  expect(fallen.text).not.toContain("pas_");
});

test("nobody gives more than they have", async () => {
  const keys = `/tenants/${own.tenant}/keys`;
  const everyKey = "/tenants/*/keys";
  const api = (role: string): object => ({ name: "more", use: { kind: "api", role } });
  const before = await world.dump();
  const answers = [
    await ask(here, "post", everyKey, api("viewer")),
    await ask(here, "post", `/tenants/${other.tenant}/keys`, api("viewer")),
    await ask(here, "post", "/tenants/*/members", { email: "here@people.example", role: "administrator" }),
    await ask(here, "put", `/tenants/*/members/${hereId}`, { role: "administrator" }),
    await ask(here, "put", `/tenants/${other.tenant}/members/${hereId}`, { role: "administrator" }),
    await ask(here, "patch", `/users/${hereId}`, { status: "active", roles: { "*": "administrator" } }),
  ];
  expect(answers.map(({ status }) => status)).toStrictEqual(answers.map(() => 403));
  expect(await world.dump()).toBe(before);
  // A key of one's own cannot make a greater one either.
  const { key } = JSON.parse((await ask(here, "post", keys, api("administrator"))).text) as { key: string }; // 201
  const byKey = await ask({ authorization: `Bearer ${key}` }, "post", everyKey, api("viewer"));
  expect(byKey.status).toBe(403);
});

const guarded = {
  "stdio.define": "upstreams:\n  files: { kind: mcp, command: node, args: [x.js] }\n",
  "egress.define": 'upstreams:\n  api: { kind: http, baseUrl: "http://10.0.0.1", egress: { allow: [10.0.0.0/8] } }\n',
  "files.define": "files: { roots: [/srv/files] }\n",
};

test.each(Object.entries(guarded))("%s is what administrators have, and nobody else", async (permission, part) => {
  for (const role of ["administrator", "editor", "operator", "viewer"] as const) {
    const { id } = await world.makeUser({ [own.tenant]: role, [other.tenant]: "administrator" });
    const identity = cookie(await world.signIn(id));
    const name = world.next();
    const text = serverText(own.tenant, name) + part;
    const before = await world.stores.documents.changesSince(0);
    const answer = await ask(identity, "post", `/tenants/${own.tenant}/servers`, { text });
    expect(answer.status, `${role}: ${answer.text}`).toBe(role === "administrator" ? 201 : 403);
    if (role === "editor") expect(JSON.parse(answer.text)).toMatchObject({ permission });
    if (role !== "administrator") expect(await world.stores.documents.changesSince(0)).toStrictEqual(before);
  }
});

test("everything that was told here is told to whoever administers all tenants", async () => {
  for (const path of ["/tenants", "/users", "/audit"]) {
    const { text } = await ask(everywhere, "get", path);
    for (const { word } of [own, other]) expect(text, path).toContain(word);
  }
});

test("an apiserver without a token knows no gateways", async () => {
  const tokenless = await startWorld();
  try {
    for (const { id, method, path, access } of everyOperation()) {
      if (access.kind !== "gateway") continue;
      const sent = (await operationCases[id]?.make?.(tokenless)) ?? {};
      const before = await tokenless.dump();
      for (const token of [gatewayToken, "undefined", "null", ""]) {
        const answer = await sendAs(tokenless.url, { method, path }, sent, { authorization: `Bearer ${token}` });
        expect(answer.status, `${id} with ${token}`).toBe(401);
      }
      expect(await tokenless.dump(), id).toBe(before);
    }
  } finally {
    await tokenless.close();
  }
});
