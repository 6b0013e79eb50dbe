import { expect, test } from "vitest";
import { describeDocument } from "./describe.ts";
import { serverDocument } from "./document.ts";
import { planChanges } from "./plan.ts";

const tool = (name: string, path = "/") => ({ name, upstream: "api", request: { path } });

function describe(name: string, more: Record<string, unknown> = {}) {
  const upstreams = { api: { kind: "http", baseUrl: "http://api.example" } };
  return describeDocument(serverDocument.parse({ name, routes: [{ prefix: `/${name}` }], upstreams, ...more }));
}

test("equal documents plan nothing", () => {
  expect(planChanges([describe("a")], [describe("a")])).toEqual([]);
});

test("servers are added, changed and removed, down to the keys of their parts", () => {
  const served = [describe("a", { tools: [tool("keep"), tool("edit"), tool("drop")] }), describe("old")];
  const wanted = [
    describe("a", { title: "A", tools: [tool("keep"), { ...tool("edit", "/x"), title: "E" }, tool("new")] }),
    describe("fresh"),
  ];
  expect(planChanges(served, wanted)).toEqual([
    {
      change: "change",
      server: "default/a",
      parts: [
        { change: "change", part: "key", name: "title", keys: [] },
        { change: "remove", part: "tool", name: "drop", keys: [] },
        { change: "change", part: "tool", name: "edit", keys: ["request", "title"] },
        { change: "add", part: "tool", name: "new", keys: [] },
      ],
    },
    {
      change: "add",
      server: "default/fresh",
      parts: [
        { change: "add", part: "route", name: "/fresh", keys: [] },
        { change: "add", part: "upstream", name: "api", keys: [] },
      ],
    },
    {
      change: "remove",
      server: "default/old",
      parts: [
        { change: "remove", part: "route", name: "/old", keys: [] },
        { change: "remove", part: "upstream", name: "api", keys: [] },
      ],
    },
  ]);
});

test("parts that are only written in another order plan a change of the order", () => {
  const tools = [tool("x"), tool("y")];
  const [change] = planChanges([describe("a", { tools })], [describe("a", { tools: tools.toReversed() })]);
  expect(change).toEqual({
    change: "change",
    server: "default/a",
    parts: [{ change: "change", part: "tools", name: "order", keys: [] }],
  });
});
