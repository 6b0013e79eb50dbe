import { expect, test } from "vitest";
import { formatPath, type Problem } from "../problem.ts";
import { checkDocument, maxProblems } from "./check-document.ts";

const good = {
  name: "crm",
  routes: [{ prefix: "/crm" }],
  upstreams: { api: { kind: "http", baseUrl: "https://crm.example/api" } },
  tools: [{ name: "get", upstream: "api", request: { path: "/customers/{id}" } }],
};

function line(problem: Problem): string {
  const mend = problem.mend === undefined ? "" : ` (${problem.mend})`;
  return `${formatPath(problem.path)}${problem.atKey ? "!" : ""}: ${problem.message}${mend}`;
}

function linesOf(value: unknown): string[] {
  return checkDocument(value).problems.map(line);
}

function withTool(tool: Record<string, unknown>): unknown {
  return { ...good, tools: [{ ...good.tools[0], ...tool }] };
}

function withRequest(request: Record<string, unknown>): unknown {
  return withTool({ request: { path: "/", ...request } });
}

test("a good document comes back with its defaults", () => {
  const { document } = checkDocument(good);
  expect(document).toMatchObject({ tenant: "default", pageSize: 1000, routes: [{ access: "key" }] });
  expect(document?.tools[0]?.request.method).toBe("GET");
});

