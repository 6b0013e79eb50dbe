import { afterAll, beforeAll, expect, test } from "vitest";
import { readRequest, startWire, type WireBackend } from "../../../test/fixtures/local-backend.ts";
import { asResult, callContext, compileTool, openUpstream } from "../../../test/fixtures/upstream-fixture.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { compileOperation } from "./compile-operation.ts";
import { compileSecurity } from "./security/compile-security.ts";
import { descriptionOf, operationOf, partsOf } from "./testing.ts";

// What operations become is called, and what reaches a server is looked at.

let backend: WireBackend;
let received: string[] = [];

beforeAll(async () => {
  backend = await startWire((socket) => {
    void readRequest(socket).then((text) => {
      received.push(text);
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
    });
  });
});

afterAll(() => backend.close());

interface Sent {
  readonly line: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

async function send(
  operation: JsonObject,
  args: JsonObject,
  options: { path?: string; method?: string; root?: JsonObject } = {},
): Promise<Sent> {
  const { path = "/things", method = "GET", root = {} } = options;
  const description = descriptionOf({ ...root, paths: { [path]: { [method.toLowerCase()]: operation } } });
  const outcome = compileOperation(operationOf(description, method, path), description);
  const { input, request } = partsOf(outcome);
  const security = compileSecurity(description, outcome.kind === "tool" ? [outcome.security] : [], { prefix: "shop" });
  const own = security.requestOf(outcome.kind === "tool" ? outcome.security : []);
  const api = openUpstream(
    { baseUrl: backend.url, retry: { attempts: 0 }, ...security.upstream },
    {
      boundary: () => "b",
      values: { SHOP_API_KEY: "key", SHOP_TOKEN: "token", SHOP_USERNAME: "ada", SHOP_PASSWORD: "pw" },
    },
  );
  received = [];
  const outcomeOfCall = await api.callTool(compileTool({ input, request: { ...request, ...own } }), callContext(args));
  await api.close();
  expect(asResult(outcomeOfCall)).toMatchObject({ isError: false });
  const [head = "", ...rest] = received.join("").split("\r\n\r\n");
  const [line = "", ...fields] = head.split("\r\n");
  const headers = new Map(fields.map((field) => [field.split(": ")[0] ?? "", field.split(": ").slice(1).join(": ")]));
  return { line: line.replace(/ HTTP\/1\.1$/, ""), headers, body: rest.join("\r\n\r\n") };
}

const parameter = (place: string, schema: JsonValue, more: JsonObject = {}): JsonObject => ({
  parameters: [{ name: "v", in: place, schema, ...(place === "path" ? { required: true } : {}), ...more }],
});
const list: JsonValue = { type: "array", items: { type: "string" } };
const object: JsonValue = { type: "object", additionalProperties: { type: "string" } };
const text: JsonValue = { type: "string" };

test.each<[string, JsonObject, JsonValue, string]>([
  ["simple", parameter("path", text), "a b", "GET /things/a%20b/x"],
  ["simple list", parameter("path", list), ["a", "b,c"], "GET /things/a,b%2Cc/x"],
  ["label", parameter("path", text, { style: "label" }), "a", "GET /things/.a/x"],
  ["label list", parameter("path", list, { style: "label", explode: true }), ["a", "b"], "GET /things/.a.b/x"],
  ["label list in one", parameter("path", list, { style: "label" }), ["a", "b"], "GET /things/.a,b/x"],
  ["matrix", parameter("path", text, { style: "matrix" }), "a", "GET /things/;v=a/x"],
  ["matrix list", parameter("path", list, { style: "matrix" }), ["a", "b"], "GET /things/;v=a,b/x"],
])("a path parameter in the style %s", async (_, operation, value, line) => {
  expect((await send(operation, { v: value }, { path: "/things/{v}/x" })).line).toBe(line);
});

test.each<[string, JsonObject, JsonValue, string]>([
  ["form", parameter("query", text), "a&b", "v=a%26b"],
  ["form list", parameter("query", list), ["a", "b"], "v=a&v=b"],
  ["form list in one", parameter("query", list, { explode: false }), ["a", "b"], "v=a,b"],
  ["form object", parameter("query", object), { x: "1", y: "2" }, "x=1&y=2"],
  ["form object in one", parameter("query", object, { explode: false }), { x: "1", y: "2" }, "v=x,1,y,2"],
  ["space", parameter("query", list, { style: "spaceDelimited", explode: false }), ["a", "b"], "v=a%20b"],
  ["pipe", parameter("query", list, { style: "pipeDelimited", explode: false }), ["a", "b"], "v=a%7Cb"],
  ["deep", parameter("query", object, { style: "deepObject", explode: true }), { x: "1" }, "v%5Bx%5D=1"],
  ["deep list", parameter("query", list, { style: "deepObject", explode: true }), ["a"], "v%5B%5D=a"],
  ["boolean", parameter("query", { type: "boolean" }), false, "v=false"],
  ["large integer", parameter("query", { type: "integer" }), 9223372036854775807n, "v=9223372036854775807"],
  ["empty text", parameter("query", text, { allowEmptyValue: true }), "", "v="],
  [
    "JSON",
    { parameters: [{ name: "v", in: "query", content: { "application/json": { schema: object } } }] },
    { x: "1" },
    "v=%7B%22x%22%3A%221%22%7D",
  ],
])("a query parameter in the style %s", async (_, operation, value, query) => {
  expect((await send(operation, { v: value })).line).toBe(`GET /things?${query}`);
  expect((await send(operation, {})).line).toBe("GET /things");
});

test.each<[string, JsonObject, JsonValue, string]>([
  ["text", parameter("header", text, { name: "X-V" }), "a", "a"],
  ["list", parameter("header", list, { name: "X-V" }), ["a", "b"], "a,b"],
  ["object", parameter("header", object, { name: "X-V" }), { x: "1", y: "2" }, "x,1,y,2"],
  ["exploded object", parameter("header", object, { name: "X-V", explode: true }), { x: "1", y: "2" }, "x=1,y=2"],
  ["number", parameter("header", { type: "integer" }, { name: "X-V" }), 3, "3"],
])("a header that is a %s", async (_, operation, value, expected) => {
  expect((await send(operation, { x_v: value })).headers.get("X-V".toLowerCase())).toBe(expected);
  expect((await send(operation, {})).headers.has("x-v")).toBe(false);
});

test("cookies are one header", async () => {
  const { headers } = await send(
    { parameters: [...cookie("a"), ...cookie("b"), ...cookie("c")] },
    { a: "1", b: "x y" },
  );
  expect(headers.get("cookie")).toBe("a=1; b=x%20y");
});

function cookie(name: string): readonly JsonObject[] {
  return [{ name, in: "cookie", schema: text }];
}

const body = (type: string, schema: JsonValue, more: JsonObject = {}): JsonObject => ({
  requestBody: { required: true, content: { [type]: { schema, ...more } } },
});

test.each<[string, JsonObject, JsonObject, string, string]>([
  [
    "JSON with properties",
    body("application/json", { type: "object", properties: { a: text, n: { type: "integer" } } }),
    { n: 9223372036854775807n },
    "application/json",
    '{"n":9223372036854775807}',
  ],
  ["JSON that is a list", body("application/json", list), { body: ["a"] }, "application/json", '["a"]'],
  [
    "a merge patch",
    body("application/merge-patch+json", { type: "object", properties: { a: { type: ["string", "null"] } } }),
    { a: null },
    "application/merge-patch+json",
    '{"a":null}',
  ],
  [
    "a form",
    body("application/x-www-form-urlencoded", { type: "object", properties: { a: text, l: list, o: object } }),
    { a: "x y", l: ["1", "2"], o: { k: "v" } },
    "application/x-www-form-urlencoded",
    "a=x+y&l=1&l=2&o=%7B%22k%22%3A%22v%22%7D",
  ],
  [
    "a form with encodings",
    body(
      "application/x-www-form-urlencoded",
      { type: "object", properties: { l: list, d: list, o: object } },
      { encoding: { l: { explode: false }, d: { style: "deepObject" }, o: { style: "deepObject" } } },
    ),
    { l: ["1", "2"], d: ["3"], o: { k: "v" } },
    "application/x-www-form-urlencoded",
    "l=1%2C2&d%5B%5D=3&o%5Bk%5D=v",
  ],
  ["text", body("text/plain", text), { body: "hello" }, "text/plain; charset=utf-8", "hello"],
  ["XML", body("application/xml", { type: "object" }), { body: "<a/>" }, "application/xml", "<a/>"],
  ["bytes", body("application/octet-stream", {}), { body: "aGk=" }, "application/octet-stream", "hi"],
  ["an image", body("image/png", {}), { body: "aGk=" }, "image/png", "hi"],
  [
    "an image of any kind",
    body("image/*", { type: "string", format: "binary" }),
    { body: "data:image/gif;base64,aGk=" },
    "image/gif",
    "hi",
  ],
  [
    "files and fields",
    body(
      "multipart/form-data",
      {
        type: "object",
        properties: {
          title: text,
          file: { type: "string", format: "binary" },
          more: { type: "array", items: { type: "string", contentMediaType: "application/pdf" } },
        },
      },
      { encoding: { file: { contentType: "image/png" } } },
    ),
    { title: "T", file: "aGk=", more: ["aQ==", "ag=="] },
    "multipart/form-data; boundary=b",
    [
      '--b\r\ncontent-disposition: form-data; name="title"\r\n\r\nT\r\n',
      '--b\r\ncontent-disposition: form-data; name="file"; filename="file"\r\ncontent-type: image/png\r\n\r\nhi\r\n',
      '--b\r\ncontent-disposition: form-data; name="more"; filename="more"\r\ncontent-type: application/pdf\r\n\r\ni\r\n',
      '--b\r\ncontent-disposition: form-data; name="more"; filename="more"\r\ncontent-type: application/pdf\r\n\r\nj\r\n',
      "--b--\r\n",
    ].join(""),
  ],
])("a body of %s", async (_, operation, args, type, expected) => {
  const sent = await send(operation, args, { method: "POST" });
  expect(sent.headers.get("content-type")).toBe(type);
  expect(sent.body).toBe(expected);
});

test("an optional body with required members is left out as a whole", async () => {
  const schema = { type: "object", required: ["a"], properties: { a: text } };
  const operation = { requestBody: { content: { "application/json": { schema } } } };
  expect((await send(operation, {}, { method: "POST" })).body).toBe("");
  expect((await send(operation, { body: { a: "1" } }, { method: "POST" })).body).toBe('{"a":"1"}');
});

const secured = (scheme: JsonObject): { root: JsonObject } => ({
  root: { security: [{ it: [] }], components: { securitySchemes: { it: scheme } } },
});

test.each<[string, JsonObject, (sent: Sent) => unknown, string]>([
  ["a key in a header", { type: "apiKey", in: "header", name: "X-Key" }, (sent) => sent.headers.get("x-key"), "key"],
  ["a key in the query", { type: "apiKey", in: "query", name: "key" }, (sent) => sent.line, "GET /things?key=key"],
  ["a key in a cookie", { type: "apiKey", in: "cookie", name: "sid" }, (sent) => sent.headers.get("cookie"), "sid=key"],
  ["a bearer token", { type: "http", scheme: "Bearer" }, (sent) => sent.headers.get("authorization"), "Bearer token"],
  ["OAuth", { type: "oauth2", flows: {} }, (sent) => sent.headers.get("authorization"), "Bearer token"],
  ["a password", { type: "http", scheme: "basic" }, (sent) => sent.headers.get("authorization"), "Basic YWRhOnB3"],
])("%s is a secret", async (_, scheme, look, expected) => {
  const { root } = secured(scheme);
  const named =
    scheme["type"] === "apiKey"
      ? { root: { ...root, security: [{ api_key: [] }], components: { securitySchemes: { api_key: scheme } } } }
      : { root };
  expect(look(await send({}, {}, named))).toBe(expected);
});

test("no text of a description becomes an expression or a placeholder", async () => {
  const trap = "${secrets.SHOP_TOKEN}";
  const sent = await send(
    {
      parameters: [
        { name: trap, in: "query", schema: { type: "string" } },
        { name: "{v}", in: "query", schema: { type: "string" } },
      ],
      requestBody: {
        required: true,
        content: { "application/json": { schema: { type: "object", properties: { [trap]: text } } } },
      },
    },
    {
      "secrets.SHOP_TOKEN": "p",
      v: "s",
      query_v: "w",
      field: "f",
      "query_secrets.SHOP_TOKEN": "q",
      "body_secrets.SHOP_TOKEN": "b",
    },
    { method: "POST", path: `/a/$${trap}/{v}$/x?fixed=${trap}` },
  );
  const encoded = encodeURIComponent(trap);
  expect(sent.line).toBe(`POST /a/$%24p/s$/x?fixed=${encoded}&${encoded}=q&%7Bv%7D=w`);
  expect(sent.body).toBe(JSON.stringify({ [trap]: "b" }));
});
