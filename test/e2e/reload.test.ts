import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { saveDocument } from "../fixtures/document-editor.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { openEvents, type RawAnswer, send } from "../fixtures/raw-http.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";

let gateway: TestGateway;
let url: string;

beforeEach(async () => {
  gateway = await openTestGateway();
  url = `${gateway.prefix}/mcp`;
});

afterEach(() => gateway.close());

const callText = modernRequest("tools/call", { params: { name: "test_simple_text" } });

/** Replaces text of the served document and reloads. */
async function edit(from: string, to: string): Promise<void> {
  const { documentPath } = gateway.site;
  await saveDocument(documentPath, (await readFile(documentPath, "utf8")).replace(from, to));
  await gateway.reload();
}

describe("a reload", () => {
  it("that changes nothing tells nobody", async () => {
    const stream = await openEvents(
      url,
      modernRequest("subscriptions/listen", {
        params: { notifications: { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true } },
      }),
    );
    await stream.message();
    await gateway.reload();
    await edit("Returns a short plain text.", "Returns a very short plain text.");
    expect(await stream.message()).toMatchObject({ method: "notifications/tools/list_changed" });
    await edit("name: Static text", "name: Constant text");
    expect(await stream.message()).toMatchObject({ method: "notifications/resources/list_changed" });
    stream.close();
  });

  it("tells those who subscribed to a resource that it changed", async () => {
    const session = await openSession(url, "2025-11-25");
    const stream = await session.listen();
    const params = { uri: "test://watched-resource" };
    await session.post({ jsonrpc: "2.0", id: 1, method: "resources/subscribe", params });
    await edit("Watched since the first edition.", "A second edition.");
    expect(await stream.message()).toEqual({ jsonrpc: "2.0", method: "notifications/resources/updated", params });
    await session.end();
  });

  it("refuses a broken document and goes on with its last good version", async () => {
    const session = await openSession(url, "2025-11-25");
    await edit("upstream: api", "upstream: nowhere");
    expect((await send(url, callText)).text).toContain("simple text response");
    expect((await session.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(200);
    expect(JSON.stringify(gateway.status())).toContain("nowhere");
    await edit("upstream: nowhere", "upstream: api");
    expect(JSON.stringify(gateway.status())).not.toContain("nowhere");
  });

  it("lets a broken document stand alone: its neighbours are served, old and new", async () => {
    const { directory } = gateway.site;
    await writeFile(
      join(directory, "broken.yaml"),
      "name: broken\nroutes: [{ prefix: /broken, access: public }]\ntols: []\n",
    );
    await writeFile(join(directory, "tabs.yaml"), "name: tabs\n\troutes: []\n");
    await writeFile(join(directory, "second.yaml"), "name: second\nroutes: [{ prefix: /second, access: public }]\n");
    await gateway.reload();
    expect((await send(url, callText)).status).toBe(200);
    expect((await send(`${gateway.url}/second/mcp`, modernRequest("server/discover"))).status).toBe(200);
    expect((await send(`${gateway.url}/broken/mcp`, modernRequest("server/discover"))).status).toBe(404);
    const status = JSON.stringify(gateway.status());
    expect(status).toContain("broken.yaml");
    expect(status).toContain("tabs.yaml");
  });

  it("ends the sessions of a server that is gone", async () => {
    const session = await openSession(url, "2025-11-25");
    const stream = await session.listen();
    await edit("prefix: /conformance", "prefix: /moved");
    while ((await stream.next()) !== undefined);
    expect((await session.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(404);
    expect((await send(`${gateway.url}/moved/mcp`, callText)).status).toBe(200);
  });

  it("loses no request, a hundred times under load", { timeout: 60_000 }, async () => {
    const session = await openSession(url, "2025-11-25");
    const params = { name: "test_simple_text" };
    const failures: string[] = [];
    let served = 0;
    let isOver = false;
    const call = async (answer: Promise<RawAnswer>): Promise<void> => {
      const text = await answer.then(({ text }) => text, String);
      if (text.includes("simple text response")) served += 1;
      else failures.push(text);
    };
    const caller = async (): Promise<void> => {
      while (!isOver) {
        await call(send(url, callText));
        await call(session.post({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
      }
    };
    const callers = Array.from({ length: 4 }, caller);
    for (let round = 0; round < 100; round += 1) {
      await gateway.site.toggle("tools");
      await gateway.reload();
    }
    isOver = true;
    await Promise.all(callers);
    expect(failures).toEqual([]);
    expect(served).toBeGreaterThan(100);
  });
});
