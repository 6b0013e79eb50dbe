import { describe, expect, test } from "vitest";
import { anonymous, type Principal } from "../../core/principal.ts";
import { changedLists } from "./server-lists.ts";
import { compileForTest, offering, toolOf } from "../../../test/fixtures/compiled-servers.ts";

const mcp = { kind: "mcp", url: "https://mcp.example/mcp" };
const ada: Principal = { kind: "key", id: "key:ada", name: "ada", tenant: "*" };
const bob: Principal = { kind: "key", id: "key:bob", name: "bob", tenant: "*" };

describe("the views of a server with MCP upstreams", () => {
  test("are one for all to whom the upstreams offer the same, until that changes", () => {
    const { server, upstreams } = compileForTest({ upstreams: { a: mcp, b: mcp } });
    upstreams["a"]?.offer(offering({ tools: [toolOf("one")] }));
    const view = server.catalogue.current(ada);
    expect(server.catalogue.current(bob)).toBe(view);
    upstreams["b"]?.offer(offering({ tools: [toolOf("two")] }));
    expect([...server.catalogue.current(bob).tools.keys()]).toEqual(["a_one", "b_two"]);
    expect([...view.tools.keys()]).toEqual(["a_one"]);
  });

  test("are each principal's own where an upstream offers each something else", () => {
    const { server, upstreams } = compileForTest({ upstreams: { a: mcp } });
    upstreams["a"]?.offer(offering({ tools: [toolOf("for_ada")] }), ada.id);
    upstreams["a"]?.offer(offering({ tools: [toolOf("for_bob")] }), bob.id);
    const [first, second] = [server.catalogue.current(ada), server.catalogue.current(bob)];
    expect([...first.tools.keys()]).toEqual(["for_ada"]);
    expect([...second.tools.keys()]).toEqual(["for_bob"]);
    expect(server.catalogue.current(ada)).toBe(first);
    expect(server.catalogue.current(bob)).toBe(second);
  });

  test("are waited for while an upstream was never listed, and only then", async () => {
    const { server, upstreams } = compileForTest({ upstreams: { a: mcp, b: mcp } });
    const b = upstreams["b"];
    upstreams["a"]?.offer(offering({}));
    const waiting = server.catalogue.ready(ada);
    expect(waiting).toBeInstanceOf(Promise);
    b?.offer(offering({ tools: [toolOf("late")] }));
    expect([...(await waiting).tools.keys()]).toEqual(["b_late"]);
    expect(server.catalogue.ready(ada)).toBe(server.catalogue.current(ada));
  });

  test("remember which lists a principal was given, so that it hears of changes alone", () => {
    const { server, upstreams } = compileForTest({ upstreams: { a: mcp } });
    const { catalogue } = server;
    upstreams["a"]?.offer(offering({ tools: [toolOf("one")], prompts: [{ name: "ask" }] }));
    expect(catalogue.shown(ada)).toBeUndefined();
    catalogue.current(ada);
    expect(catalogue.shown(ada)).toBeUndefined();
    void catalogue.ready(ada);
    const before = catalogue.shown(ada);
    upstreams["a"]?.offer(offering({ tools: [toolOf("one")], prompts: [], resources: [{ uri: "a:b", name: "b" }] }));
    expect(catalogue.shown(ada)).toBe(before);
    expect(before && changedLists(before, catalogue.show(ada))).toEqual(["prompts", "resources"]);
    expect(catalogue.shown(bob)).toBeUndefined();
    expect(catalogue.shown(anonymous)).toBeUndefined();
  });
});

describe("pinned tools", () => {
  const seen = new Map<string, Readonly<Record<string, string>>>();
  const pins = {
    generation: 0,
    get: ({ tool }: { readonly tool: string }) => seen.get(tool),
    add: ({ tool }: { readonly tool: string }, pin: Readonly<Record<string, string>>) => {
      seen.set(tool, pin);
      return true;
    },
    close: async () => undefined,
  };

  test.each([
    [true, undefined],
    ["block", expect.stringContaining("description, inputSchema")],
  ])("with pin: %s are told when they drift", (pin, blocked) => {
    seen.clear();
    const { server, upstreams } = compileForTest({ upstreams: { a: mcp }, expose: [{ upstream: "a", pin }] }, pins);
    const original = { description: "Reads.", inputSchema: { type: "object", properties: { b: {}, a: {} } } };
    upstreams["a"]?.offer(offering({ tools: [toolOf("read", original), toolOf("other")] }));
    expect(server.catalogue.current(ada).drifts).toEqual([]);
    const reordered = { ...original, inputSchema: { properties: { a: {}, b: {} }, type: "object" }, vendor: 1 };
    upstreams["a"]?.offer(offering({ tools: [toolOf("read", reordered), toolOf("other")] }));
    expect(server.catalogue.current(ada).drifts).toEqual([]);
    const drifted = { description: "Reads, and tells others.", inputSchema: { type: "object" } };
    upstreams["a"]?.offer(offering({ tools: [toolOf("read", drifted), toolOf("other"), toolOf("new")] }));
    const view = server.catalogue.current(ada);
    const changed = ["description", "inputSchema"];
    expect(view.drifts).toEqual([{ upstream: "a", tool: "read", changed, isBlocked: pin === "block" }]);
    expect(view.tools.get("read")).toMatchObject({ blocked });
    expect(view.tools.get("other")).toMatchObject({ blocked: undefined });
    upstreams["a"]?.offer(offering({ tools: [toolOf("read", original)] }));
    expect(server.catalogue.current(ada).tools.get("read")).toMatchObject({ blocked: undefined });
  });

  test("are judged anew once their pins were forgotten, also for operators who look first", () => {
    seen.clear();
    const parts = { upstreams: { a: mcp }, expose: [{ upstream: "a", pin: "block" }] };
    const { server, upstreams } = compileForTest(parts, pins);
    const offer = (description: string): void =>
      upstreams["a"]?.offer(offering({ tools: [toolOf("read", { description })] }));
    offer("One.");
    server.catalogue.current(ada);
    offer("Two.");
    expect(server.catalogue.current(ada).tools.get("read")).toMatchObject({ blocked: expect.any(String) });
    offer("Three.");
    seen.clear();
    pins.generation++;
    expect(server.catalogue.latest().drifts).toEqual([]);
    expect(server.catalogue.current(ada).tools.get("read")).toMatchObject({ blocked: undefined });
    offer("Two.");
    expect(server.catalogue.current(ada).tools.get("read")).toMatchObject({ blocked: expect.any(String) });
  });

  test("are not remembered unless somebody wants it", () => {
    seen.clear();
    const { server, upstreams } = compileForTest({ upstreams: { a: mcp } }, pins);
    upstreams["a"]?.offer(offering({ tools: [toolOf("read")] }));
    server.catalogue.current(ada);
    expect(seen.size).toBe(0);
  });
});
