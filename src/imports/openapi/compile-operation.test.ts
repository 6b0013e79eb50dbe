import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { findSchemaProblems } from "../../schemas/json-schema.ts";
import { compileOperation } from "./compile-operation.ts";
import type { OperationOutcome, ToolParts } from "./description.ts";
import { descriptionOf, operationOf, partsOf } from "./testing.ts";

/** Compiles an operation that stands alone in a description. */
function outcomeOf(
  operation: JsonObject,
  options: { path?: string; method?: string; root?: JsonObject } = {},
): OperationOutcome {
  const { path = "/things", method = "POST", root = {} } = options;
  const description = descriptionOf({ ...root, paths: { [path]: { [method.toLowerCase()]: operation } } });
  return compileOperation(operationOf(description, method, path), description);
}

function compiled(operation: JsonObject, options: Parameters<typeof outcomeOf>[1] = {}): ToolParts {
  const parts = partsOf(outcomeOf(operation, options));
  expect(findSchemaProblems(parts.input, [], { deep: true, root: "object" })).toEqual([]);
  if (parts.output !== undefined) expect(findSchemaProblems(parts.output, [], { deep: true })).toEqual([]);
  return parts;
}

const schemas = (components: JsonObject): { root: JsonObject } => ({ root: { components: { schemas: components } } });
const jsonBody = (schema: JsonValue): JsonObject => ({
  requestBody: { required: true, content: { "application/json": { schema } } },
});

describe("a body of JSON", () => {
  test("its properties become arguments", () => {
    const { input, request } = compiled(
      jsonBody({
        type: "object",
        required: ["name"],
        properties: { name: { type: "string" }, tags: { type: "array", items: { type: "string" } } },
      }),
    );
    expect(input).toEqual({
      type: "object",
      required: ["name"],
      properties: { name: { type: "string" }, tags: { type: "array", items: { type: "string" } } },
      additionalProperties: false,
    });
    expect(request).toEqual({
      method: "POST",
      path: "/things",
      body: { json: { name: "${args.name}", tags: "${args.tags}" } },
    });
  });

  test("a reference that is used once is written in its place, one that comes again goes to $defs", () => {
    const address = {
      type: "object",
      properties: {
        street: { type: "string", description: "The street and the number of the house, in one line." },
        city: { type: "string" },
      },
    };
    const { input } = compiled(
      jsonBody({
        type: "object",
        properties: {
          home: { $ref: "#/components/schemas/Address" },
          work: { $ref: "#/components/schemas/Address", description: "Where the office is." },
          owner: { $ref: "#/components/schemas/Owner" },
        },
      }),
      schemas({ Address: address, Owner: { type: "object", properties: { name: { type: "string" } } } }),
    );
    expect(input["properties"]).toEqual({
      home: { $ref: "#/$defs/Address" },
      work: { $ref: "#/$defs/Address", description: "Where the office is." },
      owner: { type: "object", properties: { name: { type: "string" } } },
    });
    expect(input["$defs"]).toEqual({ Address: address });
  });

  test("a circular schema is one definition", () => {
    const node = {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string" },
        children: { type: "array", items: { $ref: "#/components/schemas/Node" } },
      },
    };
    const { input } = compiled(jsonBody({ $ref: "#/components/schemas/Node" }), schemas({ Node: node }));
    expect(input).toEqual({
      type: "object",
      required: ["name"],
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/Node" } } },
      additionalProperties: false,
      $defs: {
        Node: {
          ...node,
          properties: { ...node.properties, children: { type: "array", items: { $ref: "#/$defs/Node" } } },
        },
      },
    });
  });

  test("what only responses have is left out, also where another member of allOf requires it", () => {
    const { input } = compiled(
      jsonBody({
        allOf: [
          { $ref: "#/components/schemas/Base" },
          { type: "object", required: ["id", "name"], properties: { name: { type: "string" } } },
        ],
      }),
      schemas({
        Base: {
          type: "object",
          required: ["id"],
          properties: { id: { type: "string", readOnly: true }, kind: { type: "string" } },
        },
      }),
    );
    expect(input).toMatchObject({
      required: ["name"],
      properties: { kind: { type: "string" }, name: { type: "string" } },
    });
    expect(Object.keys(input["properties"] as JsonObject)).toEqual(["kind", "name"]);
  });
});

describe("parameters", () => {
  test("stand in path and query in their styles", () => {
    const parameter = (name: string, place: string, schema: JsonValue, more: JsonObject = {}): JsonObject => ({
      name,
      in: place,
      schema,
      ...more,
    });
    const { request, input } = compiled(
      {
        parameters: [
          parameter("id", "path", { type: "integer" }, { required: true }),
          parameter("id", "query", { type: "string" }),
          parameter("filter[name]", "query", { type: "string" }),
          parameter("ids", "query", { type: "array", items: { type: "integer" } }, { explode: false }),
          parameter("X-Api-Version", "header", { type: "string" }),
        ],
      },
      { method: "GET", path: "/things/{id}" },
    );
    expect(request).toEqual({
      method: "GET",
      path: "/things/{id}",
      query: {
        id: "${args.query_id}",
        "filter[name]": "${args.filter_name}",
        ids: { value: "${args.ids}", style: "comma" },
      },
      headers: { "X-Api-Version": "${args.x_api_version}" },
    });
    expect(input["required"]).toEqual(["id"]);
  });
});