test.each<[string, unknown, string[]]>([
  ["nothing", undefined, [": the document is empty (add the keys name and routes)"]],
  ["a list", [1], [": expected a mapping, found a list (write it as `key: value` lines, without `-`)"]],
  ["a missing key", { name: "crm" }, ['routes: missing key "routes" (add "routes": a list)']],
  [
    "a mistyped key that is missing",
    { name: "crm", rotues: [{ prefix: "/a" }] },
    ['rotues!: unknown key "rotues" (did you mean "routes"?)'],
  ],
  [
    "a mistyped optional key",
    withTool({ uspstream: "api" }),
    ['tools[0].uspstream!: unknown key "uspstream" (did you mean "upstream"?)'],
  ],
  [
    "an unknown key that resembles none",
    { ...good, routes: [{ prefix: "/a", bogus: 1 }] },
    [
      'routes[0].bogus!: unknown key "bogus" (the keys known here are prefix, access, origins, requestHeaders, maxBodyBytes, streams, sessions)',
    ],
  ],
  [
    "a number for a text",
    withTool({ description: 12 }),
    ['tools[0].description: expected text, found the number 12 (put it in quotes: "12")'],
  ],
  ["a text for a number", { ...good, pageSize: "5" }, ['pageSize: expected a number, found "5" (remove the quotes)']],
  ["a fraction", { ...good, pageSize: 1.5 }, ["pageSize: expected a whole number, found the number 1.5"]],
  ["too small a number", { ...good, pageSize: 0 }, ["pageSize: must be at least 1, found the number 0"]],
  [
    "an integer beyond 2^53",
    { ...good, pageSize: 2n ** 64n },
    ["pageSize: expected a number, found the number 18446744073709551616"],
  ],
  [
    "a key without a value",
    { ...good, tools: null },
    ["tools: expected a list, found nothing (give the key a value or remove it)"],
  ],
  ["an empty list", { ...good, routes: [] }, ["routes: the number of entries must be at least 1, found 0"]],
  [
    "a bad choice",
    withRequest({ method: "get" }),
    [
      'tools[0].request.method: expected one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, found "get" (did you mean "GET"?)',
    ],
  ],
  [
    "a bad pattern",
    withTool({ name: "get it" }),
    ['tools[0].name: must be 1 to 128 characters of A-Z, a-z, 0-9, `_`, `-` and `.`, found "get it"'],
  ],
  [
    "a bad name of an upstream",
    { ...good, upstreams: { ...good.upstreams, "B b": good.upstreams.api } },
    [
      "upstreams.B b!: the name must be 1 to 64 characters of a-z, 0-9, `-`, `_` and `.`, beginning and ending with a letter or digit",
    ],
  ],
  [
    "an unknown kind of upstream",
    { ...good, upstreams: { api: { kind: "htpp", baseUrl: "x" } } },
    ['upstreams.api.kind: expected one of http, mcp, found "htpp" (did you mean "http"?)'],
  ],
  [
    "no kind of upstream",
    { ...good, upstreams: { api: { baseUrl: "x" } } },
    ['upstreams.api.kind: missing key "kind" (add "kind": one of http, mcp)'],
  ],
  [
    "an unknown key of an upstream",
    { ...good, upstreams: { api: { ...good.upstreams.api, egres: {} } } },
    ['upstreams.api.egres!: unknown key "egres" (did you mean "egress"?)'],
  ],
  [
    "a body of no kind",
    withRequest({ body: { jsn: 1 } }),
    ['tools[0].request.body.jsn!: unknown key "jsn" (did you mean "json"?)'],
  ],
  [
    "a body that is a text",
    withRequest({ body: "x" }),
    ['tools[0].request.body: expected a mapping with one of the keys json, form, multipart, text, binary, found "x"'],
  ],
  [
    "a body of two kinds",
    withRequest({ body: { json: 1, text: "x" } }),
    ["tools[0].request.body: only one of json, text may be given (keep one of them)"],
  ],
  [
    "a body that is wrong inside",
    withRequest({ body: { form: { a: undefined }, contentTyp: 1 } }),
    [
      'tools[0].request.body.form.a: missing key "a" (add "a")',
      'tools[0].request.body.contentTyp!: unknown key "contentTyp" (did you mean "contentType"?)',
    ],
  ],
  [
    "a query parameter with a bad style",
    withRequest({ query: { ids: { value: "${args.ids}", style: "coma" } } }),
    [
      'tools[0].request.query.ids.style: expected one of repeat, comma, space, pipe, brackets, deepObject, found "coma" (did you mean "comma"?)',
    ],
  ],
  [
    "a multipart file with an unknown key",
    withRequest({ body: { multipart: { f: { file: "x", fileName: "y" } } } }),
    ['tools[0].request.body.multipart.f.fileName!: unknown key "fileName" (did you mean "filename"?)'],
  ],
  [
    "a content block that lacks a key",
    withTool({ content: [{ image: { data: "x" } }] }),
    ['tools[0].content[0].image.mimeType: missing key "mimeType" (add "mimeType": text)'],
  ],
  [
    "completion that is wrong in its first form",
    {
      ...good,
      prompts: [
        { name: "p", messages: [{ content: { text: "x" } }], arguments: [{ name: "a", complete: { values: 3 } }] },
      ],
    },
    [
      "prompts[0].arguments[0].complete.values: expected a list, found the number 3 (write it as a list, each entry after a `-` or within `[ ]`)",
    ],
  ],
  [
    "NaN",
    withTool({ result: Number.NaN }),
    ["tools[0].result: must be a value that JSON can hold, found the number NaN"],
  ],
])("%s is told with a mend", (_what, value, expected) => {
  expect(linesOf(value)).toEqual(expected);
});

test("problems of one document are bounded", () => {
  const unknown = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`zzzzzzzzzzz${index}`, 1]));
  const lines = linesOf({ ...good, ...unknown });
  expect(lines).toHaveLength(maxProblems + 1);
  expect(lines.at(-1)).toBe(": 30 more problems in this document");
});

test("keys of the prototype are unknown keys like others", () => {
  const value: unknown = JSON.parse('{"name":"a","routes":[{"prefix":"/a"}],"constructor":1,"toString":2}');
  expect(linesOf(value).map((text) => text.split(" (")[0])).toEqual([
    'constructor!: unknown key "constructor"',
    'toString!: unknown key "toString"',
  ]);
});
