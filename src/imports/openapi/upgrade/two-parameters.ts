import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { upgradeSchema } from "./upgrade-schema.ts";

/** A parameter of Swagger 2.0 that is neither body nor form, as one of OpenAPI 3. */
export function parameterOf(parameter: JsonValue): JsonValue {
  if (!isJsonObject(parameter) || typeof parameter["$ref"] === "string") return parameter;
  const { schema, rest } = takeSchema(parameter);
  const { collectionFormat, "x-example": example, ...kept } = rest;
  return {
    ...kept,
    schema: kept["schema"] ?? schema,
    ...styleOf(collectionFormat, parameter),
    ...(example === undefined || kept["example"] !== undefined ? {} : { example }),
  };
}

/** A header of a response; it is written as parameters are. */
export function headerOf(header: JsonValue): JsonValue {
  if (!isJsonObject(header) || typeof header["$ref"] === "string") return header;
  const { schema, rest } = takeSchema(header);
  const { collectionFormat: _format, ...kept } = rest;
  return { ...kept, schema };
}

/** The request body that a parameter `in: body` is. */
export function bodyOfParameter(parameter: JsonObject, consumes: readonly string[]): JsonObject {
  const { name: _name, in: _in, schema, description, required, "x-example": example, ...rest } = parameter;
  const types = consumes.filter((type) => !formTypes.has(type));
  const media = {
    ...(schema === undefined ? {} : { schema: upgradeSchema(schema) }),
    ...(example === undefined ? {} : { example }),
  };
  return {
    ...rest,
    ...(description === undefined ? {} : { description }),
    ...(required === undefined ? {} : { required }),
    content: Object.fromEntries((types.length === 0 ? ["application/json"] : types).map((type) => [type, media])),
  };
}

/** The request body that parameters `in: formData` are together. */
export function bodyOfForm(parameters: readonly JsonObject[], consumes: readonly string[]): JsonObject {
  const named = parameters.flatMap((parameter) => {
    const { name } = parameter;
    return typeof name === "string" ? [{ name, parameter }] : [];
  });
  const hasFile = named.some(({ parameter }) => parameter["type"] === "file");
  const usual = hasFile ? "multipart/form-data" : "application/x-www-form-urlencoded";
  const types = consumes.filter((type) => formTypes.has(type) && (!hasFile || type === "multipart/form-data"));
  const encoding: [string, JsonValue][] = [];
  // Own parameters come before those of the path item, so the first of a name counts.
  const byName = new Map(named.toReversed().map(({ name, parameter }) => [name, parameter]));
  const properties = [...byName].toReversed().map(([name, parameter]): [string, JsonValue] => {
    const { schema } = takeSchema(parameter);
    const style = styleOf(parameter["collectionFormat"], { ...parameter, in: "query" });
    if (Object.keys(style).length > 0) encoding.push([name, style]);
    const { description } = parameter;
    return [name, { ...schema, ...(description === undefined ? {} : { description }) }];
  });
  const required = [...byName].filter(([, { required }]) => required === true).map(([name]) => name);
  const media = {
    schema: {
      type: "object",
      properties: Object.fromEntries(properties),
      ...(required.length === 0 ? {} : { required: required.toReversed() }),
    },
    ...(encoding.length === 0 ? {} : { encoding: Object.fromEntries(encoding) }),
  };
  return {
    content: Object.fromEntries((types.length === 0 ? [usual] : types).map((type) => [type, media])),
    ...(required.length === 0 ? {} : { required: true }),
  };
}

const formTypes: ReadonlySet<string> = new Set(["application/x-www-form-urlencoded", "multipart/form-data"]);

/** Parts what 3.x has in `schema` from what stays. */
function takeSchema(parameter: JsonObject): { readonly schema: JsonObject; readonly rest: JsonObject } {
  const entries = Object.entries(parameter);
  const schema = upgradeSchema(Object.fromEntries(entries.filter(([key]) => schemaPart.has(key))));
  return {
    // A schema that is an object stays one.
    schema: isJsonObject(schema) ? withoutFormats(schema) : {},
    rest: Object.fromEntries(entries.filter(([key]) => !schemaPart.has(key))),
  };
}

/** `items` of a parameter may have a `collectionFormat` of their own, which no style of 3.x can say. */
function withoutFormats(schema: JsonObject): JsonObject {
  const { collectionFormat: _format, items, ...rest } = schema;
  return isJsonObject(items)
    ? { ...rest, items: withoutFormats(items) }
    : { ...rest, ...(items === undefined ? {} : { items }) };
}

const schemaPart: ReadonlySet<string> = new Set([
  "default",
  "enum",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "items",
  "maxItems",
  "maxLength",
  "maximum",
  "minItems",
  "minLength",
  "minimum",
  "multipleOf",
  "pattern",
  "type",
  "uniqueItems",
  "x-nullable",
]);

function styleOf(format: JsonValue | undefined, parameter: JsonObject): JsonObject {
  if (parameter["type"] !== "array") return {};
  const isQuery = parameter["in"] === "query";
  switch (format ?? "csv") {
    case "multi":
      return isQuery ? { style: "form", explode: true } : {};
    case "ssv":
      return isQuery ? { style: "spaceDelimited", explode: false } : {};
    case "pipes":
      return isQuery ? { style: "pipeDelimited", explode: false } : {};
    case "csv":
      return isQuery ? { style: "form", explode: false } : { style: "simple", explode: false };
    // Tabs (`tsv`) are a style of nothing; the operation's compiler says that it does not know it.
    default:
      return isQuery ? { style: typeof format === "string" ? format : "unknown", explode: false } : {};
  }
}
