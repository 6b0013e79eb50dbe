import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import fc from "fast-check";
import { generate, type JsonSchema } from "json-schema-faker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseKinds, type TestDatabase } from "../fixtures/databases.ts";
import { type ApiAnswer, startTestApiserver, type TestApiserver } from "../fixtures/test-apiserver.ts";

/** The parts of a description that are looked at here. */
interface Described {
  readonly operationId: string;
  readonly security: readonly unknown[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: "path" | "query" | "header";
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** How long made up requests are sent; those of `firstWhims` are always sent. */
const fuzzingMs = 15_000;
const limitMs = 120_000;
/** As described: with optional parts and without, of things that are there and of others. */
const firstWhims: [number, boolean, unknown[]][] = [0, 2, 3, 5].map((seed) => [seed, false, []]);

const [sqlite] = await databaseKinds();

describe("the description of the API", () => {
  let place: TestDatabase;
  let apiserver: TestApiserver;
  let description: Description;
  const ajv = new Ajv2020({ strict: false, validateFormats: false });

  beforeAll(async () => {
    if (sqlite === undefined) throw new Error("SQLite is always there");
    place = await sqlite.create();
    apiserver = await startTestApiserver(place.address);
    await apiserver.send("administrator@*", "POST", "/api/v1/tenants/default/servers", {
      body: { text: "name: known\nroutes: [{ prefix: /known }]\n" },
    });
    const { json } = await apiserver.send("nobody", "GET", "/api/v1/openapi.json");
    description = json as unknown as Description; // the first test looks whether it is one
    ajv.addSchema({ $id: "api", components: description.components });
  });

  afterAll(async () => {
    await apiserver.close();
    await place.drop();
  });

  test("is valid OpenAPI 3.1 that says its operations once", async () => {
    const verdict = await new Validator().validate(JSON.parse(JSON.stringify(description)));
    expect(verdict).toMatchObject({ valid: true });
    const ids = operationsOf(description).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain("saveServer");
  });

  test("is a page without scripts that has every operation, its permission and every schema", async () => {
    const page = await apiserver.send("nobody", "GET", "/api/docs");
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.text).not.toMatch(/<script|\son\w+=|https?:\/\//);
    for (const { operation } of operationsOf(description)) {
      expect(page.text).toContain(`<article id="${operation.operationId}">`);
    }
    for (const [, target] of page.text.matchAll(/href="#([^"]+)"/g)) expect(page.text).toContain(`id="${target}"`);
    expect(page.text).toContain("<code>servers.write</code>");
  });

  test(
    "holds for every operation, whatever it is sent",
    async () => {
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(
          fc.nat(),
          fc.boolean(),
          fc.array(fc.jsonValue(), { maxLength: 3 }),
          async (seed, isBroken, junk) => {
            for (const { path, method, operation } of operationsOf(description)) {
              const answer = await sendMadeUp(path, method, operation, { seed, isBroken, junk });
              seen.add(`${operation.operationId} ${answer.status}`);
              expectDescribed(`${method} ${path}`, operation, answer);
            }
          },
        ),
        {
          numRuns: 1_000,
          examples: firstWhims,
          interruptAfterTimeLimit: fuzzingMs,
          markInterruptAsFailure: false,
          endOnFailure: true,
        },
      );
      // Not only refusals were seen.
      for (const success of ["listServers 200", "getServer 200", "createServer 201", "planServer 200"]) {
        expect(seen).toContain(success);
      }
    },
    limitMs,
  );

  interface Whim {
    readonly seed: number;
    readonly isBroken: boolean;
    readonly junk: readonly unknown[];
  }

  async function sendMadeUp(path: string, method: string, operation: Described, whim: Whim): Promise<ApiAnswer> {
    const { seed, isBroken, junk } = whim;
    const headers: Record<string, string> = {};
    const query = new URLSearchParams();
    let address = path;
    for (const parameter of operation.parameters) {
      if (!parameter.required && seed % 3 === 0) continue;
      const value = isBroken && seed % 2 === 0 ? junkText(junk[0]) : await valueFor(parameter, seed);
      if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(value) || "%20");
      else if (parameter.in === "query") query.set(parameter.name, value);
      else headers[parameter.name] = value.replace(/[^\x20-\x7e]/g, "?");
    }
    const [type] = Object.keys(operation.requestBody?.content ?? {});
    const schema = type === undefined ? undefined : operation.requestBody?.content[type]?.schema;
    const body = schema === undefined ? undefined : await bodyFor(schema, whim);
    if (type !== undefined) headers["content-type"] = type;
    return apiserver.send("administrator@*", method.toUpperCase(), `${address}?${query.toString()}`, {
      headers,
      ...(body === undefined ? {} : { text: body }),
    });
  }

  async function valueFor(parameter: Described["parameters"][number], seed: number): Promise<string> {
    if (parameter.in === "header") return seed % 2 === 0 ? '"1"' : `seed-${seed}-0123456789`;
    // Often what is there, so that more than 404 is seen.
    if (seed % 4 !== 1 && parameter.name === "tenant") return "default";
    if (seed % 4 !== 1 && parameter.name === "name") return "known";
    if (parameter.name === "cursor") return seed % 2 === 0 ? "" : "x";
    return String(await generate(within(parameter.schema), { seed, alwaysFakeOptionals: true }));
  }

  async function bodyFor(schema: object, { seed, isBroken, junk }: Whim): Promise<string> {
    const made = await generate(within(schema), { seed, alwaysFakeOptionals: seed % 2 === 0 });
    const isText = typeof made === "object" && made !== null && "text" in made && !isBroken;
    const text = JSON.stringify(isText ? { ...made, text: goodText(seed) } : made);
    if (!isBroken) return text;
    switch (seed % 4) {
      case 0:
        return text.slice(0, seed % (text.length + 1));
      case 1:
        return JSON.stringify(junk);
      case 2:
        return text.replace(/"[^"]*"(?=[,}])/, '"\\u0000 \\ud800"');
      default:
        return text.replace(/:("[^"]*"|\d+)/, ":[[{}]]");
    }
  }

  function within(schema: object): JsonSchema {
    return { ...schema, components: description.components };
  }

  const validators = new Map<object, ValidateFunction>();

  function validatorOf(schema: object): ValidateFunction {
    const known = validators.get(schema);
    if (known !== undefined) return known;
    const own = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components'));
    const made = ajv.compile(own);
    validators.set(schema, made);
    return made;
  }

  function expectDescribed(name: string, { responses }: Described, { status, headers, text, json }: ApiAnswer): void {
    expect(status, `${name}: ${text}`).toBeLessThan(500);
    const described = responses[status] ?? (status >= 400 ? responses["default"] : undefined);
    expect(described, `${name} answers ${status}, which is not described: ${text}`).toBeDefined();
    const type = headers.get("content-type")?.split(";")[0];
    if (described?.content === undefined) {
      expect(text, name).toBe("");
      return;
    }
    if (type === "application/yaml") return;
    expect(Object.keys(described.content), name).toContain(type);
    const schema = described.content[type ?? ""]?.schema;
    if (schema === undefined) return;
    const validate = validatorOf(schema);
    expect(validate(json) ? [] : validate.errors, `${name} ${status}: ${text.slice(0, 2_000)}`).toStrictEqual([]);
  }
});

function junkText(junk: unknown): string {
  return typeof junk === "string" ? junk : JSON.stringify(junk ?? null);
}

/** A document that can be saved, and now and then one that cannot. */
function goodText(seed: number): string {
  return `name: made-up-${seed}\nroutes: [{ prefix: /made-up-${seed % 7} }]\n`;
}

function operationsOf({ paths }: Description) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}
