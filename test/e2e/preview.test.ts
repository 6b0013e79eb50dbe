import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { readDocumentText } from "../../src/adapters/yaml/read-document-text.ts";
import type { ServerPreview, PreviewRevision } from "../../src/core/server-preview.ts";
import { countTokens } from "../../src/gateway/trial/count-tokens.ts";
import { CompilingPreviewer, type CompilingPreviewerOptions } from "../../src/gateway/trial/server-previewer.ts";
import { acceptBoth, initializeRequest, openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { serveDocuments } from "../fixtures/served-folder.ts";
import { startHandWritten } from "../fixtures/hand-written-server.ts";
import { withinMs } from "../fixtures/time-limit.ts";
import { changingServer } from "../fixtures/upstreams/changing-server.ts";
import { serveHttp } from "../fixtures/upstreams/serve-fixture.ts";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close();
});

const noSecrets = { forTenant: () => ({ get: () => undefined }), refresh: async () => undefined };

function previewer(running: CompilingPreviewerOptions["running"] = []): CompilingPreviewer {
  return new CompilingPreviewer({ read: readDocumentText, secrets: noSecrets, running });
}

function preview(document: object, more: Partial<CompilingPreviewerOptions> = {}): Promise<ServerPreview> {
  const text = JSON.stringify({ name: "crm", routes: [{ prefix: "/crm", access: "public" }], ...document });
  return previewer(more.running).preview({ tenant: "default", name: "crm", text, revision: "2025-11-25" });
}

const lists = [
  ["tools/list", "tools"],
  ["prompts/list", "prompts"],
  ["resources/list", "resources"],
  ["resources/templates/list", "resourceTemplates"],
] as const;

