import { expressionsIn } from "../../../test/fixtures/expressions-in.ts";
import { compileTool } from "../../../test/fixtures/upstream-fixture.ts";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { formatPath } from "../../core/problem.ts";
import { allKeywords } from "../../schemas/keywords.ts";
import { findSchemaProblems } from "../../schemas/json-schema.ts";
import { compileOperation } from "./compile-operation.ts";
import { compileSecurity } from "./security/compile-security.ts";
import { descriptionOf, operationOf } from "./testing.ts";

const componentNames = ["A", "B", "C", "a/b~c", "__proto__"];
const name = fc.oneof(
  fc.constantFrom(
    "id",
    "body",
    "value",
    "file",
    "__proto__",
    "constructor",
    "${args.id}",
    "$${x}",
    "{id}",
    "a b",
    "ü",
    "filter[x]",
    "",
    "X-Y",
  ),
  fc.string({ maxLength: 8 }),
);
const reference = fc
  .oneof(fc.constantFrom(...componentNames), fc.constant("missing"))
  .map((component) => `#/components/schemas/${component.replaceAll("~", "~0").replaceAll("/", "~1")}`);
const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>;
const type = fc.constantFrom("object", "array", "string", "integer", "number", "boolean", "null", "any", "file");

const { schema } = fc.letrec<{ schema: JsonValue; keyword: [string, JsonValue] }>((tie) => ({
  keyword: fc.oneof(
    { weight: 3, arbitrary: type.map((value): [string, JsonValue] => ["type", value]) },
    { weight: 2, arbitrary: reference.map((value): [string, JsonValue] => ["$ref", value]) },
    {
      weight: 3,
      arbitrary: fc.tuple(
        fc.constantFrom("allOf", "anyOf", "oneOf", "prefixItems"),
        fc.array(tie("schema"), { maxLength: 3 }),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(
        fc.constantFrom("properties", "patternProperties", "dependentSchemas"),
        fc.dictionary(name, tie("schema"), { maxKeys: 4 }),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(
        fc.constantFrom("items", "not", "if", "then", "else", "additionalProperties", "contains", "propertyNames"),
        tie("schema"),
      ),
    },
    { weight: 2, arbitrary: fc.tuple(fc.constant("required"), fc.array(name, { maxLength: 3 })) },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constantFrom("minimum", "maxLength", "minItems", "multipleOf", "exclusiveMaximum"),
        fc.oneof(fc.integer(), fc.boolean(), fc.constant("1")),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constantFrom(
          "enum",
          "default",
          "examples",
          "example",
          "const",
          "pattern",
          "format",
          "discriminator",
          "nullable",
        ),
        json,
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constantFrom("readOnly", "writeOnly", "nullable", "deprecated", "uniqueItems"),
        fc.constant(true),
      ),
    },
    // Any keyword with any value.
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...allKeywords()), json) },
  ) as fc.Arbitrary<[string, JsonValue]>,
  schema: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      fc.boolean(),
      type.map((value): JsonValue => ({ type: value })),
      json,
    ),
    fc.array(tie("keyword"), { maxLength: 5 }).map((entries): JsonValue => Object.fromEntries(entries)),
  ),
}));

const parameter = fc.record({
  name,
  in: fc.constantFrom("path", "query", "header", "cookie", "querystring"),
  schema,
  style: fc.constantFrom("form", "simple", "label", "matrix", "deepObject", "spaceDelimited", "${x}"),
  explode: fc.boolean(),
}) as fc.Arbitrary<JsonObject>;
const mediaType = fc.constantFrom(
  "application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "text/plain",
  "image/${x}",
  "a/b; c=${secrets.x}",
);

const root = fc.record({
  components: fc.record({
    schemas: fc
      .tuple(...componentNames.map(() => schema))
      .map((list) => Object.fromEntries(list.map((each, index) => [componentNames[index] ?? "", each]))),
    securitySchemes: fc.constant({ "k${x}": { type: "apiKey", in: "query", name: "${secrets.other}" } }),
  }),
  security: fc.constantFrom([], [{ "k${x}": [] }]),
  path: fc
    .array(fc.oneof(name, fc.constant("{id}"), fc.constant("$"), fc.constant("{${x}}")), { maxLength: 4 })
    .map((parts) => `/${parts.join("/")}`),
  method: fc.constantFrom("GET", "POST", "PATCH"),
  operation: fc.record({
    parameters: fc.array(parameter, { maxLength: 3 }),
    requestBody: fc
      .tuple(mediaType, schema, fc.boolean())
      .map(([media, each, required]) => ({ required, content: { [media]: { schema: each } } })),
    responses: schema.map((each) => ({
      "200": { description: "", content: { "application/json": { schema: each } } },
    })),
  }),
});

test("whatever a description holds, its tools are sound and no text of it is an expression", () => {
  fc.assert(
    fc.property(root, ({ path, method, operation, ...rest }) => {
      // Generated from JSON values only.
      const description = descriptionOf({
        ...rest,
        paths: { [path]: { [method.toLowerCase()]: operation } },
      });
      const outcome = compileOperation(operationOf(description, method, path), description);
      if (outcome.kind === "refused") {
        expect(outcome.notes).not.toEqual([]);
        return;
      }
      const { requestOf, upstream } = compileSecurity(description, [outcome.security], { prefix: "s" });
      const { input, output, request } = outcome.parts;
      expect(problemsOf(input, { root: "object" })).toEqual([]);
      if (output !== undefined) expect(problemsOf(output, {})).toEqual([]);
      for (const keyword of ["allOf", "anyOf", "oneOf", "$ref"]) expect(input).not.toHaveProperty([keyword]);
      const properties = isJsonObject(input["properties"]) ? Object.keys(input["properties"]) : [];
      for (const key of properties) expect(key).toMatch(/^[A-Za-z0-9_.-]{1,64}$/);
      compileTool({ ...outcome.parts });
      for (const source of expressionsIn(request))
        expect(withoutArguments(source, properties)).toMatch(knownExpression);
      for (const source of [upstream, requestOf(outcome.security)].flatMap((part) =>
        expressionsIn(part as JsonValue),
      )) {
        expect(source).toBe("secrets.S_K_X_KEY");
      }
    }),
    { numRuns: 400 },
  );
}, 60_000);

function problemsOf(schema: JsonObject, options: { readonly root?: "object" }): readonly string[] {
  const problems = findSchemaProblems(schema, [], { deep: true, ...options });
  return problems
    .filter(({ severity }) => severity === "error")
    .map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

/** Each argument that an expression names is one of the tool's. */
function withoutArguments(source: string, names: readonly string[]): string {
  return source.replace(/args\["([^"]*)"\]|args\.(\w+)|"([^"]*)" in args/g, (match, ...groups: unknown[]) => {
    const named = groups.slice(0, 3).find((group) => typeof group === "string");
    expect(names).toContain(named);
    return match.endsWith("in args") ? "P" : "A";
  });
}

const knownExpression =
  /^(?:A|A\.join\("[.]"\)|P \? (?:toJson\(A\)|A\.join\("[,| ]"\)|A\.map\(item, toJson\(item\)\)|A\.keys\(\)\.map\(k, \[k, A\[k\]\]\.join\("[=,]"\)\)\.join\(","\)) : null)$/;
