import { describe, expect, test } from "vitest";
import { anonymous } from "../../core/principal.ts";
import type { ServerView } from "./server-view.ts";
import { type CompiledForTest, compileForTest, offering, toolOf } from "../../../test/fixtures/compiled-servers.ts";

const mcp = { kind: "mcp", url: "https://mcp.example/mcp" };
const api = { kind: "http", baseUrl: "https://api.example" };

function viewOf({ server }: CompiledForTest): ServerView {
  return server.catalogue.current(anonymous);
}

function names(view: ServerView): string[] {
  return [...view.tools.keys()];
}

describe("tools of MCP upstreams", () => {
  test("of the only one keep their names, and every field that nobody asked to change", () => {
    const compiled = compileForTest({ upstreams: { files: mcp } });
    const read = toolOf("read_file", { vendor: { deep: [1n] }, annotations: { vendorHint: 1 } });
    compiled.upstreams["files"]?.offer(offering({ tools: [read, toolOf("write_file")] }));
    const view = viewOf(compiled);
    expect(names(view)).toEqual(["read_file", "write_file"]);
    expect(view.tools.get("read_file")?.definition).toBe(read);
  });

  test("of several bear the names of their upstreams", () => {
    const compiled = compileForTest({ upstreams: { files: mcp, web: mcp } });
    for (const upstream of Object.values(compiled.upstreams)) upstream.offer(offering({ tools: [toolOf("read")] }));
    expect(names(viewOf(compiled))).toEqual(["files_read", "web_read"]);
  });

  test("come after the document's own, in the order of expose, then of upstreams", () => {
    const compiled = compileForTest({
      upstreams: { api, a: mcp, b: mcp, c: mcp },
      tools: [{ name: "own", upstream: "api", request: { path: "/" } }],
      expose: [{ upstream: "c" }, { upstream: "a", prefix: "" }],
    });
    for (const name of ["a", "b", "c"]) compiled.upstreams[name]?.offer(offering({ tools: [toolOf(`of_${name}`)] }));
    expect(names(viewOf(compiled))).toEqual(["own", "c_of_c", "of_a", "b_of_b"]);
  });

  test("are chosen by globs, renamed and prefixed", () => {
    const compiled = compileForTest({
      upstreams: { files: mcp },
      expose: [
        {
          upstream: "files",
          prefix: "fs",
          separator: "__",
          tools: { include: ["read_*", "list"], exclude: ["*_secret"], rename: { read_a: "alpha" } },
        },
      ],
    });
    const offered = ["read_a", "read_b", "read_secret", "list", "delete"].map((name) => toolOf(name));
    compiled.upstreams["files"]?.offer(offering({ tools: offered }));
    expect(names(viewOf(compiled))).toEqual(["alpha", "fs__read_b", "fs__list"]);
    expect(viewOf(compiled).tools.get("alpha")).toMatchObject({
      upstreamName: "read_a",
      definition: { name: "alpha" },
    });
  });

  test("lose a name to whoever comes first, which is told with the winner", () => {
    const compiled = compileForTest({
      upstreams: { api, a: mcp, b: mcp },
      tools: [{ name: "find", upstream: "api", request: { path: "/" } }],
      expose: [
        { upstream: "a", prefix: "" },
        { upstream: "b", prefix: "" },
      ],
    });
    compiled.upstreams["a"]?.offer(offering({ tools: [toolOf("find"), toolOf("get")] }));
    compiled.upstreams["b"]?.offer(offering({ tools: [toolOf("get")] }));
    const view = viewOf(compiled);
    expect(view.tools.get("find")?.kind).toBe("http");
    expect(view.tools.get("get")).toMatchObject({ upstream: { name: "a" } });
    expect(view.leftOut).toEqual([
      { upstream: "a", kind: "tool", name: "find", reason: expect.stringContaining("a tool of the document") },
      { upstream: "b", kind: "tool", name: "get", reason: expect.stringContaining("the upstream a") },
    ]);
  });

  test("have names that every client takes, the same ones every time", () => {
    const compiled = compileForTest({ upstreams: { files: mcp }, expose: [{ upstream: "files", prefix: "p" }] });
    const long = "x".repeat(200);
    compiled.upstreams["files"]?.offer(offering({ tools: [toolOf("get/user: name"), toolOf(long), toolOf("日本")] }));
    const view = viewOf(compiled);
    const [cleaned, cut, ...more] = names(view);
    expect(cleaned).toBe("p_get_user_name");
    expect(cut).toMatch(/^p_x+_[0-9a-f]{8}$/);
    expect(cut).toHaveLength(128);
    expect(more).toEqual([]);
    expect(view.leftOut).toMatchObject([{ name: "日本", reason: expect.stringContaining("rename") }]);
    expect(view.tools.get(cut ?? "")).toMatchObject({ upstreamName: long });
  });

  test("show overrides over what the upstream says", () => {
    const compiled = compileForTest({
      upstreams: { files: mcp },
      expose: [
        {
          upstream: "files",
          tools: {
            overrides: {
              read: {
                title: "Read",
                description: "Ours.",
                annotations: { readOnlyHint: true },
                arguments: { encoding: "utf8", unknown: 1 },
                timeoutMs: 5,
                confirm: { message: "Really ${args.path}?" },
              },
            },
          },
        },
      ],
    });
    const inputSchema = {
      type: "object",
      properties: { path: { type: "string" }, encoding: { type: "string" } },
      required: ["path", "encoding"],
      additionalProperties: false,
    };
    const annotations = { destructiveHint: false, title: "Theirs" };
    const read = toolOf("read", { description: "Theirs.", inputSchema, annotations });
    compiled.upstreams["files"]?.offer(offering({ tools: [read] }));
    const tool = viewOf(compiled).tools.get("read");
    expect(tool?.definition).toEqual({
      name: "read",
      title: "Read",
      description: "Ours.",
      inputSchema: {
        type: "object",
        properties: { path: { type: "string" }, encoding: { type: "string", default: "utf8" } },
        required: ["path"],
        additionalProperties: false,
      },
      annotations: { destructiveHint: false, title: "Theirs", readOnlyHint: true },
    });
    expect(tool).toMatchObject({ defaults: { encoding: "utf8", unknown: 1 }, timeoutMs: 5, isIdempotent: true });
    expect(tool?.confirm).toBeDefined();
    expect(read["inputSchema"]).toBe(inputSchema);
    expect(inputSchema.required).toEqual(["path", "encoding"]);
  });

  test("with header annotations that clients must refuse are left out", () => {
    const compiled = compileForTest({ upstreams: { files: mcp } });
    const withHeader = (type: string) => ({ type: "object", properties: { a: { type, "x-mcp-header": "Region" } } });
    const good = toolOf("good", { inputSchema: withHeader("string") });
    const bad = toolOf("bad", { inputSchema: withHeader("array") });
    compiled.upstreams["files"]?.offer(offering({ tools: [good, bad] }));
    const view = viewOf(compiled);
    expect(names(view)).toEqual(["good"]);
    expect(view.tools.get("good")?.mirrored).toMatchObject([{ header: "mcp-param-region" }]);
    expect(view.leftOut).toMatchObject([{ name: "bad", reason: expect.stringContaining("x-mcp-header") }]);
  });

  test("of an upstream that is down stay listed, or are left out by choice", () => {
    const compiled = compileForTest({ upstreams: { kept: mcp, hidden: { ...mcp, whenDown: "hide" } } });
    for (const upstream of Object.values(compiled.upstreams)) {
      upstream.offer(offering({ tools: [toolOf("read")], state: "stale" }));
    }
    expect(names(viewOf(compiled))).toEqual(["kept_read"]);
  });
});

