import type * as z from "zod";
import { type JsonObject, type JsonValue, isJsonObject } from "../core/json.ts";
import { ApiSchemas } from "./api-schemas.ts";
import { apiRoot } from "./app.ts";
import type { AnyOperation, RequestHeader, ResponseDescription } from "./operation.ts";
import { problemSchema } from "./problem.ts";

/** The OpenAPI 3.1 description of operations, made of nothing but them. */
export function describeApi(operations: readonly AnyOperation[], version: string): JsonObject {
  const schemas = new ApiSchemas();
  const problem = schemas.describe(problemSchema, "output");
  const paths: Record<string, JsonObject> = {};
  // Answers come first: where a schema is sent and received, they have its plain name.
  const responses = new Map(operations.map((operation) => [operation, describeResponses(operation, schemas, problem)]));
  for (const operation of operations) {
    const path = apiRoot + operation.path;
    paths[path] = { ...paths[path], [operation.method]: describe(operation, responses.get(operation) ?? {}, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Passerelle",
      version,
      description:
        "The control plane of Passerelle. Every error is a problem (RFC 9457) that says what is wrong and how to mend it.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: schemas.components, securitySchemes },
  };
}

const securitySchemes: JsonObject = {
  apiKey: { type: "http", scheme: "bearer", description: "An API key for the control plane." },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "passerelle-sign-in",
    description:
      "Of people who signed in; over https its name begins with `__Host-`. Unsafe methods need the token of `GET /me` in X-CSRF-Token besides.",
  },
  gateway: { type: "http", scheme: "bearer", description: "The token that the apiserver shares with its gateways." },
};

function describe(operation: AnyOperation, responses: JsonObject, schemas: ApiSchemas): JsonObject {
  const { id, tag, summary, description, access, body, bodyContentType = "application/json" } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(access.kind === "permission" ? { "x-permission": access.permission } : {}),
    security: securityOf(access.kind),
    parameters: [
      ...describeParameters("path", operation.params, schemas),
      ...describeParameters("query", operation.query, schemas),
      ...headersOf(operation).map(describeHeader),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { [bodyContentType]: { schema: schemas.describe(body, "input") } },
          },
        }),
    responses,
  };
}

function securityOf(kind: string): JsonValue {
  if (kind === "public") return [];
  return kind === "gateway" ? [{ gateway: [] }] : [{ session: [] }, { apiKey: [] }];
}

function describeParameters(place: "path" | "query", schema: z.ZodType | undefined, schemas: ApiSchemas): JsonObject[] {
  if (schema === undefined) return [];
  const { properties, required } = schemas.describe(schema, "input");
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(isJsonObject(properties) ? properties : {}).map(([name, property]) => {
    const { description, ...rest } = isJsonObject(property) ? property : {};
    return {
      name,
      in: place,
      required: place === "path" || needed.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

const idempotencyKey: RequestHeader = {
  name: "Idempotency-Key",
  description:
    "16 to 255 visible characters, such as a UUID. A request that is repeated with it within a day is answered as the first one was.",
};

function headersOf({ headers = [], isCreation = false }: AnyOperation): readonly RequestHeader[] {
  return isCreation ? [...headers, idempotencyKey] : headers;
}

function describeHeader({ name, description, isRequired = false }: RequestHeader): JsonObject {
  return { name, in: "header", required: isRequired, description, schema: { type: "string" } };
}

function describeResponses(operation: AnyOperation, schemas: ApiSchemas, problem: JsonObject): JsonObject {
  const own = Object.entries(operation.responses).map(([status, response]): [string, JsonObject] => [
    status,
    describeResponse(Number(status), response, schemas, problem),
  ]);
  return {
    ...Object.fromEntries(own),
    default: {
      description: "A problem.",
      content: { "application/problem+json": { schema: problem } },
    },
  };
}

function describeResponse(
  status: number,
  { description, schema, contentType, otherContentTypes = [] }: ResponseDescription,
  schemas: ApiSchemas,
  problem: JsonObject,
): JsonObject {
  if (status >= 400) {
    const shape = schema === undefined ? problem : schemas.describe(schema, "output");
    return { description, content: { "application/problem+json": { schema: shape } } };
  }
  if (schema === undefined && contentType === undefined) return { description };
  const shape = schema === undefined ? {} : { schema: schemas.describe(schema, "output") };
  const others = otherContentTypes.map((type) => [type, { schema: { type: "string" } }]);
  return { description, content: { [contentType ?? "application/json"]: shape, ...Object.fromEntries(others) } };
}
