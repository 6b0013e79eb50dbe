import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/adapters/yaml/parse-yaml.ts";
import { AppError } from "../../src/core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import { stringifyJson } from "../../src/core/lossless-json.ts";
import { compileOpenApi } from "../../src/imports/openapi/compile-openapi.ts";
import type { OpenApiChoices, OpenApiImport, OpenApiParts } from "../../src/imports/openapi/openapi-import.ts";

const parts: OpenApiParts = {
  parseYaml,
  countTokens: (text) => Math.ceil(text.length / 4),
  load: async () => {
    throw new AppError("unprocessable", "There is none.");
  },
};

function compile(description: JsonValue, choices: OpenApiChoices = {}): Promise<OpenApiImport> {
  const text = stringifyJson(description);
  const withBase = { baseUrl: "https://api.example", ...choices };
  return compileOpenApi({ name: "api.json", text, address: "https://api.example/api.json" }, withBase, parts);
}

function withPaths(paths: JsonObject, rest: JsonObject = {}): JsonObject {
  return { openapi: "3.1.0", info: { title: "T", version: "1" }, paths, ...rest };
}

const ok = { responses: { "200": { description: "ok" } } };

function outcomes({ report }: OpenApiImport): Record<string, string> {
  return Object.fromEntries(report.entries.map(({ source, outcome }) => [source, outcome]));
}

describe("the choice", () => {
  const description = withPaths({
    "/a": { get: { ...ok, tags: ["one"], operationId: "getA" }, post: { ...ok, tags: ["one"], operationId: "postA" } },
    "/a/b": { get: { ...ok, tags: ["two"], deprecated: true }, delete: { ...ok, tags: ["two"] } },
  });
  test.each<[string, OpenApiChoices["operations"], string[]]>([
    ["without one it is what changes nothing", undefined, ["GET /a", "GET /a/b"]],
    ["all", { all: true }, ["GET /a", "POST /a", "GET /a/b", "DELETE /a/b"]],
    ["a tag narrows", { include: { tags: ["one"] } }, ["GET /a"]],
    ["a method names what may change", { include: { methods: ["post", "DELETE"] } }, ["POST /a", "DELETE /a/b"]],
    ["a path glob narrows", { include: { paths: ["/a/*"] }, all: true }, ["GET /a/b", "DELETE /a/b"]],
    ["an operation by its id", { include: { operations: ["post*"] } }, ["POST /a"]],
    ["an operation by method and path", { include: { operations: ["DELETE /a/b"] } }, ["DELETE /a/b"]],
    ["what is excluded stays out", { all: true, exclude: { tags: ["two"], methods: ["post"] } }, ["GET /a"]],
    ["deprecated ones on request", { excludeDeprecated: true }, ["GET /a"]],
    ["criteria together", { include: { tags: ["two"], methods: ["DELETE"] } }, ["DELETE /a/b"]],
  ])("%s", async (_what, operations, expected) => {
    const result = await compile(description, operations === undefined ? {} : { operations });
    const taken = Object.entries(outcomes(result)).filter(([, outcome]) => outcome !== "left-out");
    expect(taken.map(([source]) => source)).toEqual(expected);
    expect(result.statistics).toMatchObject({ operations: 4, tools: expected.length, leftOut: 4 - expected.length });
  });

  test("does not change names", async () => {
    const twice = withPaths({ "/a": { get: { ...ok, operationId: "x" } }, "/b": { get: { ...ok, operationId: "x" } } });
    const all = await compile(twice);
    const one = await compile(twice, { operations: { include: { paths: ["/b"] } } });
    const name = (result: OpenApiImport): unknown =>
      result.report.entries.find(({ source }) => source === "GET /b")?.tool;
    expect(name(one)).toBe(name(all));
  });

  test("keeps the names that tools have already", async () => {
    const { report } = await compile(description, { names: { "GET /a": "my_name" } });
    expect(report.entries[0]?.tool).toBe("my_name");
  });
});

describe("the base URL", () => {
  const servers = (...servers: JsonValue[]): JsonObject => withPaths({ "/a": { get: ok } }, { servers });
  const baseUrlOf = async (description: JsonObject): Promise<[unknown, string[]]> => {
    const source = { name: "api.json", text: stringifyJson(description), address: "https://api.example/v1/api.json" };
    const { document, report } = await compileOpenApi(source, {}, parts);
    const { api } = document["upstreams"] as { api: JsonObject }; // as the compiler writes it
    return [api["baseUrl"], report.notes.map(({ code }) => code)];
  };
  test.each<[string, JsonObject, string, string[]]>([
    [
      "is proposed with a note",
      servers({ url: "https://x.example/v2/" }),
      "https://x.example/v2",
      ["base-url-proposed"],
    ],
    ["relative to the description", servers({ url: "../v3" }), "https://api.example/v3", ["base-url-proposed"]],
    ["of the description's origin without servers", servers(), "https://api.example", ["base-url-proposed"]],
    [
      "of a private network with a warning",
      servers({ url: "http://10.0.0.1" }),
      "http://10.0.0.1",
      ["base-url-proposed", "base-url-internal"],
    ],
    [
      "of the first that can be used",
      servers({ url: "ftp://x" }, { url: "{x}" }, { url: "https://y.example" }),
      "https://y.example",
      ["base-url-proposed"],
    ],
    [
      "with variables by their defaults",
      servers({ url: "https://{r}.x.example", variables: { r: { default: "eu" } } }),
      "https://eu.x.example",
      ["base-url-proposed"],
    ],
  ])("is %s", async (_what, description, expected, notes) => {
    expect(await baseUrlOf(description)).toEqual([expected, notes]);
  });

  test("never lets a description name secrets or credentials", async () => {
    for (const url of [
      "https://evil.example/${secrets.TOKEN}",
      "https://evil.example/%24%7Bsecrets.TOKEN}",
      "https://a:b@evil.example",
    ]) {
      await expect(baseUrlOf(servers({ url }))).rejects.toThrow("names no server that can be called");
    }
  });
});

