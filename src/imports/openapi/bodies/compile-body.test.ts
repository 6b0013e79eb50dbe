import { expect, test } from "vitest";
import type { JsonObject } from "../../../core/json.ts";
import { compileOperation } from "../compile-operation.ts";
import { descriptionOf, operationOf, partsOf } from "../testing.ts";

function inputOf(type: string, isRequired: boolean): JsonObject {
  const schema = {
    type: "object",
    required: ["id", "key"],
    properties: { id: { type: "string" }, key: { type: "string" }, scope: { type: "string" } },
  };
  const requestBody = { required: isRequired, content: { [type]: { schema } } };
  const description = descriptionOf({ paths: { "/things": { post: { requestBody } } } });
  return partsOf(compileOperation(operationOf(description, "POST", "/things"), description)).input;
}

test.each(["application/x-www-form-urlencoded", "multipart/form-data"])(
  "fields of an optional %s body need those that it requires, and none is required by itself",
  (type) => {
    const input = inputOf(type, false);
    expect(input["required"]).toBeUndefined();
    expect(input["dependentRequired"]).toEqual({ id: ["key"], key: ["id"], scope: ["id", "key"] });
  },
);

test("fields that a required form requires are required", () => {
  const input = inputOf("application/x-www-form-urlencoded", true);
  expect(input["required"]).toEqual(["id", "key"]);
  expect(input["dependentRequired"]).toBeUndefined();
});
