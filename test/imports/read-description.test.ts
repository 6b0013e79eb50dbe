import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/adapters/yaml/parse-yaml.ts";
import { AppError } from "../../src/core/errors.ts";
import { isJsonObject, type JsonValue } from "../../src/core/json.ts";
import type { ImportNote } from "../../src/imports/report/import-report.ts";
import type { Description, Located } from "../../src/imports/openapi/description.ts";
import { readDescription } from "../../src/imports/openapi/reading/read-description.ts";

const notes: ImportNote[] = [];

async function read(text: string, files: Readonly<Record<string, string>> = {}): Promise<Description> {
  notes.length = 0;
  const asked: string[] = [];
  const parts = {
    parseYaml,
    countTokens: () => 0,
    load: async (address: string) => {
      asked.push(address);
      const file = files[address];
      if (file === undefined) throw new AppError("unprocessable", "There is none.");
      return file;
    },
  };
  const source = { text, name: "api.yaml", address: "https://api.example/v1/api.yaml" };
  const { description } = await readDescription(source, parts, (note) => notes.push(note));
  expect(new Set(asked).size).toBe(asked.length);
  return description;
}

function at(description: Description, ...keys: (string | number)[]): Located {
  let located: Located = description.root;
  for (const key of keys) {
    const child = description.child(located, key);
    if (child === undefined) throw new Error(`nothing at ${key}`);
    located = child;
  }
  return located;
}

const head = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\n";

describe("what is no description is refused with a reason", () => {
  test.each([
    ["", "the text is empty"],
    ["<!doctype html><html>", "this is a page"],
    ["just words", "this is text, not a mapping"],
    ["a: 1", "neither the key `openapi` nor the key `swagger`"],
    ["openapi: 4.0.0", "OpenAPI 4.0.0 is not known"],
    ["swagger: '1.2'", "OpenAPI 1.2 is not known"],
    ["asyncapi: 3.0.0", "AsyncAPI"],
    ["overlay: 1.0.0", "--overlay"],
    ['{"openapi": "3.0.0",\n  "info": {]}', "line 2: not valid JSON"],
    ["openapi: 3.0.0\ninfo: [", "line 2: not valid YAML"],
    ["openapi: 3.0.0\nopenapi: 3.0.0", "duplicate key"],
    [
      "a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]",
      "aliases add more than",
    ],
    [`{"openapi": ${"[".repeat(600)}${"]".repeat(600)}}`, "nested deeper"],
  ])("%#: %.40j", async (text, reason) => {
    await expect(read(text)).rejects.toMatchObject({ code: "unprocessable", message: expect.stringContaining(reason) });
  });

  test.each(["swagger: 2.0", "openapi: 3.0.3", "openapi: 3.1", "openapi: 3.2.0", "openapi: 3.0.0-rc1"])(
    "but %s is one",
    async (text) => {
      expect((await read(text)).root.value["openapi"]).toBeDefined();
    },
  );
});

