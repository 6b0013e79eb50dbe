import { describe, expect, it } from "vitest";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import { compileValue } from "../../src/expressions/template.ts";
import { collectingScope, scopeWith } from "../../src/expressions/testing.ts";
import { importUnla } from "../../src/imports/unla/import-unla.ts";

/*
 * Templates of Unla, translated and evaluated: what comes out is what Go's text/template writes, read as JSON where it
 * is JSON. Lists of arguments are JSON text there.
 */

const args = [
  { name: "name", type: "string", required: true },
  { name: "nick", type: "string" },
  { name: "count", type: "integer", required: true },
  { name: "tags", type: "array", items: { type: "string" } },
  { name: "gift", type: "boolean", default: "false" },
  { name: "address", type: "object" },
];

const given: JsonObject = {
  name: "Ada",
  count: 3,
  tags: ["a", "b"],
  gift: true,
  address: { city: "Paris", lines: ["x", "y"] },
};

const body: JsonObject = {
  id: 12345678,
  name: "Box",
  price: 2.5,
  empty: "",
  nothing: null,
  items: [
    { sku: "a", qty: 1 },
    { sku: "b", qty: 0 },
  ],
};

function translate(kind: "requestBody" | "responseBody", template: string): JsonValue | undefined {
  const tool = { name: "t", method: "POST", endpoint: "https://x.example/", args, [kind]: template };
  const config = {
    routers: [{ server: "s", prefix: "/s" }],
    servers: [{ name: "s", allowedTools: ["t"], config: { region: "eu", token: '{{ env "TOKEN" }}' } }],
    tools: [tool],
  };
  const { documents, report } = importUnla([{ file: "test.yaml", value: config, lineOf: () => 1 }], {});
  expect(report.entries).toMatchObject([{ outcome: "taken" }]);
  const tools = documents[0]?.["tools"];
  const made = Array.isArray(tools) ? tools[0] : undefined;
  if (!isJsonObject(made)) throw new Error("No tool was made.");
  if (kind === "responseBody") return made["result"];
  const { request } = made;
  const sent = isJsonObject(request) ? request["body"] : undefined;
  return isJsonObject(sent) ? (sent["json"] ?? sent["text"]) : undefined;
}

function evaluate(structure: JsonValue | undefined, values: JsonObject = given): JsonValue | undefined {
  const scope = collectingScope();
  const template = compileValue(structure ?? null, ["test"], scope);
  expect(scope.problems).toStrictEqual([]);
  return template.evaluate(scopeWith(values, { response: { status: 200, headers: {}, body } }));
}

describe("a body's template", () => {
  it.each<[string, JsonValue]>([
    ['{"n": "{{.Args.name}}", "c": {{.Args.count}}}', { n: "Ada", c: 3 }],
    [
      '{"tags": {{.Args.tags}}, "a": {{toJSON .Args.address}}}',
      { tags: ["a", "b"], a: { city: "Paris", lines: ["x", "y"] } },
    ],
    ['{"x": "{{.Args.name}} has {{.Args.count}}: {{.Args.tags}}"}', { x: 'Ada has 3: ["a","b"]' }],
    ['{"x": {{if .Args.gift}}"yes"{{else}}null{{end}}}', { x: "yes" }],
    ['{"x": "{{if eq .Args.name "Ada"}}first{{else if gt .Args.count 5}}many{{else}}none{{end}}"}', { x: "first" }],
    ['{"a": 1{{if .Args.nick}}, "nick": "{{.Args.nick}}"{{end}}}', { a: 1 }],
    ['{{if .Args.gift}}{"gift": true}{{else}}{}{{end}}', { gift: true }],
    [
      '{"l": [{{range $i, $t := fromJSON .Args.tags}}{{if $i}},{{end}}{"t": "{{$t}}"}{{end}}]}',
      { l: [{ t: "a" }, { t: "b" }] },
    ],
    [
      '{"city": "{{.Args.address.city}}", "second": "{{index .Args.address "lines" 1}}"}',
      { city: "Paris", second: "y" },
    ],
    ['{"u": "{{.Args.name | upper | printf "<%s>"}}", "s": {{add .Args.count 1 | mul 2}}}', { u: "<ADA>", s: 8 }],
    [
      '{"d": "{{.Args.nick | default "nobody"}}", "r": "{{.Config.region}}", "k": "{{.Config.token}}"}',
      { d: "nobody", r: "eu", k: "s3cret" },
    ],
    [
      '{{- $n := .Args.name -}}\n{"a": "{{$n}}", "b": {{quote $n}}, "c": {{len .Args.name}}}',
      { a: "Ada", b: "Ada", c: 3 },
    ],
    ['{"q": "say \\"{{.Args.name}}\\" {{if .Args.gift}}\\"loud\\"{{end}}"}', { q: 'say "Ada" "loud"' }],
    ['{"lit": "${x} {{.Args.name}}"}', { lit: "${x} Ada" }],
    ["plain {{.Args.name}} {{- /* gone */ -}} {{`!`}}", "plain Ada!"],
    ["cost: ${{.Args.count}}", "cost: $3"],
    ["{{with .Args.address}}{{.city}}{{else}}nowhere{{end}}", "Paris"],
    ["{{range fromJSON .Args.tags}}[{{.}}]{{end}}", "[a][b]"],
    ["{{range $k, $v := .Args.address}}{{$k}};{{end}}", "city;lines;"],
    ['{{ternary "on" "off" .Args.gift}} {{contains "d" .Args.name}} {{replace "A" "E" .Args.name}}', "on true Eda"],
  ])("%s", (template, expected) => {
    expect(evaluate(translate("requestBody", template))).toStrictEqual(expected);
  });

  it("leaves out what is absent, and keeps what a default gives", () => {
    const template =
      '{"nick": "{{.Args.nick}}", "tags": {{.Args.tags}}, "gift": {{.Args.gift}}, "x": "{{.Args.nick}}!"}';
    expect(evaluate(translate("requestBody", template), { name: "Ada", count: 1, gift: false })).toStrictEqual({
      gift: false,
      x: "!",
    });
  });
});

