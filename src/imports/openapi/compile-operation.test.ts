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
