import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { findSchemaProblems } from "../../schemas/json-schema.ts";
import { compileOperation } from "./compile-operation.ts";
import { descriptionOf, operationOf, partsOf } from "./testing.ts";

// What would take for ever, or all memory, if it were written out. Whoever hangs fails by the limit of the test.

const ref = (index: number): JsonObject => ({ $ref: `#/components/schemas/S${index}` });
const chain = (length: number, link: (index: number) => JsonObject): JsonObject => {
  const entries = Array.from({ length }, (_, index) => [`S${index}`, link(index)] as const);
  return Object.fromEntries([...entries, [`S${length}`, { type: "object" }]]);
};

test.each<[string, JsonObject]>([
  ["two ways to each next schema", chain(60, (index) => ({ properties: { a: ref(index + 1), b: ref(index + 1) } }))],
  ["allOf of the same schema twice", chain(60, (index) => ({ allOf: [ref(index + 1), ref(index + 1)] }))],
  [
    "two ways through allOf",
    chain(60, (index) => {
      const other = (name: string): JsonObject => ({
        allOf: [ref(index + 1), { properties: { [name]: { type: "string" } } }],
      });
      return { type: "object", properties: { a: other("x"), b: other("y") } };
    }),
  ],
  [
    "a long chain of allOf, each member of which hides something",
    chain(1_000, (index) => ({
      allOf: [ref(index + 1)],
      required: [`p${index}`],
      properties: { [`p${index}`]: { type: "string", readOnly: true } },
    })),
  ],
  ["a long chain of properties", chain(20_000, (index) => ({ type: "object", properties: { next: ref(index + 1) } }))],
  [
    "each schema refers to each",
    chain(60, () => ({
      type: "object",
      properties: Object.fromEntries(Array.from({ length: 60 }, (_, other) => [`p${other}`, ref(other)])),
    })),
  ],
  ["allOf of itself", { S0: { allOf: [ref(0)], properties: { a: ref(0) } } }],
  [
    "a million values",
    {
      S0: { type: "object", properties: { a: { enum: Array.from({ length: 1_000_000 }, (_, index) => `v${index}`) } } },
    },
  ],
  [
    "very many properties",
    {
      S0: {
        type: "object",
        properties: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`p${index}`, true])),
      },
    },
  ],
])("%s end in a small schema", (_, schemas) => {
  const content: JsonValue = { "application/json": { schema: ref(0) } };
  const operation = { requestBody: { required: true, content }, responses: { "200": { content } } };
  const description = descriptionOf({ components: { schemas }, paths: { "/x": { post: operation } } });
  const { input, output } = partsOf(compileOperation(operationOf(description, "POST", "/x"), description));
  expect(JSON.stringify(input).length).toBeLessThan(60_000);
  expect(findSchemaProblems(input, [], { deep: true, root: "object" })).toEqual([]);
  expect(JSON.stringify(output ?? {}).length).toBeLessThan(20_000);
});

test("operations that answer with the same component share its schema", () => {
  const content: JsonValue = { "application/json": { schema: ref(0) } };
  const get = { responses: { "200": { content } } };
  const description = descriptionOf({
    components: { schemas: chain(1, () => ({ type: "object", properties: { a: ref(1) } })) },
    paths: { "/a": { get }, "/b": { get: structuredClone(get) } },
  });
  const output = (path: string): JsonObject =>
    partsOf(compileOperation(operationOf(description, "GET", path), description)).output ?? {};
  expect(output("/a")["properties"]).toBeDefined();
  expect(output("/a")["properties"]).toBe(output("/b")["properties"]);
});
