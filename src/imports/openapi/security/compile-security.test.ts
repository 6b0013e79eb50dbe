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
  more: JsonObject = {},
): {
  readonly used: readonly (readonly SecurityUse[])[];
  readonly made: CompiledSecurity;
} {
  const paths = Object.fromEntries(
    operations.map((own, index) => [`/p${index}`, { get: own === undefined ? {} : { security: own } }]),
  );
  const description = descriptionOf({
    components: { securitySchemes: { ...securitySchemes, ...more } },
    ...(security === undefined ? {} : { security }),
    paths,
  });
  const used = Object.keys(paths).map((path) => {
    const outcome = compileOperation(operationOf(description, "GET", path), description);
    if (outcome.kind === "refused") throw new Error(outcome.notes[0]?.message);
    return outcome.security;
  });
  return { used, made: compileSecurity(description, used, { prefix: "Pet Store", baseUrl: "https://api.example/v1" }) };
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
    const { made } = compiled([[{ bearerAuth: [] }], [{ login2: ["read"] }]], undefined, {
      login2: { type: "oauth2", flows: { implicit: { authorizationUrl: "https://a.example/", scopes: {} } } },
    });
    expect(made.secrets.map(({ name }) => name)).toEqual(["PET_STORE_BEARER_TOKEN", "PET_STORE_LOGIN2_TOKEN"]);
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

/** A scheme with the flow of client credentials. */
function grantAt(tokenUrl: string): JsonObject {
  return { type: "oauth2", flows: { clientCredentials: { tokenUrl, scopes: {} }, implicit: { scopes: {} } } };
}

describe("client credentials", () => {
  test("are the upstream's oauth with the scopes that the operations need", () => {
    const { used, made } = compiled([[{ oauth: ["write"] }], [{ oauth: ["read", "write"] }], []]);
    expect(made.upstream).toEqual({
      oauth: {
        tokenUrl: "https://a.example/token",
        clientId: "${secrets.PET_STORE_CLIENT_ID}",
        clientSecret: "${secrets.PET_STORE_CLIENT_SECRET}",
        scopes: ["read", "write"],
      },
    });
    expect(used.map((uses) => made.requestOf(uses))).toEqual([{}, {}, {}]);
    expect(made.secrets.map(({ name }) => name)).toEqual(["PET_STORE_CLIENT_ID", "PET_STORE_CLIENT_SECRET"]);
    expect(made.notes).toEqual([
      { code: "token-url-proposed", message: expect.stringContaining("https://a.example/token") },
    ]);
  });

  test("stand at the upstream also where only some operations need them, beside credentials of others", () => {
    const { used, made } = compiled([[{ oauth: [] }], [{ login: [] }]]);
    expect(Object.keys(made.upstream)).toEqual(["oauth"]);
    expect(used.map((uses) => Object.keys(made.requestOf(uses)))).toEqual([[], ["headers"]]);
  });

  test("of several schemes are those that most operations use; the others stay tokens", () => {
    const more = { another: grantAt("https://b.example/token") };
    const { made } = compiled([[{ oauth: [] }], [{ another: [] }], [{ another: [] }]], undefined, more);
    expect(made.upstream.oauth).toMatchObject({ tokenUrl: "https://b.example/token" });
    expect(made.secrets.map(({ name }) => name)).toContain("PET_STORE_OAUTH_TOKEN");
    expect(made.notes.map(({ code }) => code)).toEqual(["token-url-proposed", "token-expires"]);
  });

  test.each<[string, string, string]>([
    ["a relative URL below the base URL", "oauth/token", "https://api.example/v1/oauth/token"],
    ["a rooted one", "/oauth/token", "https://api.example/oauth/token"],
    ["one on this machine", "http://127.0.0.1:8080/token", "http://127.0.0.1:8080/token"],
  ])("take %s", (_, written, expected) => {
    const { made } = compiled([[{ other: [] }]], undefined, { other: grantAt(written) });
    expect(made.upstream.oauth).toMatchObject({ tokenUrl: expected });
  });

  test("at an internal address are a note", () => {
    const { made } = compiled([[{ other: [] }]], undefined, { other: grantAt("https://10.0.0.1/token") });
    expect(made.notes.map(({ code }) => code)).toEqual(["token-url-proposed", "token-url-internal"]);
  });

  test.each([
    "http://a.example/token",
    "ftp://a.example/token",
    "https://user:password@a.example/token",
    "https://a.example/token#part",
    "https://a.example/token?x=${secrets.OTHER}",
    "https://",
  ])("are not sent to %s", (written) => {
    const { made } = compiled([[{ other: [] }]], undefined, { other: grantAt(written) });
    expect(made.upstream).toEqual({ headers: { authorization: "Bearer ${secrets.PET_STORE_TOKEN}" } });
    expect(made.notes).toEqual([{ code: "token-expires", message: expect.stringContaining("client credentials") }]);
  });

  test("do not come beside another authorization of the upstream, and scopes that are none are left out", () => {
    expect(compiled([[{ oauth: [], login: [] }]]).made.upstream.oauth).toBeUndefined();
    const { made } = compiled([[{ oauth: ["a b", "${secrets.X}", "", "é"] }]]);
    expect(made.upstream.oauth?.["scopes"]).toEqual(["a", "b"]);
  });
});

test("OpenID Connect is a token, and a note that says where its token endpoint is described", () => {
  const openIdConnectUrl = "https://a.example/.well-known/openid-configuration";
  const { made } = compiled([[{ oidc: [] }]], undefined, { oidc: { type: "openIdConnect", openIdConnectUrl } });
  expect(made.upstream).toEqual({ headers: { authorization: "Bearer ${secrets.PET_STORE_TOKEN}" } });
  expect(made.notes).toEqual([{ code: "token-expires", message: expect.stringContaining(openIdConnectUrl) }]);
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
  [
    "a key rather than a cookie",
    [{ sid: [] }, { bearerAuth: [], ApiKeyAuth: [] }],
    undefined,
    ["bearerAuth", "ApiKeyAuth"],
  ],
  ["the first", [{ bearerAuth: [] }, { ApiKeyAuth: [] }], undefined, ["bearerAuth"]],
  ["one that can be sent", [{ digest: [] }, { login: [] }], undefined, ["login"]],
  ["credentials where they are optional", [{}, { login: [] }], undefined, ["login"]],
  ["none where the only alternative cannot be sent but they are optional", [{}, { digest: [] }], undefined, []],
  ["none for an operation that overrides them", [], [{ login: [] }], []],
])("of several alternatives %s is taken", (_, own, general, expected) => {
  const { used } = compiled([own], general);
  expect(used[0]?.map(({ scheme }) => scheme)).toEqual(expected);
});