describe("a preview", () => {
  it.each(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"] as const)(
    "is byte for byte what a gateway answers to clients of %s",
    async (revision) => {
      const path = fileURLToPath(new URL("../golden/lists/catalogue.yaml", import.meta.url));
      const text = (await readFile(path, "utf8")).replace(/^pageSize:.*$/m, "").concat("\npageSize: 2\n");
      const served = await serveDocuments({ "catalogue.yaml": text });
      opened.push(served);
      const url = `${served.url}/catalogue/mcp`;
      const shown = await previewer().preview({ tenant: "default", name: "catalogue", text, revision });
      expect(shown.introduction.text).toBe(await introduction(url, revision));
      for (const [method, member] of lists) {
        const pages = await allPages(url, revision, method);
        expect(shown[member].pages.map((page) => page.text)).toEqual(pages);
        expect(shown[member].bytes).toBe(Buffer.byteLength(pages.join("")));
      }
      expect(shown.tools.pages.length).toBeGreaterThan(1);
      expect(shown.notAsked).toEqual([]);
    },
  );

  it("counts the tokens of each definition and of all", async () => {
    const tool = (name: string, description: string): object => ({
      name,
      description,
      upstream: "api",
      request: { path: "/" },
    });
    const { tools, total, introduction } = await preview({
      upstreams: { api: { kind: "http", baseUrl: "https://api.example" } },
      tools: [tool("short", "Hello world."), tool("long", "Hello world. ".repeat(100))],
    });
    expect(tools.entries.map(({ name }) => name)).toEqual(["short", "long"]);
    const [short, long] = tools.entries;
    expect(long?.tokens).toBe(297 + (short?.tokens ?? 0) + 1);
    expect(tools.tokens).toBeGreaterThan((short?.tokens ?? 0) + (long?.tokens ?? 0));
    expect(total.bytes).toBeGreaterThan(tools.bytes + introduction.bytes);
  });

  it("shows what the gateway of this process has listed, and asks nobody itself", async () => {
    const fixture = await serveHttp(changingServer("files", "find", "get"), "2025-11-25");
    opened.push(fixture);
    const document = {
      upstreams: {
        files: { kind: "mcp", url: fixture.url, egress: { allow: ["127.0.0.1"] } },
        other: { kind: "mcp", url: "https://mcp.example/mcp" },
      },
      expose: [{ upstream: "files", prefix: "f", tools: { include: ["find"] } }],
    };
    const served = await serveDocuments({
      "crm.yaml": { name: "crm", routes: [{ prefix: "/crm", access: "public" }], ...document },
    });
    opened.push(served);
    const before = await preview(document, { running: [served.gateway.upstreams] });
    expect(before.tools.entries).toEqual([]);
    expect(before.notAsked.map(({ upstream }) => upstream)).toEqual(["files", "other"]);

    const session = await openSession(`${served.url}/crm/mcp`, "2025-11-25");
    await session.post({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    // Another exposure of the same upstream is shown at once, without being saved.
    const unsaved = { ...document, expose: [{ upstream: "files", prefix: "g" }] };
    const after = await preview(unsaved, { running: [served.gateway.upstreams] });
    expect(after.tools.entries.map(({ name }) => name)).toEqual(["g_find", "g_get"]);
    expect(after.notAsked.map(({ upstream }) => upstream)).toEqual(["other"]);
  });

  it("never contacts or starts anything", async () => {
    const spy = await startHandWritten(() => false);
    opened.push(spy);
    const marker = `/tmp/passerelle-preview-${process.pid}`;
    const shown = await preview({
      upstreams: {
        web: { kind: "mcp", url: spy.url, eager: true, egress: { allow: ["127.0.0.1"] } },
        program: { kind: "mcp", transport: "stdio", command: "touch", args: [marker], eager: true },
      },
    });
    expect(shown.notAsked.map(({ upstream }) => upstream)).toEqual(["web", "program"]);
    expect(spy.turns).toEqual([]);
    await expect(readFile(marker)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("is refused for a document with errors, or of another name or tenant", async () => {
    await expect(preview({ tools: [{ name: "x", upstream: "nobody", request: { path: "/" } }] })).rejects.toMatchObject(
      { code: "unprocessable", data: { problems: [{ severity: "error", line: 1 }] } },
    );
    await expect(preview({ tenant: "other" })).rejects.toMatchObject({
      code: "unprocessable",
      data: { problems: [{ path: ["tenant"], mend: "write tenant: default" }] },
    });
  });
});

describe("counting tokens", () => {
  it("takes what looks like a control token as text, and lone surrogates", async () => {
    expect(await countTokens("<|endoftext|>")).toBeGreaterThan(1);
    expect(await countTokens("\ud800")).toBeGreaterThan(0);
    expect(await countTokens("")).toBe(0);
  });

  it("is not stopped by long runs of one kind, for which the tokeniser needs minutes", async () => {
    const begunAt = performance.now();
    for (const unit of ["a", " ", "-", "\u0301", "あ"]) {
      expect(await countTokens(unit.repeat(300_000))).toBeGreaterThan(1_000);
    }
    expect(performance.now() - begunAt).toBeLessThan(withinMs(10_000));
  });
});

async function introduction(url: string, revision: PreviewRevision): Promise<string> {
  if (revision === "2026-07-28") return resultOf((await send(url, modernRequest("server/discover"))).text);
  const body = initializeRequest(revision, 1);
  return resultOf((await send(url, { headers: { accept: acceptBoth }, body })).text);
}

async function allPages(url: string, revision: PreviewRevision, method: string): Promise<string[]> {
  const isModern = revision === "2026-07-28";
  const session = isModern ? undefined : await openSession(url, revision);
  const pages: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const params = cursor === undefined ? {} : { cursor };
    const answer =
      session === undefined
        ? await send(url, modernRequest(method, { params }))
        : await session.post({ jsonrpc: "2.0", id: 1, method, params });
    pages.push(resultOf(answer.text));
    cursor = (answer.json() as { result: { nextCursor?: string } }).result.nextCursor; // of a list
    if (cursor === undefined) return pages;
  }
}

function resultOf(text: string): string {
  const [, result] = /^\{"jsonrpc":"2\.0","id":1,"result":(.*)\}$/s.exec(text) ?? [];
  if (result === undefined) throw new Error(text);
  return result;
}