describe("prompts of MCP upstreams", () => {
  test("are chosen and renamed like tools, and keep names that tools may not have", () => {
    const compiled = compileForTest({
      upstreams: { files: mcp, web: mcp },
      expose: [{ upstream: "files", prompts: { exclude: ["hidden"], rename: { b: "beta" } } }],
    });
    const prompts = [{ name: "Ask me: now" }, { name: "b" }, { name: "hidden" }];
    compiled.upstreams["files"]?.offer(offering({ prompts }));
    expect([...viewOf(compiled).prompts.keys()]).toEqual(["files_Ask me: now", "beta"]);
  });
});

describe("instructions", () => {
  test("are the document's, whatever upstreams say", () => {
    const compiled = compileForTest({ instructions: "Ours.", upstreams: { a: mcp } });
    compiled.upstreams["a"]?.offer(offering({ instructions: "Theirs." }));
    expect(viewOf(compiled).instructions).toBe("Ours.");
  });

  test("are those of the upstreams when the document has none, below their names when there are several", () => {
    const compiled = compileForTest({ upstreams: { a: mcp, b: mcp, c: mcp } });
    compiled.upstreams["a"]?.offer(offering({ instructions: "Of a.\n" }));
    expect(viewOf(compiled).instructions).toBe("Of a.\n");
    compiled.upstreams["c"]?.offer(offering({ instructions: "Of c." }));
    expect(viewOf(compiled).instructions).toBe("## a\n\nOf a.\n\n## c\n\nOf c.");
  });
});