describe("one bad operation kills no other", () => {
  test("whatever is wrong with it", async () => {
    const result = await compile(
      withPaths({
        "/fine": { get: ok },
        "/text": "no mapping",
        "/list": { get: ["no", "mapping"] },
        "/nowhere": { get: { ...ok, parameters: [{ $ref: "#/no/where" }] } },
        "/circle": { $ref: "#/paths/~1circle" },
        "/null": { get: null },
        "/params": { get: { ...ok, parameters: { not: "a list" } } },
        "/deep": { get: { ...ok, parameters: [{ name: "x", in: "query", schema: nested(400) }] } },
        "x-extension": { get: ok },
      }),
    );
    const found = outcomes(result);
    expect(found).toMatchObject({
      "GET /fine": "taken",
      "* /text": "refused",
      "GET /list": "refused",
      "GET /nowhere": "refused",
      "* /circle": "refused",
      "GET /null": "refused",
    });
    expect(Object.keys(found)).toHaveLength(8);
    for (const { outcome, notes } of result.report.entries) if (outcome === "refused") expect(notes).not.toEqual([]);
  });

  test("a tool that no gateway would serve is refused, and judged again without it", async () => {
    const judge = (document: JsonObject) => {
      const tools = document["tools"] as readonly JsonObject[]; // as the compiler writes it
      const index = tools.findIndex(({ name }) => name === "get_b");
      return index === -1
        ? []
        : [{ severity: "error" as const, path: ["tools", index, "request"], message: "it is bad" }];
    };
    const source = {
      name: "api",
      text: stringifyJson(withPaths({ "/a": { get: ok }, "/b": { get: ok }, "/c": { get: ok } })),
    };
    const result = await compileOpenApi(source, { baseUrl: "https://x.example" }, { ...parts, judge });
    expect(outcomes(result)).toEqual({ "GET /a": "taken", "GET /b": "refused", "GET /c": "taken" });
    expect(result.report.entries[1]?.notes[0]?.message).toContain("request: it is bad");
  });

  test("but choices of the operator that cannot be are told", async () => {
    await expect(compile(withPaths({ "/a": { get: ok } }), { name: "Not A Name" })).rejects.toThrow("name: ");
  });
});

describe("hostile descriptions", () => {
  test("a million values of an enum are no tool of that size", async () => {
    const values = Array.from({ length: 1_000_000 }, (_, index) => index);
    const { text, report } = await compile(
      withPaths({
        "/a": { get: { ...ok, parameters: [{ name: "x", in: "query", schema: { enum: values } }] } },
        "/b": { get: ok },
      }),
    );
    expect(text.length).toBeLessThan(1_000_000);
    expect(report.entries[0]?.outcome).not.toBe("taken");
    expect(report.entries[1]?.outcome).toBe("taken");
  });

  test("a hundred thousand parameters neither", async () => {
    const parameters = Array.from({ length: 100_000 }, (_, index) => ({ name: `p${index}`, in: "query", schema: {} }));
    const { text, report } = await compile(withPaths({ "/a": { get: { ...ok, parameters } }, "/b": { get: ok } }));
    expect(text.length).toBeLessThan(1_000_000);
    expect(report.entries.map(({ outcome }) => outcome)).toEqual(["refused", "taken"]);
  });

  test("names with control characters become legal, and are shown as what they are", async () => {
    const { document, report } = await compile(
      withPaths({ "/a\u001b[2J\n\u202e": { get: { ...ok, operationId: "x\u0000\ny", summary: "a\u0000\u202eb" } } }),
    );
    const [entry] = report.entries;
    expect(entry?.source).toBe("GET /a\\u001b[2J\\u000a\\u202e");
    expect(entry?.tool).toBe("x_y");
    expect(stringifyJson(document["tools"] ?? [])).not.toMatch(/\\u0000|\u202e.*description/);
  });

  test("keys of prototypes are names like others", async () => {
    const description = `{"openapi":"3.0.0","info":{"title":"__proto__"},"paths":{"__proto__":{"get":{"responses":{}}},"/constructor":{"get":{"operationId":"constructor","parameters":[{"name":"__proto__","in":"query","schema":{"type":"string"}}],"responses":{}}}}}`;
    const source = { name: "api", text: description };
    const result = await compileOpenApi(source, { baseUrl: "https://x.example" }, parts);
    expect(result.report.entries).toHaveLength(2);
    expect(Reflect.get({}, "get")).toBeUndefined();
  });
});

test("the same input gives the same document and report", async () => {
  const description = withPaths({ "/a": { get: ok }, "/b": { get: { ...ok, operationId: "a" } } });
  expect(await compile(description)).toEqual(await compile(description));
});

function nested(depth: number): JsonObject {
  let schema: JsonObject = { type: "string" };
  for (let level = 0; level < depth / 2; level++) schema = { type: "object", properties: { x: schema } };
  return isJsonObject(schema) ? schema : {};
}
