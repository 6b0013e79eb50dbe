import { commentOf, indented, keyOf, type TypeSchema, typeOfSchema } from "./schema-types.ts";

/** A description of an API in OpenAPI 3.1, as far as the client is made of it. */
export interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationDescription>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, TypeSchema>> };
}

interface OperationDescription {
  readonly operationId: string;
  readonly summary: string;
  readonly "x-permission"?: string;
  readonly security: readonly unknown[];
  readonly parameters: readonly ParameterDescription[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface ParameterDescription {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: TypeSchema;
}

type Content = Readonly<Record<string, { readonly schema?: TypeSchema }>>;

/** The source of the generated part of the client: a type for each component and operation, and where operations lie. */
export function describeClient({ paths, components }: ApiDescription): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `${commentOf(schema.description, "")}export type ${name} = ${typeOfSchema(schema, "received", name)};\n`,
  );
  const types = operations.map(({ operation }) => `  ${indented(operationType(operation))}`);
  const places = operations.map(({ path, method, operation }) => `  ${placeOf(path, method, operation)}`);
  return `// Made of schema/openapi.json by \`npm run generate:client\`; changes belong there.

${schemas.join("\n")}
/** What each operation takes and answers, by its id. */
export interface Operations {
${types.join("\n")}
}

/** Where each operation lies. */
export const operationPlaces = {
${places.join("\n")}
} as const;
`;
}

function operationType(operation: OperationDescription): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const permission = operation["x-permission"];
  const comment = permission === undefined ? summary : `${summary}. Needs \`${permission}\`.`;
  const statuses = Object.entries(responses);
  const isProblem = ([status]: [string, unknown]): boolean => status === "default" || Number(status) >= 400;
  return `${commentOf(comment, "")}readonly ${keyOf(operationId)}: {
  readonly path: ${parametersType(parameters, "path", operationId)};
  readonly query: ${parametersType(parameters, "query", operationId)};
  readonly headers: ${parametersType(parameters, "header", operationId)};
  readonly body: ${indented(bodyType(requestBody, operationId))};
  readonly answers: ${answersType(
    statuses.filter((entry) => !isProblem(entry)),
    operationId,
  )};
  readonly problems: ${answersType(statuses.filter(isProblem), operationId)};
};`;
}

function parametersType(all: readonly ParameterDescription[], place: string, operationId: string): string {
  const parameters = all.filter((parameter) => parameter.in === place);
  if (parameters.length === 0) return "Readonly<Record<never, never>>";
  const lines = parameters.map(({ name, required, description, schema }) => {
    const type = typeOfSchema(schema, "sent", `${operationId}.${name}`);
    return `${commentOf(description, "    ")}    readonly ${keyOf(name)}${required ? "" : "?"}: ${type}${required ? "" : " | undefined"};`;
  });
  return `{\n${lines.join("\n")}\n  }`;
}

function bodyType(requestBody: OperationDescription["requestBody"], operationId: string): string {
  if (requestBody === undefined) return "undefined";
  const schemas = Object.values(requestBody.content).map(({ schema = {} }) => schema);
  return schemas.map((schema) => typeOfSchema(schema, "sent", `${operationId}.body`)).join(" | ");
}

/** By status, by media type. */
function answersType(statuses: readonly (readonly [string, { content?: Content }])[], operationId: string): string {
  const lines = statuses.map(([status, { content }]) => {
    const key = /^\d+$/.test(status) ? status : keyOf(status);
    if (content === undefined) return `    readonly ${key}: undefined;`;
    const types = Object.entries(content).map(
      ([mediaType, { schema = {} }]) =>
        `readonly ${JSON.stringify(mediaType)}: ${indented(typeOfSchema(schema, "received", `${operationId}.${status}`))}`,
    );
    return `    readonly ${key}: { ${indented(indented(types.join("; ")))} };`;
  });
  return `{\n${lines.join("\n")}\n  }`;
}

function placeOf(path: string, method: string, operation: OperationDescription): string {
  const { operationId, parameters, security } = operation;
  const isCreation = parameters.some(({ name }) => name === "Idempotency-Key");
  const marks = [...(security.length === 0 ? ["isPublic: true"] : []), ...(isCreation ? ["isCreation: true"] : [])];
  const parts = [`method: "${method}"`, `path: ${JSON.stringify(path)}`, ...marks];
  return `${keyOf(operationId)}: { ${parts.join(", ")} },`;
}