describe("a result's template", () => {
  it.each<[string, JsonValue]>([
    ['{"id": "{{.Response.Data.id}}", "price": {{.Response.Data.price}}}', { id: 12345678, price: 2.5 }],
    [
      "{{.Response.Data.name}} costs {{.Response.Data.price}}{{with .Response.Data.eta}}, in {{.}} days{{end}}",
      "Box costs 2.5",
    ],
    ['{{if .Response.Data.empty}}full{{else}}empty{{end}} {{safeGet "items.1.sku" .Response.Data}}', "empty b"],
    ['{{safeGetOr "nothing.deep" .Response.Data "none"}}', "none"],
    ["{{range .Response.Data.items}}{{.sku}}={{.qty}}{{if .qty}}*{{end}} {{end}}", "a=1* b=0 "],
    ["{{range $i, $e := .Response.Data.items}}{{if $i}}, {{end}}{{$e.sku}}{{end}}", "a, b"],
    ["{{range .Response.Data.none}}x{{else}}nothing{{end}}", "nothing"],
    [
      '{"skus": [{{range $i, $e := .Response.Data.items}}{{if $i}},{{end}}"{{$e.sku}}"{{end}}], "n": {{len .Response.Data.items}}}',
      { skus: ["a", "b"], n: 2 },
    ],
    ['{{if and .Response.Data.id (not .Response.Data.nothing)}}ok{{end}} {{or .Response.Data.empty "x"}}', "ok x"],
  ])("%s", (template, expected) => {
    expect(evaluate(translate("responseBody", template))).toStrictEqual(expected);
  });
});

describe("what has no counterpart", () => {
  function refusalOf(template: string): string {
    const config = {
      routers: [{ server: "s", prefix: "/s" }],
      servers: [{ name: "s" }],
      tools: [{ name: "t", method: "POST", endpoint: "https://x.example/", args, requestBody: template }],
    };
    const { documents, report } = importUnla([{ file: "test.yaml", value: config, lineOf: () => 10 }], {});
    expect(documents[0]).not.toHaveProperty("tools");
    return report.entries[0]?.notes[0]?.message ?? "";
  }

  it.each([
    ['{"a": 1,\n"b": "{{ now }}"}', "line 11: the function `now`"],
    ["{{ .Args.other }}", "line 10: `.Args.other`, which is no argument of the tool,"],
    ["x\n\n{{ if .Args.name }}", "line 12: an action without its `end`"],
    ["{{ end }}", "line 10: `end` without its beginning"],
    ["{{ .Args.name", "line 10: an action is never closed by }}"],
    ["{{ .Request.Cookies.sid }}", "line 10: `.Request.Cookies`"],
    ["{{ .Response.Data.id }}", "line 10: `.Response` before there is one"],
    ["{{ $x := 1 }}{{ $x = 2 }}", "line 10: a variable that gets another value"],
    ['{{ template "a" . }}', "line 10: `template`"],
    ["{{args.name}}", "line 10: "],
    ["{{range $i, $t := fromJSON .Args.tags}}{{$i}}{{end}}", "line 10: the number of an element of a range"],
  ])("is refused with its line: %s", (template, message) => {
    expect(refusalOf(template)).toContain(message);
  });
});