describe("references", () => {
  test("are followed within the document, escaped, percent-encoded and by anchor", async () => {
    const description = await read(`${head}
x: { "a/b~c d": { $anchor: here, value: 1 } }
refs: [{ $ref: "#/x/a~1b~0c%20d" }, { $ref: "#here" }, { $ref: "#/refs/0" }, { $dynamicRef: "#here" }]`);
    for (const index of [0, 1, 2, 3]) {
      const found = description.resolve(at(description, "refs", index));
      expect(found).toMatchObject({ value: { value: 1 }, pointer: "/x/a~1b~0c d" });
    }
  });

  test("are followed into other documents, whose own are relative to them", async () => {
    const description = await read(`${head}\nx: { $ref: "parts/a.yaml#/one" }`, {
      "https://api.example/v1/parts/a.yaml": "one: { $ref: '../b.json#/two' }",
      "https://api.example/v1/b.json": '{"two": {"type": "string"}}',
    });
    expect(description.resolve(at(description, "x"))).toEqual({
      value: { type: "string" },
      document: "https://api.example/v1/b.json",
      pointer: "/two",
    });
  });

  test("are followed by the name that a schema gives itself", async () => {
    const description = await read(`${head}
a: { $id: "https://schemas.example/pet", properties: { next: { $ref: "#/$defs/next" } }, $defs: { next: { type: "null" } } }
b: { $ref: "https://schemas.example/pet#/$defs/next" }`);
    expect(description.resolve(at(description, "b")).value).toEqual({ type: "null" });
  });

  test("of examples and defaults are data", async () => {
    await read(`${head}\na: { example: { $ref: "lost.yaml" }, properties: { example: { $ref: "found.yaml" } } }`, {
      "https://api.example/v1/found.yaml": "type: string",
    });
    expect(notes).toEqual([]);
  });

  test("that lead nowhere, in a circle or to a missing document fail alone and say so", async () => {
    const description = await read(`${head}
nowhere: { $ref: "#/x/y" }
circle: { $ref: "#/circle2" }
circle2: { $ref: "#/circle" }
missing: { $ref: "lost.yaml#/x" }
odd: { $ref: "http://[" }
fine: { $ref: "#/info" }`);
    const fail = (key: string) => () => description.resolve(at(description, key));
    expect(fail("nowhere")).toThrow("The reference `#/x/y` at `/nowhere` leads to nothing.");
    expect(fail("circle")).toThrow("in a circle");
    expect(fail("missing")).toThrow("could not be loaded: There is none");
    expect(fail("odd")).toThrow("is no address");
    expect(description.resolve(at(description, "fine")).value).toMatchObject({ title: "T" });
    expect(notes.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(["reference-not-loaded #/missing"]);
  });

  test("in chains of any length end with an answer", async () => {
    const links = Array.from({ length: 100_000 }, (_, index) => `"l${index}": {"$ref": "#/l${index + 1}"}`);
    const description = await read(`{"openapi": "3.1.0", ${links.join(",")}, "l100000": {}}`);
    expect(() => description.resolve(at(description, "l0"))).toThrow("more than 100 steps");
    expect(description.resolve(at(description, "l99950")).value).toEqual({});
  });

  test("stay within bounds, however many documents name others", async () => {
    let loads = 0;
    const load = async (address: string): Promise<string> => {
      loads++;
      const number = Number(/(\d+)/.exec(address.slice(20))?.[1] ?? 0);
      return `a: [{ $ref: "d${number * 2 + 1}.yaml" }, { $ref: "d${number * 2 + 2}.yaml" }]`;
    };
    const source = { text: `${head}\na: { $ref: "d1.yaml" }`, name: "api.yaml", address: "https://api.example/" };
    await readDescription(source, { parseYaml, countTokens: () => 0, load }, () => undefined);
    expect(loads).toBeLessThanOrEqual(1_000);
  });
});

describe("2.0 and 3.0 come in the shape of 3.1", () => {
  test("pointers of 2.0 stay valid, also those into what has moved", async () => {
    const description = await read(`swagger: "2.0"
definitions: { Pet: { type: object, x-nullable: true } }
paths:
  /pets:
    get: { responses: { 200: { description: ok, schema: { type: array, x-nullable: true } } } }
refs: [{ $ref: "#/definitions/Pet" }, { $ref: "#/paths/~1pets/get/responses/200/schema" }]`);
    expect(description.resolve(at(description, "refs", 0)).value).toEqual({ type: ["object", "null"] });
    expect(description.resolve(at(description, "refs", 1)).value).toEqual({ type: ["array", "null"] });
  });

  test("schemas are changed where schemas stand, and nowhere else", async () => {
    const description = await read(`openapi: 3.0.0
components:
  schemas:
    A:
      type: object
      nullable: true
      example: { nullable: true, example: 1 }
      properties:
        nullable: { type: boolean, example: true }
        example: { type: integer, exclusiveMinimum: true, minimum: 1, exclusiveMaximum: false, maximum: 5 }
        either: { nullable: true, oneOf: [{ type: string }, { $ref: "#/components/schemas/A" }], description: Words. }
        choice: { type: string, nullable: true, enum: [a] }
      x-kept: { nullable: true }`);
    expect(at(description, "components", "schemas", "A").value).toEqual({
      type: ["object", "null"],
      examples: [{ nullable: true, example: 1 }],
      properties: {
        nullable: { type: "boolean", examples: [true] },
        example: { type: "integer", exclusiveMinimum: 1, maximum: 5 },
        either: {
          description: "Words.",
          anyOf: [{ oneOf: [{ type: "string" }, { $ref: "#/components/schemas/A" }] }, { type: "null" }],
        },
        choice: { type: ["string", "null"], enum: ["a", null] },
      },
      "x-kept": { nullable: true },
    });
  });

  test("forms of 2.0 keep what they say about their fields", async () => {
    const description = await read(`swagger: "2.0"
parameters: { file: { name: file, in: formData, type: file, required: true } }
paths:
  /x:
    post:
      parameters:
        - $ref: "#/parameters/file"
        - { name: tags, in: formData, type: array, items: { type: string, enum: [a, b] }, collectionFormat: multi, default: [a] }
      responses: {}`);
    expect(at(description, "paths", "/x", "post", "requestBody").value).toEqual({
      required: true,
      content: {
        "multipart/form-data": {
          schema: {
            type: "object",
            required: ["file"],
            properties: {
              file: { type: "string", format: "binary" },
              tags: { type: "array", items: { type: "string", enum: ["a", "b"] }, default: ["a"] },
            },
          },
          encoding: { tags: { style: "form", explode: true } },
        },
      },
    });
  });

  test("nothing that was read is changed in place", async () => {
    const text = "openapi: 3.0.0\na: &a { type: string, nullable: true }\ncomponents: { schemas: { A: *a, B: *a } }";
    const description = await read(text);
    expect(at(description, "a").value).toEqual({ type: "string", nullable: true });
    const upgraded: JsonValue = at(description, "components", "schemas").value;
    expect(isJsonObject(upgraded) && Object.values(upgraded)).toEqual([
      { type: ["string", "null"] },
      { type: ["string", "null"] },
    ]);
  });
});
