import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";

/** A security scheme of Swagger 2.0 as one of OpenAPI 3. */
export function securitySchemeOf(scheme: JsonValue): JsonValue {
  if (!isJsonObject(scheme)) return scheme;
  if (scheme["type"] === "basic") return { ...scheme, type: "http", scheme: "basic" };
  if (scheme["type"] !== "oauth2") return scheme;
  const { flow, authorizationUrl, tokenUrl, scopes, ...rest } = scheme;
  const inner: JsonObject = {
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    scopes: scopes ?? {},
  };
  return { ...rest, flows: { [flowNames.get(flow ?? "implicit") ?? textOf(flow)]: inner } };
}

/** A flow of a name that is not known keeps it. */
function textOf(flow: JsonValue | undefined): string {
  return typeof flow === "string" ? flow : "unknown";
}

const flowNames: ReadonlyMap<JsonValue, string> = new Map([
  ["accessCode", "authorizationCode"],
  ["application", "clientCredentials"],
  ["implicit", "implicit"],
  ["password", "password"],
]);
