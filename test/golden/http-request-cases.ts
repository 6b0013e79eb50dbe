export interface RequestCase {
  readonly title: string;
  /** Name of the golden file in `http-request/`. */
  readonly file: string;
  readonly upstream?: Readonly<Record<string, unknown>> & {
    readonly basePath?: string;
    /** Headers of the client that the route shows. */
    readonly clientHeaders?: Readonly<Record<string, string>>;
  };
  readonly tool: Readonly<Record<string, unknown>>;
  /** JSON text. */
  readonly args: string;
  /** The call must be refused with this message and nothing sent. */
  readonly refused?: RegExp;
}

const byId = { request: { path: "/customers/{id}" } };
const search = (style: string): RequestCase["tool"] => ({
  request: { path: "/search", query: { q: { value: "${args.q}", style } } },
});
const post = (body: object): RequestCase["tool"] => ({ request: { method: "POST", path: "/items", body } });

export const requestCases: readonly RequestCase[] = [
  { title: "a fixed request has the usual headers", file: "fixed", tool: { request: { path: "/status" } }, args: "{}" },
  {
    title: "baseUrl, headers and query of the upstream come first, with secrets filled in",
    file: "upstream-parts",
    upstream: {
      basePath: "/api/v2/",
      query: { key: "${secrets.TOKEN}" },
      headers: { authorization: "Bearer ${secrets.TOKEN}", "x-caller": "${principal.id}" },
      forwardHeaders: ["X-Request-Id"],
      clientHeaders: { "x-request-id": "r-1", "x-other": "not sent", authorization: "not sent", cookie: "not sent" },
    },
    tool: { request: { path: "/customers", query: { page: 2 } } },
    args: "{}",
  },
  {
    title: "a value in the path is percent-encoded as one segment",
    file: "path-encoded",
    tool: byId,
    args: '{"id":"Zoë & Søn?#%"}',
  },
  {
    title: "an integer beyond 2^53 is exact in the path",
    file: "path-2-63",
    tool: byId,
    args: '{"id":9223372036854775808}',
  },
  {
    title: "a line break in a forwarded header is refused",
    file: "-",
    upstream: { forwardHeaders: ["x-request-id"], clientHeaders: { "x-request-id": "a\r\nb: c" } },
    tool: byId,
    args: '{"id":"1"}',
    refused: /x-request-id.*line break/,
  },
  { title: "a value that climbs is refused", file: "-", tool: byId, args: '{"id":"../admin"}', refused: /id/ },
  { title: "a value that is .. is refused", file: "-", tool: byId, args: '{"id":".."}', refused: /id/ },
  { title: "an encoded climb is refused", file: "-", tool: byId, args: '{"id":"%2e%2e"}', refused: /id/ },
  { title: "an encoded separator is refused", file: "-", tool: byId, args: '{"id":"a%2fb"}', refused: /id/ },
  { title: "a backslash is refused", file: "-", tool: byId, args: '{"id":"..\\\\admin"}', refused: /id/ },
  { title: "an empty segment is refused", file: "-", tool: byId, args: '{"id":""}', refused: /id/ },
  { title: "a null in the path is refused", file: "-", tool: byId, args: '{"id":null}', refused: /id/ },
  { title: "a line break in the path is refused", file: "-", tool: byId, args: '{"id":"a\\r\\nb"}', refused: /id/ },
  {
    title: "a line break in a header is refused",
    file: "-",
    tool: { request: { path: "/", headers: { "x-name": "${args.name}" } } },
    args: '{"name":"a\\r\\nx-admin: 1"}',
    refused: /x-name.*line break/,
  },
  {
    title: "a NUL in a cookie is refused",
    file: "-",
    tool: { request: { path: "/", cookies: { session: "${args.name}" } } },
    args: '{"name":"a\\u0000b"}',
    refused: /session.*control character/,
  },
  {
    title: "half of a surrogate pair in the query is refused",
    file: "-",
    tool: search("repeat"),
    args: '{"q":"\\ud800"}',
    refused: /surrogate/,
  },
  {
    title: "headers and cookies beyond ASCII are UTF-8 and cookies are encoded where they must be",
    file: "headers-unicode",
    tool: {
      request: {
        path: "/",
        headers: { "X-Name": "${args.name}", "x-absent": "${args.?nothing}" },
        cookies: { a: "${args.name}", b: "1;2 3", c: "${args.?nothing}" },
      },
    },
    args: '{"name":"Zoë"}',
  },
  {
    title: "headers of the tool replace those of the upstream whatever their case",
    file: "header-override",
    upstream: { headers: { "user-agent": "theirs", accept: "*/*" } },
    tool: { request: { path: "/", headers: { Accept: "text/csv", "USER-AGENT": "mine" } } },
    args: "{}",
  },
  ...["repeat", "comma", "space", "pipe", "brackets", "deepObject"].flatMap((style): RequestCase[] => [
    {
      title: `a list in the query in the style ${style}`,
      file: `query-list-${style}`,
      tool: search(style),
      args: '{"q":["a b","c,d&e",null,3,true,9223372036854775808]}',
    },
    {
      title: `an object in the query in the style ${style}`,
      file: `query-object-${style}`,
      tool: search(style),
      args: '{"q":{"k":"v&w","n":{"x":[1,2]},"__proto__":"p","z":null}}',
    },
  ]),
  {
    title: "absent and null query values are left out",
    file: "query-absent",
    tool: { request: { path: "/", query: { a: "${args.?a}", b: "${args.b}", c: "" } } },
    args: '{"b":null}',
  },
  {
    title: "a JSON body keeps types, large integers, __proto__ and unicode",
    file: "body-json",
    tool: post({ json: { all: "${args}", id: "${args.id}", text: "n=${args.id}" } }),
    args: '{"id":9223372036854775808,"price":12345678,"__proto__":{"x":1},"s":"\\u2028\\u0000é\\r\\n","n":null}',
  },
  {
    title: "absent members of a JSON body are left out",
    file: "body-json-absent",
    tool: post({
      json: { a: "${args.?a}", b: "${args.?b}" },
      contentType: "application/vnd.api+json",
    }),
    args: '{"b":[1]}',
  },
  {
    title: "a form is urlencoded",
    file: "body-form",
    tool: post({ form: { a: "${args.a}", list: ["x", "y z"], o: { k: "v" } } }),
    args: '{"a":"é + & = %"}',
  },
  {
    title: "a multipart body has fields and files, and names cannot add headers",
    file: "body-multipart",
    tool: post({
      multipart: {
        note: "${args.note}",
        meta: "${args.meta}",
        file: { file: "${args.file}", filename: "${args.name}" },
        picture: { file: "${args.picture}" },
        absent: { file: "${args.?nothing}" },
      },
    }),
    args: JSON.stringify({
      note: "hello\r\nthere",
      meta: { a: [1] },
      file: "aGVsbG8=",
      name: 'a"\r\nx-evil: 1.txt',
      picture: "data:image/png;base64,iVBORw==",
    }),
  },
  {
    title: "a file that is no base64 is refused",
    file: "-",
    tool: post({ multipart: { file: { file: "${args.file}" } } }),
    args: '{"file":"not base64!"}',
    refused: /file.*base64/,
  },
  {
    title: "a text body",
    file: "body-text",
    tool: post({ text: "Hi ${args.name}" }),
    args: '{"name":"Zoë"}',
  },
  {
    title: "a binary body from a data: URI",
    file: "body-binary",
    tool: post({ binary: "${args.data}" }),
    args: '{"data":"data:application/zip;base64,UEsDBA=="}',
  },
  {
    title: "a body over the limit is refused",
    file: "-",
    upstream: { maxRequestBytes: 20 },
    tool: post({ text: "${args.text}" }),
    args: '{"text":"éééééééééééé"}',
    refused: /24 bytes.*maxRequestBytes/,
  },
  ...["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"].map(
    (method): RequestCase => ({
      title: `the method ${method}`,
      file: `method-${method.toLowerCase()}`,
      tool: { request: { method, path: "/items/1" } },
      args: "{}",
    }),
  ),
];
