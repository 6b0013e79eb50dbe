import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { compileOperation } from "../compile-operation.ts";
import type { SecurityUse } from "../description.ts";
import { descriptionOf, operationOf } from "../testing.ts";
import { type CompiledSecurity, compileSecurity } from "./compile-security.ts";

const securitySchemes: JsonObject = {
  ApiKeyAuth: { type: "apiKey", in: "header", name: "X-Key" },
  sid: { type: "apiKey", in: "cookie", name: "sid" },
  bearerAuth: { type: "http", scheme: "bearer" },
  login: { type: "http", scheme: "basic" },
  oauth: {
    type: "oauth2",
    flows: { clientCredentials: { tokenUrl: "https://a.example/token", scopes: { read: "" } } },
  },
  digest: { type: "http", scheme: "digest" },
  mutual: { type: "mutualTLS" },
};

/** What each operation uses, and what comes of all of them; an operation is its `security`. */
function compiled(
  operations: readonly (JsonValue | undefined)[],
  security?: JsonValue,
): {
  readonly used: readonly (readonly SecurityUse[])[];
  readonly made: CompiledSecurity;
} {
  const paths = Object.fromEntries(
    operations.map((own, index) => [`/p${index}`, { get: own === undefined ? {} : { security: own } }]),
  );
  const description = descriptionOf({
    components: { securitySchemes },
    ...(security === undefined ? {} : { security }),
    paths,
  });
  const used = Object.keys(paths).map((path) => {
    const outcome = compileOperation(operationOf(description, "GET", path), description);
    if (outcome.kind === "refused") throw new Error(outcome.notes[0]?.message);
    return outcome.security;
  });
  return { used, made: compileSecurity(description, used, "Pet Store") };
}

describe("credentials", () => {
  test("that all operations share stand at the upstream, also beside public ones", () => {
    const { used, made } = compiled([undefined, undefined, []], [{ ApiKeyAuth: [] }]);
    expect(made.upstream).toEqual({ headers: { "X-Key": "${secrets.PET_STORE_API_KEY}" } });
    expect(used.map((uses) => made.requestOf(uses))).toEqual([{}, {}, {}]);
    expect(made.secrets).toEqual([
      { name: "PET_STORE_API_KEY", usedFor: "The API key that is sent in the header X-Key." },
    ]);
  });

  test("that only some need stand in their requests", () => {
    const { used, made } = compiled([[{ ApiKeyAuth: [] }], [{ bearerAuth: [] }]]);
    expect(made.upstream).toEqual({});
    expect(used.map((uses) => made.requestOf(uses))).toEqual([
      { headers: { "X-Key": "${secrets.PET_STORE_API_KEY}" } },
      { headers: { authorization: "Bearer ${secrets.PET_STORE_TOKEN}" } },
    ]);
  });

  test("that are used together are all sent; a cookie stands in each request", () => {
    const { used, made } = compiled([undefined], [{ ApiKeyAuth: [], sid: [] }]);
    expect(made.upstream).toEqual({ headers: { "X-Key": "${secrets.PET_STORE_API_KEY}" } });
    expect(used.map((uses) => made.requestOf(uses))).toEqual([{ cookies: { sid: "${secrets.PET_STORE_SID}" } }]);
  });

  test("of two kinds of token have names that tell them apart", () => {
    const { made } = compiled([[{ bearerAuth: [] }], [{ oauth: ["read"] }]]);
    expect(made.secrets.map(({ name }) => name)).toEqual(["PET_STORE_BEARER_TOKEN", "PET_STORE_OAUTH_TOKEN"]);
    expect(made.notes.map(({ code }) => code)).toEqual(["token-expires"]);
  });

  test("of HTTP basic are two secrets", () => {
    const { made } = compiled([[{ login: [] }]]);
    expect(made.upstream.headers).toEqual({
      authorization: 'Basic ${base64Encode(secrets.PET_STORE_USERNAME + ":" + secrets.PET_STORE_PASSWORD)}',
    });
  });

  test("that are a certificate are a note", () => {
    const { made } = compiled([[{ mutual: [] }]]);
    expect([made.upstream, made.secrets, made.notes.map(({ code }) => code)]).toEqual([{}, [], ["client-certificate"]]);
  });
});

test("a scheme that is not described is a note, and its operations are taken", () => {
  const { used, made } = compiled([[{ other: [] }]]);
  expect(used).toEqual([[{ scheme: "other", scopes: [] }]]);
  expect([made.upstream, made.secrets, made.notes.map(({ code }) => code)]).toEqual([
    {},
    [],
    ["security-not-supported"],
  ]);
});

test.each<[string, JsonValue, JsonValue | undefined, readonly string[]]>([
  [
    "the alternative that the whole description has",
    [{ bearerAuth: [] }, { ApiKeyAuth: [] }],
    [{ ApiKeyAuth: [] }],
    ["ApiKeyAuth"],
  ],
  ["the one with the fewest schemes", [{ bearerAuth: [], ApiKeyAuth: [] }, { login: [] }], undefined, ["login"]],
  ["the first", [{ bearerAuth: [] }, { ApiKeyAuth: [] }], undefined, ["bearerAuth"]],
  ["one that can be sent", [{ digest: [] }, { login: [] }], undefined, ["login"]],
  ["credentials where they are optional", [{}, { login: [] }], undefined, ["login"]],
  ["none where the only alternative cannot be sent but they are optional", [{}, { digest: [] }], undefined, []],
  ["none for an operation that overrides them", [], [{ login: [] }], []],
])("of several alternatives %s is taken", (_, own, general, expected) => {
  const { used } = compiled([own], general);
  expect(used[0]?.map(({ scheme }) => scheme)).toEqual(expected);
});