describe("results", () => {
  const answer = (content: JsonObject, status = "200"): JsonObject => ({
    responses: { [status]: { description: "", content } },
  });
  const person: JsonValue = { type: "object", required: ["id"], properties: { id: { type: "integer" } } };
  const loose: JsonValue = { type: "object", properties: { id: { type: ["integer", "null"] } } };

  test.each<[string, JsonObject, JsonValue | undefined]>([
    ["JSON", answer({ "application/json": { schema: person } }), loose],
    ["JSON of another name", answer({ "application/hal+json": { schema: person } }, "2XX"), loose],
    ["the default answer", answer({ "application/json": { schema: person } }, "default"), loose],
    [
      "a list",
      answer({ "application/json": { schema: { type: "array", items: person } } }),
      { type: "array", items: { ...loose, type: ["object", "null"] } },
    ],
    [
      "several answers",
      {
        responses: {
          "200": { content: { "application/json": { schema: person } } },
          "202": {
            content: { "application/json": { schema: { type: "object", properties: { job: { type: "string" } } } } },
          },
          "404": { content: { "application/json": { schema: { type: "string" } } } },
        },
      },
      undefined,
    ],
    ["a text", answer({ "application/json": { schema: { type: "string" } } }), undefined],
    ["any JSON", answer({ "application/json": {} }), undefined],
    ["bytes", answer({ "image/png": { schema: {} } }), undefined],
    ["JSON or a text", answer({ "application/json": { schema: person }, "text/csv": {} }), loose],
    [
      "JSON or nothing",
      { responses: { "200": { content: { "application/json": { schema: person } } }, "204": { description: "" } } },
      undefined,
    ],
    ["errors only", answer({ "application/json": { schema: person } }, "404"), undefined],
    ["a response that is not there", { responses: { "200": { $ref: "#/components/responses/Missing" } } }, undefined],
  ])("of an operation that answers with %s", (name, operation, output) => {
    const made = compiled(operation, { method: "GET" });
    if (name === "several answers") {
      const job = { type: ["object", "null"], properties: { job: { type: ["string", "null"] } } };
      expect(made.output).toEqual({ anyOf: [{ ...loose, type: ["object", "null"] }, job] });
    } else expect(made.output).toEqual(output);
    expect(made.stream).toBeUndefined();
  });

  test("that are JSON of another name among others are asked for by it", () => {
    const types = { "text/csv": {}, "application/hal+json": { schema: person } };
    const made = compiled({ parameters: [{ name: "X-A", in: "header" }], ...answer(types) }, { method: "GET" });
    expect(made.request["headers"]).toEqual({ accept: "application/hal+json", "X-A": "${args.x_a}" });
    expect(made.output).toEqual(loose);
  });

  test("that are events are read as a stream", () => {
    const made = compiled(answer({ "application/json": { schema: person }, "text/event-stream": {} }), {
      method: "GET",
    });
    expect([made.stream, made.output]).toEqual([{ result: "all" }, undefined]);
  });
});

