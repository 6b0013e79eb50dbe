import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { ImportNote } from "../../report/import-report.ts";
import { applyOverlays } from "./apply-overlays.ts";

const description: JsonObject = {
  info: { title: "T", version: 2n ** 60n },
  paths: { "/a": { get: { tags: ["x"] }, post: { tags: ["y"] } }, "/b": { get: { tags: ["x", "y"] } } },
};

function apply(...actions: JsonValue[]): { result: JsonObject; notes: string[] } {
  const notes: ImportNote[] = [];
  const value = { overlay: "1.0.0", info: { title: "O", version: "1" }, actions };
  const result = applyOverlays(description, [{ name: "o.yaml", value }], (note) => notes.push(note));
  return { result, notes: notes.map(({ code }) => code) };
}

test("updates are merged into objects and added to lists, in the order of the actions", () => {
  const { result, notes } = apply(
    { target: "$.info", update: { title: "New", contact: { name: "N" } } },
    { target: "$.info.contact", update: { url: "u" } },
    { target: "$.paths.*.get.tags", update: "z" },
    { target: "$.paths['/a'].get", update: { tags: ["w"], deprecated: true } },
  );
  expect(result).toEqual({
    info: { title: "New", version: 2n ** 60n, contact: { name: "N", url: "u" } },
    paths: {
      "/a": { get: { tags: ["x", "z", "w"], deprecated: true }, post: { tags: ["y"] } },
      "/b": { get: { tags: ["x", "y", "z"] } },
    },
  });
  expect(notes).toEqual([]);
});

test("what is removed is gone, items of lists too, and the original is as it was", () => {
  const before = structuredClone(description);
  const { result } = apply(
    { target: "$.paths.*.post", remove: true },
    { target: "$..tags[?@ == 'x' || @ == 'y']", remove: true },
    { target: "$.paths[?match(@.get.nothing, '(a+)+b')]", remove: true },
  );
  expect(result["paths"]).toEqual({ "/a": { get: { tags: [] } }, "/b": { get: { tags: [] } } });
  expect(description).toEqual(before);
});

test("a target that matches nothing, or what nothing can be merged into, is a note", () => {
  const { notes } = apply(
    { target: "$.nowhere", remove: true },
    { target: "$.info.title", update: { a: 1 } },
    { target: "$.info" },
  );
  expect(notes).toEqual(["overlay-target-missing", "overlay-target-unfit", "overlay-action-empty"]);
});

test.each<[JsonValue, string]>([
  [{ target: "$.[", update: {} }, "o.yaml, actions[0]: `$.[` is no JSONPath"],
  [{ update: {} }, "o.yaml, actions[0]: an action needs a `target`"],
  [{ target: "$", remove: true }, "cannot remove the whole"],
])("%j is refused", (action, reason) => {
  expect(() => apply(action)).toThrow(reason);
});

test("keys of prototypes are keys like others", () => {
  const update = JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject; // the text above
  const { result } = apply({ target: "$.info", update });
  expect(Object.hasOwn(result["info"] as JsonObject, "__proto__")).toBe(true);
  expect(Reflect.get({}, "polluted")).toBeUndefined();
});

test("a pattern that would take for ever ends", () => {
  const value = { overlay: "1.0.0", actions: [{ target: "$.texts[?match(@, '(a+)+b')]", remove: true }] };
  const texts = { texts: ["a".repeat(50_000)] };
  expect(applyOverlays(texts, [{ name: "o", value }], () => undefined)).toEqual(texts);
});

test("a target that matches far too much is refused", () => {
  let chain: JsonObject = {};
  for (let level = 0; level < 60; level++) chain = { x: chain };
  const value = { overlay: "1.0.0", actions: [{ target: `$${"..*".repeat(6)}`, remove: true }] };
  expect(() => applyOverlays(chain, [{ name: "o", value }], () => undefined)).toThrow("matches or visits too much");
});
