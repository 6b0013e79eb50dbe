import { describe, expect, it } from "vitest";
import { parseYaml } from "../../src/adapters/yaml/parse-yaml.ts";
import { judgeValue } from "../../src/compose/openapi/judge-value.ts";
import { checkDocument } from "../../src/core/config/check-document.ts";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import type { OpenApiImport } from "../../src/imports/openapi/openapi-import.ts";
import { compileDescription } from "./compile-description.ts";
import { rowOf } from "./corpus-row.ts";
import { describedOperations } from "./described-operations.ts";
import { descriptions } from "./descriptions.ts";
import { readCorpusDescription, type Tree, treeIn } from "./read-description.ts";
import { SchemaJudge } from "./schema-judge.ts";
import { isThorough, isWritten, spread } from "./thorough.ts";

// Descriptions that nobody wrote for the compiler. `npm run corpus` takes the large ones too, and more schemas of each.

const judge = new SchemaJudge();
/** Schemas of each description that are compiled. */
const compiledSchemas = isThorough() ? 400 : 12;
/** Descriptions with more operations are not judged as a whole: that compiles every schema, 10 ms each. */
const judgedOperations = isThorough() ? 400 : 40;

describe.each(descriptions.filter(({ isLarge = false }) => !isLarge || isThorough()))("$name", (description) => {
  let first: OpenApiImport | undefined;

  it("becomes a document that a gateway serves, and its report tells of every operation", async ({ task }) => {
    const { text, root, version } = await readCorpusDescription(description);
    const described = describedOperations(root);
    const isCounted = isWritten();
    const startedAt = performance.now();
    const result = await compileDescription(description.name, text, { isCounted });
    first = result;
    task.meta.corpus = rowOf(description, { version, text, result, tookMs: performance.now() - startedAt });
    expect(result.report.entries.map(({ source }) => source).sort()).toEqual(
      described.map(({ method, path }) => `${method} ${path}`).sort(),
    );
    expect(unforeseen(result)).toEqual([]);
    expect(checkDocument(result.document).problems).toEqual([]);
    if (described.length <= judgedOperations) {
      expect(judgeValue(result.document).filter(({ severity }) => severity === "error")).toEqual([]);
    }
    expect(parseYaml(result.text)).toEqual({ kind: "value", value: result.document });
    expectNames(result);
    expectSchemas(toolsOf(result));
  }, 900_000);

  it("becomes the same again, and has the same names whatever the order of its paths", async () => {
    const { text, root } = await readCorpusDescription(description);
    const before = first ?? (await compileDescription(description.name, text));
    expect((await compileDescription(description.name, text)).document).toEqual(before.document);
    const turned = await compileDescription(description.name, JSON.stringify(withTurnedPaths(root)));
    expect(namesOf(turned)).toEqual(namesOf(before));
  }, 900_000);
});

/** What no operation of anybody may come to: a fault of the compiler, or a tool that only the judge stopped. */
function unforeseen({ report }: OpenApiImport): string[] {
  return report.entries.flatMap(({ source, notes }) =>
    notes
      .filter(({ code }) => code === "operation-failed" || code === "tool-not-servable")
      .map(({ message }) => `${source}: ${message}`),
  );
}

function expectNames(result: OpenApiImport): void {
  const names = toolsOf(result).map((tool) => String(tool["name"]));
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[A-Za-z0-9_-]{1,64}$/.test(name))).toEqual([]);
}

function expectSchemas(tools: readonly JsonObject[]): void {
  const schemas = tools.flatMap((tool) => [tool["input"], tool["output"]]).filter((schema) => isJsonObject(schema));
  expect(schemas.map((schema) => judge.faultOf(schema)).filter((fault) => fault !== undefined)).toEqual([]);
  const some = spread(schemas, compiledSchemas);
  expect(some.map((schema) => judge.compileFaultOf(schema)).filter((fault) => fault !== undefined)).toEqual([]);
  expect(tools.every(({ input }) => isJsonObject(input) && input["type"] === "object")).toBe(true);
}

function namesOf({ report }: OpenApiImport): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(report.entries.map(({ source, tool }) => [source, tool]));
}

function toolsOf({ document }: OpenApiImport): readonly JsonObject[] {
  const tools = document["tools"];
  return Array.isArray(tools) ? tools.filter(isJsonObject) : [];
}

function withTurnedPaths(root: Tree): Tree {
  return { ...root, paths: Object.fromEntries(Object.entries(treeIn(root, "paths")).reverse()) };
}
