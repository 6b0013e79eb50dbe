import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import { checkDocument } from "../../src/core/config/check-document.ts";
import { demoDocument } from "../../src/demo/demo-document.ts";

const schema: unknown = JSON.parse(readFileSync(new URL("../../schema/server.schema.json", import.meta.url), "utf8"));
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema as object); // the file holds an object

const document = {
  name: "a",
  routes: [{ prefix: "/a" }],
  upstreams: { api: { kind: "http", baseUrl: "x" } },
};

function withRequest(request: unknown): unknown {
  return { ...document, tools: [{ name: "t", upstream: "api", request }] };
}

test.each<[string, unknown, boolean]>([
  ["the demo", load(demoDocument("http://127.0.0.1:1")), true],
  ["a small document", document, true],
  ["a document without routes", { name: "a" }, false],
  ["an unknown key", { ...document, uspstreams: {} }, false],
  ["an unknown method", withRequest({ path: "/", method: "GTE" }), false],
  ["a body of one kind", withRequest({ path: "/", body: { json: { a: ["${args.a}"] } } }), true],
  ["a body of two kinds", withRequest({ path: "/", body: { json: 1, text: "x" } }), false],
  ["a form with a media type", withRequest({ path: "/", body: { form: {}, contentType: "x" } }), false],
  ["a name with a blank", { ...document, name: "a b" }, false],
])("the published schema and the loader agree on %s", (_what, value, isGood) => {
  expect(validate(value)).toBe(isGood);
  expect(checkDocument(value).problems.length === 0).toBe(isGood);
});
