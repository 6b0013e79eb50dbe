import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import type { ApiClient } from "../../web/src/api/api-client.ts";
import { ApiError, problemOf } from "../../web/src/api/api-error.ts";
import { etagOf } from "../../web/src/api/api-request.ts";
import { readJsonLines } from "../../web/src/api/json-lines.ts";
import type { ServerVersion, ServerVersionWithText, TextDiff } from "../../web/src/api/operations.generated.ts";
import { type ClientSite, newDocument, startClientSite } from "../fixtures/client-site.ts";

describe("the typed client of the API", () => {
  let site: ClientSite;
  let client: ApiClient;
  let signedOut: number;

  beforeAll(async () => {
    site = await startClientSite();
  });
  beforeEach(async () => {
    signedOut = 0;
    client = site.openTab(() => signedOut++);
    await site.signIn(client);
  });
  afterAll(() => site.close());

  async function errorOf(call: Promise<unknown>): Promise<ApiError> {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof ApiError) return error;
    throw new Error(`this is no error of the API: ${String(error)}`);
  }

  async function makeServer(): Promise<{ readonly name: string; readonly text: string }> {
    const document = newDocument();
    await client.call("createServer", { path: { tenant: "default" }, body: { text: document.text } });
    return document;
  }

  test("a list comes in pages by query, and its items have their types", async () => {
    const [first, second] = [await makeServer(), await makeServer()];
    const path = { tenant: "default" };
    const page = await client.call("listServers", { path, query: { limit: 1, search: "server-", cursor: undefined } });
    expect(page.items).toHaveLength(1);
    expectTypeOf(page.items[0]?.name).toEqualTypeOf<string | undefined>();
    const next = await client.call("listServers", { path, query: { limit: 1, cursor: page.nextCursor } });
    expect(next.items).toHaveLength(1);
    const found = await client.call("listServers", { path, query: { search: second.name } });
    expect(found.items.map(({ name }) => name)).toStrictEqual([second.name]);
    expect(first.name).not.toBe(second.name);
  });

  test("a version is read with its ETag, and not again while it is the newest", async () => {
    const { name, text } = await makeServer();
    const path = { tenant: "default", name };
    const answer = await client.request("getServer", { path });
    if (answer.status === 304) throw new Error("nothing is known yet");
    expectTypeOf(answer.body).toEqualTypeOf<ServerVersionWithText>();
    expect(answer.body.text).toBe(text);
    expect(answer.etag).toBe(etagOf(1));
    const again = await client.request("getServer", { path, headers: { "If-None-Match": answer.etag } });
    expect(again).toMatchObject({ status: 304, body: undefined });
  });

  test("another media type is read by the caller", async () => {
    const { name, text } = await makeServer();
    const response = await client.open("getServer", "application/yaml", { path: { tenant: "default", name } });
    expect(await response.text()).toBe(text);
  });

  test("a save that somebody was faster with tells both sides", async () => {
    const { name, text } = await makeServer();
    const path = { tenant: "default", name };
    const save = (comment: string): Promise<ServerVersion> =>
      client.call("saveServer", { path, headers: { "If-Match": etagOf(1) }, body: { text: `${text}# ${comment}\n` } });
    expect((await save("mine")).version).toBe(2);
    const error = await errorOf(save("yours"));
    const conflict = problemOf("saveServer", 409, error);
    expectTypeOf(conflict?.diff).toEqualTypeOf<TextDiff | undefined>();
    expect(conflict?.current?.version).toBe(2);
    expect(JSON.stringify(conflict?.diff)).toContain("# mine");
    expect(problemOf("saveServer", 422, error)).toBeUndefined();
  });

  test("what is wrong with a document or a field is told where it is", async () => {
    const refused = await errorOf(
      client.call("createServer", { path: { tenant: "default" }, body: { text: "name: x\nroutes: 5\n" } }),
    );
    expect(problemOf("createServer", 422, refused)?.problems?.[0]).toMatchObject({ line: 2 });
    const field = await errorOf(client.call("createServer", { path: { tenant: "default" }, body: { text: "" } }));
    expect(field.status).toBe(400);
    expect(field.problemAt("body.text")).toContain("Too small");
    expect(field.problemAt("body.message")).toBeUndefined();
  });

  test("an answer without a body is undefined", async () => {
    const { name } = await makeServer();
    const path = { tenant: "default", name, tag: "good" };
    expect(await client.call("tagServerVersion", { path, body: { version: 1 } })).toBeUndefined();
  });

  test("a creation whose answer was lost is sent again with its key, and made once", async () => {
    const { name, text } = newDocument();
    const before = site.sent.length;
    site.interrupt(() => Promise.reject(new TypeError("fetch failed")));
    const made = await client.call("createServer", { path: { tenant: "default" }, body: { text } });
    expect(made.name).toBe(name);
    const keys = site.sent.slice(before).map(({ headers }) => headers.get("idempotency-key"));
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  test("a tab that was open before somebody signed in again in another one goes on", async () => {
    const { name } = await makeServer();
    await site.signIn(site.openTab());
    const path = { tenant: "default", name };
    await client.call("deleteServer", { path, headers: { "If-Match": etagOf(1) } });
    expect(signedOut).toBe(0);
  });

  test("a new page gets its token by itself, when it is needed first", async () => {
    const { name } = await makeServer();
    const before = site.sent.length;
    const fresh = site.openTab();
    await fresh.call("listTenants");
    await fresh.call("deleteServer", { path: { tenant: "default", name }, headers: { "If-Match": etagOf(1) } });
    expect(site.sent.slice(before).map(({ method, path }) => `${method} ${path}`)).toStrictEqual([
      "GET /api/v1/tenants",
      "GET /api/v1/me",
      `DELETE /api/v1/tenants/default/servers/${name}`,
    ]);
  });

  test("a permission that is missing is asked for once, and names itself", async () => {
    const before = site.sent.length;
    const answer = { status: 403, code: "forbidden", detail: "This needs the permission x.", permission: "x" };
    const headers = { "content-type": "application/problem+json" };
    site.interrupt(async () => new Response(JSON.stringify(answer), { status: 403, headers }));
    const error = await errorOf(client.call("createTenant", { body: { id: "shop", title: "Shop" } }));
    expect(error.message).toBe("This needs the permission x.");
    expect(site.sent).toHaveLength(before + 1);
  });

  test("who is not signed in any more is told to the hook; a wrong password is not that", async () => {
    const wrong = await errorOf(client.call("signIn", { body: { email: "ada@shop.example", password: "no" } }));
    expect(wrong.status).toBe(401);
    expect(signedOut).toBe(0);
    await client.call("signOut");
    site.forgetCookie();
    const error = await errorOf(client.call("getMe"));
    expect(error.problem?.code).toBe("unauthorized");
    expect(signedOut).toBe(1);
  });

  test("what nobody answered, and what somebody else did, are errors with words", async () => {
    site.interrupt(() => Promise.reject(new TypeError("fetch failed")));
    const away = await errorOf(client.call("listTenants"));
    expect([away.status, away.message]).toStrictEqual([0, "The apiserver does not answer. Try again in a minute."]);
    site.interrupt(async () => new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "retry-after": "7" } }));
    const proxy = await errorOf(client.call("listTenants"));
    expect([proxy.status, proxy.problem, proxy.retryAfterSeconds]).toStrictEqual([502, undefined, 7]);
    expect(proxy.message).toContain("answered 502");
  });

  test("a call that is given up rejects with the reason", async () => {
    const controller = new AbortController();
    const reason = new Error("another search");
    const listing = client.call("listServers", { path: { tenant: "default" }, signal: controller.signal });
    controller.abort(reason);
    await expect(listing).rejects.toBe(reason);
  });

  test("a stream of lines is read value by value", async () => {
    const body = { config: { kind: "http", baseUrl: "http://127.0.0.1:9" } };
    const response = await client.open("probeUpstream", "application/x-ndjson", { path: { tenant: "default" }, body });
    const values: unknown[] = [];
    for await (const value of readJsonLines(response)) values.push(value);
    expect(values.length).toBeGreaterThan(1);
    expect(values[0]).toMatchObject({ name: "configuration" });
  });
});
