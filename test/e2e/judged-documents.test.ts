import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EnvironmentSecrets } from "../../src/adapters/env/secret-source.ts";
import { JudgementFile } from "../../src/adapters/file/judgement-file.ts";
import { LazyDocument } from "../../src/adapters/yaml/lazy-document.ts";
import { readText } from "../../src/adapters/yaml/read-document.ts";
import { type RunningGateway, startGateway } from "../../src/compose/gateway.ts";
import { type ConfigReader, sameForAll } from "../../src/core/config-source.ts";
import { silentLog } from "../../src/core/log.ts";
import { echoDocument, echoListener, echoTool, toolCall } from "../fixtures/echo-document.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { type RawAnswer, send } from "../fixtures/raw-http.ts";
import { createDocumentFolder, type DocumentFolder } from "../fixtures/served-folder.ts";
import { testSettings } from "../fixtures/test-gateway.ts";

/** Documents by key. Their hashes can be told apart from their texts. */
class Shelf implements ConfigReader {
  readonly texts = new Map<string, string>();
  /** Keys of documents whose text was read, each time. */
  readonly reads: string[] = [];
  readonly #hashes = new Map<string, string>();

  put(key: string, document: object | string): void {
    this.texts.set(key, typeof document === "string" ? document : JSON.stringify(document));
    this.#hashes.set(
      key,
      createHash("sha256")
        .update(this.texts.get(key) ?? "")
        .digest("hex"),
    );
  }

  /** As no store does it: the text is another one, and nothing tells. */
  tamper(key: string, text: string): void {
    this.texts.set(key, text);
  }

  read: ConfigReader["read"] = async (onDocument) => {
    const documents = [...this.texts.keys()].map((key) => {
      const text = this.texts.get(key) ?? "";
      const read = () => {
        this.reads.push(key);
        return readText({ text, line: 0 }, key);
      };
      const hash = this.#hashes.get(key) ?? "";
      return new LazyDocument({
        key,
        hash,
        baseDirectory: undefined,
        read,
        locate: () => ({ file: key, line: 1, column: 1 }),
      });
    });
    for (const document of documents) onDocument?.(document);
    return { documents, revision: [...this.#hashes.values()].join() };
  };
}

let backend: LocalBackend;
let state: DocumentFolder;
let shelf: Shelf;
let gateway: RunningGateway;

beforeEach(async () => {
  backend = await startBackend(echoListener);
  state = await createDocumentFolder({});
  shelf = new Shelf();
});

afterEach(async () => {
  await gateway.close();
  await backend.close();
  await state.close();
});

async function start(build = "one", environment: Readonly<Record<string, string>> = {}): Promise<void> {
  gateway = await startGateway({
    settings: testSettings({ config: [join(state.path, "none")] }),
    reader: shelf,
    notifiers: [],
    secrets: sameForAll(new EnvironmentSecrets({ environment })),
    judgements: await JudgementFile.open({ stateDirectory: state.path, build, log: silentLog }),
  });
}

async function restart(build?: string, environment?: Readonly<Record<string, string>>): Promise<void> {
  await gateway.close();
  shelf.reads.length = 0;
  await start(build, environment);
}

const server = (name: string, changes: object = {}): object =>
  echoDocument(backend.url, { name, routes: [{ prefix: `/${name}`, access: "public" }], ...changes });

const call = (name: string): Promise<RawAnswer> =>
  send(
    `${gateway.url}/${name}/mcp`,
    modernRequest("tools/call", { params: { name: "echo", arguments: { said: name } } }),
  );

const statuses = (): unknown => gateway.status()["documents"];

describe("a document that an earlier start found good", () => {
  it("is served without being read, and read by its first call", async () => {
    shelf.put("a", server("a"));
    shelf.put("b", server("b"));
    await start();
    await restart();
    expect(statuses()).toMatchObject([{ state: "served" }, { state: "served" }]);
    expect(gateway.status()["servers"]).toMatchObject([
      { server: "default/a", routes: ["/a"], tools: 1, prompts: 0, resources: 0 },
      { server: "default/b" },
    ]);
    expect(shelf.reads).toEqual([]);
    expect((await call("b")).text).toContain("said");
    expect((await call("b")).text).toContain("said");
    expect(shelf.reads).toEqual(["b"]);
  });

  it("is judged anew by another program", async () => {
    shelf.put("a", server("a"));
    await start();
    await restart("two");
    expect(shelf.reads).toEqual(["a"]);
  });

  it("is judged anew when its text is another one", async () => {
    shelf.put("a", server("a"));
    await start();
    shelf.put("a", server("a", { tools: [{ ...echoTool, upstream: "none" }] }));
    await restart();
    expect(statuses()).toMatchObject([{ state: "refused", problems: [{ message: 'unknown upstream "none"' }] }]);
    expect((await call("a")).status).toBe(404);
  });

  it("is refused at the place of a secret that is not set any more", async () => {
    const token = "${secrets.TOKEN}";
    shelf.put("a", server("a", { tools: [{ ...echoTool, request: { path: "/", headers: { "x-token": token } } }] }));
    await start("one", { PASSERELLE_SECRET_TOKEN: "x" });
    await restart("one", { PASSERELLE_SECRET_TOKEN: "x" });
    expect(shelf.reads).toEqual([]);
    await restart("one", {});
    expect(statuses()).toMatchObject([{ state: "refused", problems: [{ message: "the secret TOKEN is not set" }] }]);
  });

  it("is refused when another one has its prefix by now", async () => {
    shelf.put("b", server("b"));
    await start();
    const routes = [{ prefix: "/b", access: "public" }];
    shelf.texts.clear();
    shelf.put("a", server("a", { routes }));
    shelf.put("b", server("b"));
    await restart();
    expect(statuses()).toMatchObject([{ state: "served" }, { state: "refused" }]);
    expect(shelf.reads).toEqual(["a"]);
  });

  it("is answered with 503 and then refused with its reason, should it be broken all the same", async () => {
    shelf.put("a", server("a"));
    shelf.put("b", server("b"));
    await start();
    shelf.tamper("a", "name: a\nroutes: none\n");
    await restart();
    expect(statuses()).toMatchObject([{ state: "served" }, { state: "served" }]);
    expect((await call("a")).status).toBe(503);
    // The reload that the call has asked for comes first.
    await gateway.reload();
    expect(statuses()).toMatchObject([
      { state: "refused", problems: [{ path: ["routes"] }] },
      { state: "served", problems: [] },
    ]);
    expect((await call("a")).status).toBe(404);
    expect((await call("b")).status).toBe(200);
    await restart();
    expect(statuses()).toMatchObject([{ state: "refused" }, { state: "served" }]);
  });

  it("is another one when its routes are not those that were judged", async () => {
    shelf.put("a", server("a"));
    await start();
    shelf.tamper("a", JSON.stringify(server("a", { routes: [{ prefix: "/moved", access: "public" }] })));
    await restart();
    expect((await call("a")).status).toBe(503);
    await gateway.reload();
    expect((await call("moved")).status).toBe(200);
  });

  it("tells its clients of a change as every other one does", async () => {
    shelf.put("a", server("a"));
    await start();
    await restart();
    const session = await openSession(`${gateway.url}/a/mcp`, "2025-11-25");
    const stream = await session.listen();
    shelf.put("a", server("a", { tools: [echoTool, { ...echoTool, name: "second" }] }));
    await gateway.reload();
    expect(await stream.message()).toMatchObject({ method: "notifications/tools/list_changed" });
    expect((await session.post(toolCall("second"))).status).toBe(200);
    stream.close();
  });

  it("serves on when its next version is broken, though nobody has called it", async () => {
    shelf.put("a", server("a"));
    await start();
    await restart();
    shelf.put("a", "name: a\nroutes: none\n");
    await gateway.reload();
    expect(statuses()).toMatchObject([{ state: "kept" }]);
    expect((await call("a")).text).toContain("said");
  });
});

describe("of very many documents", () => {
  const many = 520;

  it("the last ones are judged at the start and compiled by their first call", async () => {
    for (let index = 0; index < many; index++) shelf.put(`${index}`, server(`s${index}`));
    shelf.put("broken", server("broken", { tools: [{ ...echoTool, request: { path: "/${args.}" } }] }));
    await start();
    const documents = statuses() as readonly { readonly key: string; readonly state: string }[]; // of the status page
    expect(documents.filter(({ state: found }) => found !== "served")).toMatchObject([{ key: "broken" }]);
    expect(shelf.reads).toHaveLength(many + 1);
    for (const index of [0, many - 1]) expect((await call(`s${index}`)).text).toContain("said");
  });
});