describe("what is said about an operation", () => {
  test.each<[string, JsonObject]>([
    ["GET", { readOnlyHint: true }],
    ["POST", { readOnlyHint: false }],
    ["PUT", { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
    ["PATCH", { readOnlyHint: false, destructiveHint: true, idempotentHint: false }],
    ["DELETE", { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
  ])("%s has hints", (method, annotations) => {
    expect(compiled({}, { method }).annotations).toEqual(annotations);
  });

  test("a summary is its title, and that it is deprecated is said first", () => {
    expect(compiled({ summary: "List", description: "Lists things.", deprecated: true })).toMatchObject({
      title: "List",
      description: "Deprecated. Lists things.",
    });
  });
});

describe("the names of arguments", () => {
  const query = (name: string): JsonObject => ({ name, in: "query", schema: { type: "string" } });

  test.each([
    ["filter[name]", "filter_name"],
    ["$top", "top"],
    ["ids[]", "ids"],
    ["größe", "gro_e"],
    ["日本", "parameter"],
    ["__proto__", "proto"],
    ["a.b-c_d", "a.b-c_d"],
    ["x".repeat(100), "x".repeat(64)],
  ])("%s becomes %s", (name, expected) => {
    const { input, request } = compiled({ parameters: [query(name)] }, { method: "GET" });
    expect(Object.keys(input["properties"] as JsonObject)).toEqual([expected]);
    expect(Object.keys(request["query"] as JsonObject)).toEqual([name]);
  });

  test("a parameter that must have one value is none: the value is written down", () => {
    const only = (name: string, place: string, value: JsonValue): JsonObject => ({
      name,
      in: place,
      required: true,
      schema: { enum: [value] },
    });
    const { input, request } = compiled(
      { parameters: [only("Action", "query", "List${x}"), only("v", "query", 2), only("X-V", "header", 2)] },
      { method: "GET" },
    );
    expect(input).toEqual({ type: "object", additionalProperties: false });
    expect(request).toMatchObject({ query: { Action: "List$${x}", v: 2 }, headers: { "X-V": "2" } });
  });

  test("a body that has many names of parameters stays one argument", () => {
    const names = ["a", "b", "c"];
    const { input } = compiled({
      parameters: names.map(query),
      ...jsonBody({ type: "object", properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])) }),
    });
    expect(Object.keys(input["properties"] as JsonObject)).toEqual(["a", "b", "c", "body"]);
  });

  test("a parameter of the operation replaces that of its path", () => {
    const description = descriptionOf({
      paths: {
        "/a": { parameters: [query("x"), query("y")], get: { parameters: [{ ...query("x"), required: true }] } },
      },
    });
    const { input } = partsOf(compileOperation(operationOf(description, "GET", "/a"), description));
    expect([input["required"], Object.keys(input["properties"] as JsonObject)]).toEqual([["x"], ["x", "y"]]);
  });
});

describe("an operation is refused", () => {
  test.each<[string, JsonObject, { path?: string; method?: string; root?: JsonObject }, RegExp]>([
    ["method-not-supported", {}, { method: "TRACE" }, /TRACE/],
    ["path-not-usable", {}, { path: "/a/../b" }, /base URL/],
    ["path-expansion", {}, { path: "/a/{+name}" }, /one argument per segment/],
    ["reference-broken", { parameters: [{ $ref: "#/components/parameters/X" }] }, {}, /parameters\/X/],
    ["reference-broken", { requestBody: { $ref: "#/components/requestBodies/X" } }, {}, /requestBodies\/X/],
    ["media-type-not-supported", { requestBody: { content: { "multipart/mixed": {} } } }, {}, /multipart\/mixed/],
    ["form-not-described", { requestBody: { content: { "multipart/form-data": {} } } }, {}, /fields/],
    [
      "style-not-supported",
      {
        parameters: [
          { name: "v", in: "path", required: true, style: "matrix", explode: true, schema: { type: "array" } },
        ],
      },
      { path: "/{v}" },
      /matrix/,
    ],
    [
      "security-not-supported",
      { security: [{ d: [] }] },
      { root: { components: { securitySchemes: { d: { type: "http", scheme: "digest" } } } } },
      /digest/,
    ],
    [
      "querystring-not-supported",
      { parameters: [{ name: "q", in: "querystring", content: { "application/json": {} } }] },
      {},
      /query/,
    ],
    [
      "too-many-parameters",
      { parameters: Array.from({ length: 301 }, (_, index) => ({ name: `p${index}`, in: "query" })) },
      {},
      /300/,
    ],
  ])("with %s", (code, operation, options, message) => {
    const outcome = outcomeOf(operation, options);
    expect(outcome).toMatchObject({ kind: "refused", notes: [{ code, message: expect.stringMatching(message) }] });
  });
});

test.each<[string, JsonObject, string]>([
  ["JSON before all others", { "multipart/form-data": { schema: { properties: {} } }, "application/json": {} }, "json"],
  [
    "a form of files before text",
    { "text/plain": {}, "multipart/form-data": { schema: { properties: { f: {} } } } },
    "multipart",
  ],
  ["anything described before a range", { "*/*": {}, "text/plain": {} }, "text"],
  ["a range before a form without fields", { "multipart/form-data": {}, "*/*": {} }, "json"],
  [
    "members before a list of operations",
    { "application/json-patch+json": {}, "application/merge-patch+json": {} },
    "json",
  ],
])("of several media types a body has %s", (_, content, form) => {
  const { request } = compiled({ requestBody: { content } });
  const body = request["body"] as JsonObject;
  expect(Object.keys(body)[0]).toBe(form);
  if (Object.hasOwn(content, "application/merge-patch+json"))
    expect(body["contentType"]).toBe("application/merge-patch+json");
});

describe("what is changed is noted", () => {
  test.each<[string, JsonObject, { path?: string; method?: string }]>([
    ["header-left-out", { parameters: [{ name: "Authorization", in: "header" }] }, {}],
    ["name-not-usable", { parameters: [{ name: "a b", in: "cookie" }] }, {}],
    ["parameter-not-usable", { parameters: [{ in: "query" }] }, {}],
    ["path-parameter-undescribed", {}, { path: "/{id}" }],
    ["path-parameter-unused", { parameters: [{ name: "id", in: "path" }] }, {}],
    ["path-fragment", {}, { path: "/a#b" }],
    ["style-not-supported", { parameters: [{ name: "a", in: "query", style: "odd", schema: { type: "array" } }] }, {}],
    ["media-type-chosen", { requestBody: { content: { "application/xml": {}, "application/json": {} } } }, {}],
    ["body-as-text", { requestBody: { content: { "application/xml": { schema: { type: "object" } } } } }, {}],
    ["body-left-out", { requestBody: { content: { "application/json": {} } } }, { method: "HEAD" }],
  ])("as %s", (code, operation, options) => {
    const outcome = outcomeOf(operation, options);
    expect(outcome.kind).toBe("tool");
    expect(outcome.notes.map((note) => note.code)).toEqual([code]);
  });
});
