import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";
import { startTestApiserver, type TestApiserver } from "../fixtures/test-apiserver.ts";

const root = "/api/v1/tenants/default/servers";
const editor = "editor@default";
const administrator = "administrator@default";

function text(name: string, more = "", prefix = `/${name}`): string {
  return `# about ${name}\nname: ${name}\nroutes:\n  - prefix: ${prefix} # where\n    access: public\n${more}`;
}

const api = (more = ""): string => `upstreams:\n  api: { kind: http, baseUrl: "https://api.example"${more} }\n`;
const program = (command: string): string => `upstreams:\n  files: { kind: mcp, command: ${command}, args: [a] }\n`;

for (const kind of await databaseKinds()) {
  describe.skipIf(kind.missing !== undefined)(`servers over the API, in ${kind.name}`, () => {
    let place: TestDatabase;
    let apiserver: TestApiserver;

    beforeAll(async () => {
      place = await kind.create();
      apiserver = await startTestApiserver(place.address, { prefixes: { acme: "/acme" } });
    });

    afterAll(async () => {
      await apiserver.close();
      await place.drop();
    });

    const create = (source: string, as = editor) => apiserver.send(as, "POST", root, { body: { text: source } });
    const save = (name: string, source: string, version: number, as = editor) =>
      apiserver.send(as, "PUT", `${root}/${name}`, {
        body: { text: source, message: "why" },
        headers: { "if-match": `"${version}"` },
      });

    test("are created, read as they were written, saved, and told to gateways and the audit log", async () => {
      const source = text("crm", api());
      const created = await create(source);
      expect(created).toMatchObject({ status: 201, json: { name: "crm", version: 1, change: "save" } });
      expect(created.headers.get("location")).toBe(`${root}/crm`);
      expect(created.headers.get("etag")).toBe('"1"');
      const asText = await apiserver.send("viewer@default", "GET", `${root}/crm`, {
        headers: { accept: "application/yaml" },
      });
      expect(asText).toMatchObject({ status: 200, text: source });
      const saved = await save("crm", `${source}# more\n`, 1);
      expect(saved).toMatchObject({ status: 200, json: { version: 2, message: "why", author: { name: editor } } });
      const read = await apiserver.send("viewer@default", "GET", `${root}/crm`);
      expect(read.json).toMatchObject({ version: 2, text: `${source}# more\n`, summary: { prefixes: ["/crm"] } });
      const same = await apiserver.send(editor, "GET", `${root}/crm`, { headers: { "if-none-match": '"2"' } });
      expect(same).toMatchObject({ status: 304, text: "" });
      expect(apiserver.announced).toStrictEqual(["documents", "documents"]);
      const { items } = await apiserver.parts.audit.list({ limit: 10, targetId: "crm" });
      expect(items).toMatchObject([
        {
          action: "server.save",
          before: { version: 1 },
          after: { version: 2, diff: expect.stringContaining("+# more") },
        },
        { action: "server.save", after: { version: 1 } },
      ]);
    });

    test("make no version of the text that is the newest", async () => {
      const source = text("same");
      await create(source);
      expect(await save("same", source, 1)).toMatchObject({ status: 200, json: { version: 1 } });
      expect((await apiserver.parts.audit.list({ limit: 10, targetId: "same" })).items).toHaveLength(1);
    });

    test("are saved by one of two writers; the other is told who was faster and what they changed", async () => {
      const source = text("raced");
      await create(source);
      const writers = ["editor@default", "administrator@default"];
      const answers = await Promise.all(writers.map((as) => save("raced", `${source}# by ${as}\n`, 1, as)));
      expect(answers.map(({ status }) => status).sort()).toStrictEqual([200, 409]);
      const winner = writers[answers.findIndex(({ status }) => status === 200)];
      const loser = answers.find(({ status }) => status === 409);
      expect(loser?.headers.get("content-type")).toBe("application/problem+json");
      expect(loser?.json).toMatchObject({
        code: "conflict",
        detail: expect.stringContaining(`${winner} has saved version 2`),
        current: { version: 2, author: { name: winner } },
        diff: { unified: expect.stringContaining(`+# by ${winner}`), added: 1, removed: 0 },
      });
      const history = await apiserver.send(editor, "GET", `${root}/raced/versions`);
      expect(history.json).toMatchObject({ items: [{ version: 2 }, { version: 1 }] });
    });

    test("need If-Match for a change, with one version in it", async () => {
      await create(text("strict"));
      const body = { text: text("strict", "title: T\n") };
      expect(await apiserver.send(editor, "PUT", `${root}/strict`, { body })).toMatchObject({
        status: 428,
        json: { code: "precondition_required" },
      });
      for (const given of ["*", '"1", "2"', "1", '"x"']) {
        const answer = await apiserver.send(editor, "PUT", `${root}/strict`, { body, headers: { "if-match": given } });
        expect(answer.status, given).toBe(400);
      }
      expect((await apiserver.send(editor, "DELETE", `${root}/strict`)).status).toBe(428);
      expect((await apiserver.send(editor, "GET", `${root}/strict`)).json).toMatchObject({ version: 1 });
    });

    test("with an error are refused with every problem at its place, and not saved", async () => {
      const refused = await create(
        text("broken", "tools:\n  - name: t\n    upstream: none\n    request: { path: / }\n"),
      );
      expect(refused).toMatchObject({
        status: 422,
        json: { problems: [{ severity: "error", path: ["tools", 0, "upstream"], line: 8, column: 15 }] },
      });
      expect((await create("a: [")).json).toMatchObject({ status: 422, problems: [{ severity: "error" }] });
      expect((await apiserver.send(editor, "GET", `${root}/broken`)).status).toBe(404);
    });

    test("lie in the tenant of the address, below its prefix, at prefixes that nobody else has", async () => {
      await create(text("first", "", "/taken"));
      const problemsOf = async (source: string, tenant = "default") => {
        const path = `/api/v1/tenants/${tenant}/servers`;
        const { status, json } = await apiserver.send(`editor@${tenant}`, "POST", path, { body: { text: source } });
        return { status, problems: json["problems"] };
      };
      expect(await problemsOf(text("second", "", "/taken"))).toMatchObject({
        status: 422,
        problems: [{ path: ["routes", 0, "prefix"], line: 4, message: expect.stringContaining("the server first") }],
      });
      expect(await problemsOf(text("third", "tenant: acme\n", "/taken"), "acme")).toMatchObject({
        problems: [
          { message: expect.stringContaining("does not lie below /acme") },
          { message: expect.stringContaining("a server of another tenant") },
        ],
      });
      expect(await problemsOf(text("third", "", "/acme/x"), "acme")).toMatchObject({
        problems: [{ path: ["tenant"], mend: "write `tenant: acme`" }],
      });
      expect(await problemsOf(text("third", "tenant: acme\n", "/acme/x"), "acme")).toMatchObject({ status: 201 });
      expect((await save("first", text("other", "", "/taken"), 1)).json).toMatchObject({
        problems: [{ path: ["name"], message: expect.stringContaining("the name is other") }],
      });
      expect(await problemsOf(text("x"), "missing")).toMatchObject({ status: 404 });
    });

    test("start programs and open private addresses only by callers who may define that", async () => {
      expect(await create(text("tool", program("cat")))).toMatchObject({
        status: 403,
        json: { permission: "stdio.define" },
      });
      expect(await create(text("tool", program("cat")), administrator)).toMatchObject({ status: 201 });
      const kept = text("tool", `title: changed by an editor\n${program("cat")}`);
      expect(await save("tool", kept, 1)).toMatchObject({ status: 200 });
      expect(await save("tool", text("tool", program("dog")), 2)).toMatchObject({ status: 403 });
      expect(await save("tool", text("tool"), 2)).toMatchObject({ status: 200, json: { version: 3 } });
      // What was taken away is not there any more: bringing it back is defining it.
      const restore = (as: string) =>
        apiserver.send(as, "POST", `${root}/tool/restore`, { body: { version: 1 }, headers: { "if-match": '"3"' } });
      expect(await restore(editor)).toMatchObject({ status: 403 });
      expect(await restore(administrator)).toMatchObject({ status: 200, json: { version: 4, change: "restore" } });

      const open = text("private", api(", egress: { allow: [10.0.0.0/8] }"));
      expect(await create(open)).toMatchObject({ status: 403, json: { permission: "egress.define" } });
      expect(await create(open, administrator)).toMatchObject({ status: 201 });
      expect(await save("private", `title: T\n${open}`, 1)).toMatchObject({ status: 200 });
      expect(await save("private", open.replace("/8", "/7"), 2)).toMatchObject({ status: 403 });
      expect(await save("private", text("private", api()), 2)).toMatchObject({ status: 200 });
    });

    test("are deleted, listed as deleted, and brought back with their history", async () => {
      const source = text("gone");
      await create(source);
      const path = `${root}/gone`;
      const deleted = await apiserver.send(editor, "DELETE", `${path}?message=old`, { headers: { "if-match": '"1"' } });
      expect(deleted).toMatchObject({ status: 200, json: { version: 2, change: "delete", message: "old" } });
      expect(await apiserver.send(editor, "GET", path)).toMatchObject({ status: 404, json: { deletedVersion: 2 } });
      expect(await save("gone", source, 2)).toMatchObject({ status: 404 });
      const list = (state: string) => apiserver.send(editor, "GET", `${root}?state=${state}&search=GON`);
      expect((await list("deleted")).json).toMatchObject({ items: [{ name: "gone" }] });
      expect((await list("current")).json).toStrictEqual({ items: [] });
      const restored = await apiserver.send(editor, "POST", `${path}/restore`, {
        body: {},
        headers: { "if-match": '"2"' },
      });
      expect(restored).toMatchObject({ status: 200, json: { version: 3, change: "restore" } });
      expect((await apiserver.send(editor, "GET", path)).json).toMatchObject({ text: source });
      const none = await apiserver.send(editor, "POST", `${path}/restore`, {
        body: {},
        headers: { "if-match": '"3"' },
      });
      expect(none.status).toBe(422);
    });

    test("have versions that are paged, compared and tagged", async () => {
      const path = `${root}/long`;
      await create(text("long"));
      for (let version = 1; version < 5; version++)
        await save("long", text("long", `title: v${version + 1}\n`), version);
      const first = await apiserver.send(editor, "GET", `${path}/versions?limit=3`);
      expect(first.json).toMatchObject({ items: [{ version: 5 }, { version: 4 }, { version: 3 }] });
      const cursor = encodeURIComponent(String(first.json["nextCursor"]));
      const second = await apiserver.send(editor, "GET", `${path}/versions?limit=3&cursor=${cursor}`);
      expect(second.json).toMatchObject({ items: [{ version: 2 }, { version: 1 }] });
      expect((await apiserver.send(editor, "GET", `${path}/versions?cursor=nonsense`)).status).toBe(400);
      expect((await apiserver.send(editor, "GET", `${path}/diff?from=2&to=4`)).json).toMatchObject({
        from: { version: 2 },
        to: { version: 4 },
        diff: { added: 1, removed: 1, hunks: [{ lines: expect.arrayContaining(["-title: v2", "+title: v4"]) }] },
      });
      expect((await apiserver.send(editor, "GET", `${path}/diff?from=9`)).status).toBe(404);
      const tag = (version: number) => apiserver.send(editor, "PUT", `${path}/tags/stable`, { body: { version } });
      expect((await tag(2)).status).toBe(204);
      expect((await tag(3)).status).toBe(204);
      expect((await apiserver.send(editor, "GET", `${path}/versions/3`)).json).toMatchObject({ tags: ["stable"] });
      expect((await apiserver.send(editor, "GET", `${path}/versions/2`)).json).toMatchObject({ tags: [] });
      expect((await apiserver.send(editor, "DELETE", `${path}/tags/stable`)).status).toBe(204);
      expect((await tag(99)).status).toBe(404);
    });

    test("are planned and validated before they are saved", async () => {
      await create(text("planned", "title: A\n"));
      const draft = text("planned", `title: B\n${program("cat")}`);
      const plan = await apiserver.send("viewer@default", "POST", `${root}/plan`, { body: { text: draft } });
      expect(plan.json).toMatchObject({
        isValid: true,
        basedOn: 1,
        change: "change",
        parts: [
          { change: "change", part: "key", name: "title" },
          { change: "add", part: "upstream", name: "files" },
        ],
        permissions: [{ permission: "stdio.define", deed: "starts a program (upstream files)" }],
        diff: { removed: 1 },
      });
      const verdict = await apiserver.send("viewer@default", "POST", `${root}/validate`, {
        body: { text: "name: x\nroutes: [{ prefix: /x, acces: public }]\n" },
      });
      expect(verdict).toMatchObject({
        status: 200,
        json: {
          isValid: false,
          problems: [{ line: 2, path: ["routes", 0, "acces"], mend: expect.stringContaining("access") }],
        },
      });
      expect((await apiserver.send(editor, "GET", `${root}/planned`)).json).toMatchObject({ version: 1 });
    });

    test("are copied with their comments under another name", async () => {
      await create(text("original", api(), "/deep/original"));
      const copied = await apiserver.send(editor, "POST", `${root}/original/duplicate`, { body: { name: "copy" } });
      expect(copied).toMatchObject({ status: 201, json: { name: "copy", version: 1, message: "copy of original" } });
      const { json } = await apiserver.send(editor, "GET", `${root}/copy`);
      expect(json["text"]).toBe(
        text("original", api(), "/deep/original")
          .replace("name: original", 'name: "copy"')
          .replace("prefix: /deep/original", 'prefix: "/deep/copy"'),
      );
      const again = await apiserver.send(editor, "POST", `${root}/original/duplicate`, { body: { name: "copy" } });
      expect(again).toMatchObject({ status: 409, json: { current: { name: "copy" } } });
    });

    test("are out of reach for other tenants and for nobody", async () => {
      await create(text("guarded"));
      for (const as of ["administrator@acme", "viewer@acme"]) {
        const answers = await Promise.all([
          apiserver.send(as, "GET", `${root}/guarded`),
          apiserver.send(as, "PUT", `${root}/guarded`, { body: { text: "x" }, headers: { "if-match": '"1"' } }),
          apiserver.send(as, "DELETE", `${root}/guarded`, { headers: { "if-match": '"1"' } }),
          apiserver.send(as, "GET", `${root}/guarded/versions`),
        ]);
        expect(answers.map(({ status }) => status)).toStrictEqual([403, 403, 403, 403]);
      }
      expect((await apiserver.send("nobody", "GET", `${root}/guarded`)).status).toBe(401);
      expect((await apiserver.send("administrator@*", "GET", `${root}/guarded`)).json).toMatchObject({ version: 1 });
    });
  });
}
