import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { methodKeys, type Part } from "./guess-part.ts";
import { mapList, mapMembers } from "./map-members.ts";
import { upgradeSchema } from "./upgrade-schema.ts";

type Change = (value: JsonValue) => JsonValue;

/** A description of OpenAPI 3.0 in the shape of 3.1: what differs are schemas, wherever they stand. */
export function upgradeThree(root: JsonObject): JsonObject {
  const result = mapMembers(root, (member, key) => {
    if (key === "paths") return mapMembers(member, pathItem);
    if (key === "components")
      return mapMembers(member, (parts, kind) => mapMembers(parts, componentChange[kind] ?? same));
    return member;
  });
  return isJsonObject(result) ? { ...result, openapi: "3.1.1" } : root;
}

/** A part of a description of 3.0 in the shape of 3.1. */
export function threePart(part: Exclude<Part, "mapping">, value: JsonValue): JsonValue {
  return partChange[part](value);
}

const same: Change = (value) => value;

/** Applies a change to some members. */
function members(changes: Readonly<Record<string, Change>>): Change {
  return (value) =>
    mapMembers(value, (member, key) => (Object.hasOwn(changes, key) ? (changes[key] ?? same)(member) : member));
}

const each =
  (change: Change): Change =>
  (value) =>
    mapMembers(value, change);
const every =
  (change: Change): Change =>
  (value) =>
    mapList(value, change);

const header = members({ schema: upgradeSchema, content: (value) => each(mediaType)(value) });
const mediaType = members({ schema: upgradeSchema, encoding: each(members({ headers: each(header) })) });
const parameter = members({ schema: upgradeSchema, content: each(mediaType) });
const requestBody = members({ content: each(mediaType) });
const response = members({ content: each(mediaType), headers: each(header) });
const operation: Change = (value) =>
  members({
    parameters: every(parameter),
    requestBody,
    responses: each(response),
    callbacks: each(each(pathItem)),
  })(value);

function pathItem(value: JsonValue): JsonValue {
  return pathItemChange(value);
}
const pathItemChange = members({
  parameters: every(parameter),
  ...Object.fromEntries(methodKeys.map((method) => [method, operation])),
});

const componentChange: Readonly<Record<string, Change>> = {
  schemas: upgradeSchema,
  parameters: parameter,
  requestBodies: requestBody,
  responses: response,
  headers: header,
  callbacks: each(pathItem),
  pathItems: pathItem,
};

const partChange: Readonly<Record<Exclude<Part, "mapping">, Change>> = {
  schema: upgradeSchema,
  parameter,
  pathItem,
  operation,
  response,
  requestBody,
};
