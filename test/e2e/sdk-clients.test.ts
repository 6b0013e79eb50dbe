import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";
import type { Peer } from "../fixtures/peer.ts";
import { peerKinds } from "../fixtures/sdk-peers.ts";

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openTestGateway();
});

afterAll(() => gateway.close());

describe.each(peerKinds)("$name over $transport ($revision)", (kind) => {
  let peer: Peer;

  beforeAll(async () => {
    peer = await kind.connect(gateway.prefix);
  });

  afterAll(() => peer?.close()); // absent when it could not connect

  it("lists the tools with their schemas as written", async () => {
    const { tools } = await peer.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(["test_simple_text", "test_reconnection"]));
    expect(tools.find((tool) => tool.name === "test_x_mcp_header")).toMatchObject({
      inputSchema: { type: "object", properties: { region: { type: "string", "x-mcp-header": "Region" } } },
    });
  });

  it("calls a tool and gets its text", async () => {
    expect(await peer.callTool("test_simple_text")).toMatchObject({
      content: [{ type: "text", text: "This is a simple text response for testing." }],
    });
  });

  it("calls a tool whose argument also travels as a header", async () => {
    const result = await peer.callTool("test_x_mcp_header", { region: " Łódź " });
    expect(JSON.stringify(result)).toContain(" Łódź ");
  });

  it("gets an error of the backend as a result", async () => {
    const result = await peer.callTool("test_error_handling");
    expect(result).toMatchObject({ isError: true });
    expect(JSON.stringify(result)).toContain("intentionally returns an error");
  });

  it("learns which argument is wrong", async () => {
    const result = await peer.callTool("test_x_mcp_header", { region: 5 });
    expect(result).toMatchObject({ isError: true });
    expect(JSON.stringify(result)).toContain("region");
  });

  it("hears the progress of a call", async () => {
    const updates: number[] = [];
    const result = await peer.callTool(
      "test_tool_with_progress",
      {},
      { onprogress: ({ progress }) => updates.push(progress) },
    );
    expect(updates).toEqual([0, 50, 100]);
    expect(JSON.stringify(result)).toContain("All steps are done.");
  });

  it("hears the log of a call when it asked for it", async () => {
    await peer.askForLogs("debug");
    await peer.callTool("test_tool_with_logging");
    const messages = await peer.notifications.waitFor("notifications/message", 3);
    expect(messages.map((message) => message.params)).toMatchObject([
      { level: "info", logger: "jobs", data: "Tool execution started" },
      { level: "info", data: "Tool processing data" },
      { level: "info", data: "Tool execution completed" },
    ]);
  });

  it("cancels a call, and the backend is told", async () => {
    const cancel = new AbortController();
    const aborted = once(gateway.site.backend.events, "aborted");
    const call = peer.callTool("test_held_job", {}, { onprogress: () => cancel.abort(), signal: cancel.signal });
    await expect(call).rejects.toThrow();
    expect(await aborted).toEqual(["/jobs/held"]);
  });

  it("lists and gets prompts", async () => {
    expect(JSON.stringify(await peer.listPrompts())).toContain("test_prompt_with_arguments");
    expect(await peer.getPrompt("test_prompt_with_arguments", { arg1: "hello", arg2: "world" })).toMatchObject({
      messages: [
        { role: "user", content: { type: "text", text: "Prompt with arguments: arg1='hello', arg2='world'" } },
      ],
    });
  });

  it("lists and reads resources", async () => {
    expect(JSON.stringify(await peer.listResources())).toContain("test://static-binary");
    expect(await peer.readResource("test://static-text")).toMatchObject({
      contents: [{ uri: "test://static-text", mimeType: "text/plain", text: expect.stringContaining("static text") }],
    });
    expect(await peer.readResource("test://static-binary")).toMatchObject({
      contents: [{ mimeType: "image/png", blob: expect.stringMatching(/^iVBOR/) }],
    });
  });

  it("lists and reads resource templates", async () => {
    expect(await peer.listResourceTemplates()).toMatchObject({
      resourceTemplates: [{ uriTemplate: "test://template/{id}/data" }],
    });
    const result = await peer.readResource("test://template/42/data");
    expect(JSON.stringify(result)).toContain("Data for ID: 42");
  });

  it("completes an argument of a prompt", async () => {
    expect(await peer.complete("test_prompt_with_arguments", "arg1", "par")).toMatchObject({
      completion: { values: ["paris", "park", "party"] },
    });
  });

  it("learns that a resource does not exist", async () => {
    const error = await peer.readResource("test://nowhere").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: kind.notFoundCode });
  });

  it("learns that a tool does not exist", async () => {
    const error = await peer.callTool("no_such_tool").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: -32602 });
  });

  it("hears that the list of tools changed, and finds the change", async () => {
    await peer.watchTools();
    const before = (await peer.listTools()).tools.some((tool) => tool.name === "test_published_tool");
    const known = peer.notifications.of("notifications/tools/list_changed").length;
    await gateway.site.toggle("tools");
    await gateway.reload();
    await peer.notifications.waitFor("notifications/tools/list_changed", known + 1);
    const after = (await peer.listTools()).tools.some((tool) => tool.name === "test_published_tool");
    expect(after).toBe(!before);
  });
});

describe("a list in pages", () => {
  let paged: TestGateway;

  beforeAll(async () => {
    paged = await openTestGateway((document) => `${document}\npageSize: 4\n`);
  });

  afterAll(() => paged.close());

  it.each(peerKinds)("is read to its end by $name over $transport ($revision)", async (kind) => {
    const peer = await kind.connect(paged.prefix);
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await peer.listTools(cursor);
      names.push(...page.tools.map((tool) => tool.name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(names).toHaveLength(15);
    expect(new Set(names).size).toBe(names.length);
    await peer.close();
  });
});

describe.each(peerKinds.filter((kind) => kind.transport === "http" && kind.era === "legacy"))(
  "the end of a session, $name ($revision)",
  (kind) => {
    it("is asked for with DELETE, and nothing is served after it", async () => {
      const peer = await kind.connect(gateway.prefix);
      await peer.endSession?.();
      await expect(peer.listTools()).rejects.toThrow();
      await peer.close();
    });
  },
);
