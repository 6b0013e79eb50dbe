import fc from "fast-check";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { parseYaml } from "../../src/adapters/yaml/parse-yaml.ts";
import { writeDocument } from "../../src/imports/write-document.ts";

test("small mappings stand on one line, long text in blocks", () => {
  const text = writeDocument(
    {
      name: "pets",
      version: "1.0",
      routes: [{ prefix: "/pets" }],
      tools: [
        {
          name: "get_pet",
          description: "First paragraph.\n\nSecond: with a colon.",
          input: { type: "object", properties: { id: { type: "integer", maximum: 9007199254740993n } } },
          request: { path: "/pets/{id}", query: { full: "${args.full}" } },
        },
      ],
    },
    ["Made from pets.yaml."],
  );
  expect(text).toBe(`# Made from pets.yaml.
name: pets
version: "1.0"
routes:
  - prefix: /pets
tools:
  - name: get_pet
    description: |-
      First paragraph.

      Second: with a colon.
    input:
      type: object
      properties: { id: { type: integer, maximum: 9007199254740993 } }
    request: { path: "/pets/{id}", query: { full: "\${args.full}" } }
`);
});

test("whatever is written is read as it was", () => {
  const document = fc.dictionary(
    fc.string({ unit: "grapheme-composite" }),
    fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(document, (value) => {
      expect(load(writeDocument(value as JsonObject))).toEqual(value);
    }),
  );
});

test("a very long list of tools has a line for each, and is read as it was", () => {
  const tools = Array.from({ length: 1_500 }, (_, index) => ({
    name: `t${index}`,
    input: { big: 2n ** 60n, text: "a: #b\n" },
  }));
  const text = writeDocument({ name: "long", tools });
  expect(text.split("\n")).toHaveLength(1_503);
  expect(parseYaml(text)).toEqual({ kind: "value", value: { name: "long", tools } });
});
