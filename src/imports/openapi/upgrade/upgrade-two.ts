import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import type { DocumentSet, RawDocument } from "../reading/document-set.ts";
import { valueAt } from "../reading/json-pointer.ts";
import { resolveReference } from "../reading/reference-uri.ts";
import { methodKeys, type Part } from "./guess-part.ts";
import { mapMembers } from "./map-members.ts";
import { bodyOfForm, bodyOfParameter, headerOf, parameterOf } from "./two-parameters.ts";
import { securitySchemeOf } from "./two-security.ts";
import { upgradeSchema } from "./upgrade-schema.ts";

/** Where references to parameters are followed; without it they are taken to be neither body nor form. */
interface TwoSurroundings {
  readonly document: RawDocument;
  readonly set: DocumentSet;
}

/**
 * Brings Swagger 2.0 into the shape of OpenAPI 3.1. Parameters of a body and a form become the request body, also where
 * they are references; `consumes`, `produces` and `collectionFormat` become media types and styles. Answers for
 * parts that are broken whatever is left of them: the operation that needs it is refused, no other.
 */
export class TwoUpgrade {
  readonly #root: JsonObject;
  readonly #around: TwoSurroundings | undefined;

  constructor(root: JsonObject, around?: TwoSurroundings) {
    this.#root = root;
    this.#around = around;
  }

  whole(): JsonObject {
    const { swagger: _version, host, basePath, schemes, securityDefinitions, ...rest } = this.#root;
    const definitions = mapMembers(rest["definitions"] ?? {}, upgradeSchema);
    return {
      openapi: "3.1.1",
      ...rest,
      servers: serversOf(host, basePath, schemes),
      paths: mapMembers(rest["paths"] ?? {}, (item) => this.part("pathItem", item)),
      // Names stay where references look for them.
      definitions,
      parameters: mapMembers(rest["parameters"] ?? {}, (parameter) => this.part("parameter", parameter)),
      responses: mapMembers(rest["responses"] ?? {}, (response) => this.part("response", response)),
      components: {
        schemas: definitions,
        securitySchemes: mapMembers(securityDefinitions ?? {}, securitySchemeOf),
      },
    };
  }

  part(part: Exclude<Part, "mapping">, value: JsonValue): JsonValue {
    if (!isJsonObject(value)) return value;
    switch (part) {
      case "pathItem":
        return this.#pathItem(value);
      case "operation":
        return this.#operation(value, []);
      case "parameter":
        return parameterOf(value);
      case "response":
        return this.#response(value, mediaTypes(this.#root["produces"]));
      case "schema":
        return upgradeSchema(value);
      case "requestBody":
        return value;
    }
  }

  #pathItem(item: JsonObject): JsonObject {
    const shared = listOf(item["parameters"]);
    const entries = Object.entries(item).map(([key, member]): [string, JsonValue] => {
      if (key === "parameters") return [key, shared.filter((one) => !this.#isBody(one)).map(parameterOf)];
      const isOperation = methodKeys.some((method) => method === key) && isJsonObject(member);
      return [key, isOperation ? this.#operation(member, shared) : member];
    });
    return Object.fromEntries(entries);
  }

  /** `shared` are the parameters of the path item: those of its body belong to each operation. */
  #operation(operation: JsonObject, shared: readonly JsonValue[]): JsonObject {
    const { consumes, produces, parameters, responses, schemes: _schemes, ...rest } = operation;
    const own = listOf(parameters);
    const bodies = [...own, ...shared].filter((one) => this.#isBody(one));
    const body = this.#requestBody(bodies, mediaTypes(consumes ?? this.#root["consumes"]));
    const answered = mediaTypes(produces ?? this.#root["produces"]);
    return {
      ...rest,
      ...(own.length === 0 ? {} : { parameters: own.filter((one) => !this.#isBody(one)).map(parameterOf) }),
      ...(body === undefined ? {} : { requestBody: body }),
      responses: mapMembers(responses ?? {}, (one) => (isJsonObject(one) ? this.#response(one, answered) : one)),
    };
  }

  #requestBody(parameters: readonly JsonValue[], consumes: readonly string[]): JsonObject | undefined {
    const found = parameters.map((parameter) => this.#target(parameter)).filter(isJsonObject);
    const body = found.find((parameter) => parameter["in"] === "body");
    if (body !== undefined) return bodyOfParameter(body, consumes);
    return found.length === 0 ? undefined : bodyOfForm(found, consumes);
  }

  #response(response: JsonObject, produces: readonly string[]): JsonObject {
    if (typeof response["$ref"] === "string") return response;
    const { schema, headers, examples, ...rest } = response;
    const upgraded = schema === undefined ? undefined : upgradeSchema(schema);
    const types = produces.length === 0 ? ["application/json"] : produces;
    const isFile = isJsonObject(schema) && schema["type"] === "file";
    const usual = isFile && produces.length === 0 ? ["application/octet-stream"] : types;
    const content = usual.map((type): [string, JsonValue] => {
      const example = isJsonObject(examples) && Object.hasOwn(examples, type) ? examples[type] : undefined;
      return [
        type,
        { ...(upgraded === undefined ? {} : { schema: upgraded }), ...(example === undefined ? {} : { example }) },
      ];
    });
    return {
      ...rest,
      ...(upgraded === undefined ? {} : { content: Object.fromEntries(content) }),
      ...(headers === undefined ? {} : { headers: mapMembers(headers, headerOf) }),
    };
  }

  #isBody(parameter: JsonValue): boolean {
    const target = this.#target(parameter);
    return isJsonObject(target) && (target["in"] === "body" || target["in"] === "formData");
  }

  /** What a parameter is after its references, in the shape of 2.0; `undefined` when they lead nowhere. */
  #target(parameter: JsonValue): JsonValue | undefined {
    let value: JsonValue | undefined = parameter;
    let address = this.#around?.document.address ?? "";
    for (let hops = 0; hops < 100; hops++) {
      const reference = isJsonObject(value) ? value["$ref"] : undefined;
      if (typeof reference !== "string") return value;
      const target = resolveReference(reference, address);
      const document = target === undefined ? undefined : this.#around?.set.documents.get(target.document);
      if (target === undefined || document === undefined) return undefined;
      value = valueAt(document.value, target.fragment);
      address = document.address;
    }
    return undefined;
  }
}

function serversOf(
  host: JsonValue | undefined,
  basePath: JsonValue | undefined,
  schemes: JsonValue | undefined,
): JsonValue {
  const path = typeof basePath === "string" ? basePath : "/";
  if (typeof host !== "string") return [{ url: path }];
  const offered = listOf(schemes).filter((scheme) => scheme === "https" || scheme === "http");
  // Without schemes it is the one that the description came by; plain http is then the wrong guess today.
  const usable = offered.length === 0 ? ["https"] : offered.toSorted((one, other) => other.localeCompare(one));
  return usable.map((scheme) => ({ url: `${scheme}://${host}${path}` }));
}

function mediaTypes(value: JsonValue | undefined): readonly string[] {
  return listOf(value).filter((type) => typeof type === "string");
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  // `Array.isArray` widens a readonly list to any[].
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
