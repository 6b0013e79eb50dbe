import { expect, test } from "vitest";
import { describeDocument } from "./describe.ts";
import { serverDocument } from "./document.ts";

const source = {
  name: "crm",
  routes: [{ prefix: "/crm" }],
  upstreams: { api: { kind: "http", baseUrl: "https://crm.example" } },
  tools: [
    { name: "get", upstream: "api", request: { path: "/a" }, result: { a: 1, b: 2 } },
    { name: "put", upstream: "api", request: { path: "/b" } },
  ],
};

const describe = (value: unknown) => describeDocument(serverDocument.parse(value));

test("neither the order of keys nor written defaults change a description", () => {
  const [get, put] = source.tools;
  const same = {
    tools: [{ result: { b: 2, a: 1 }, request: { method: "GET", path: "/a" }, upstream: "api", name: "get" }, put],
    upstreams: source.upstreams,
    pageSize: 1_000,
    routes: [{ access: "key", prefix: "/crm" }],
    name: "crm",
  };
  expect(get?.name).toBe("get");
  expect(describe(same)).toEqual(describe(source));
});

test("a change shows in the key of its part and in the whole, nowhere else", () => {
  const before = describe(source);
  const after = describe({ ...source, tools: [{ ...source.tools[0], result: { a: 1, b: 3n } }, source.tools[1]] });
  expect(after.hash).not.toBe(before.hash);
  expect(after.keys).toEqual(before.keys);
  expect(after.parts.tools.put).toEqual(before.parts.tools.put);
  const changed = Object.entries(after.parts.tools.get ?? {}).filter(
    ([key, hash]) => before.parts.tools.get?.[key] !== hash,
  );
  expect(changed.map(([key]) => key)).toEqual(["result"]);
});

test("no value of the document is in its description", () => {
  expect(JSON.stringify(describe(source))).not.toContain("crm.example");
});
