import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseYaml } from "../../src/adapters/yaml/parse-yaml.ts";
import { compileInWorker } from "../../src/compose/openapi/compile-in-worker.ts";
import { descriptionLoader } from "../../src/compose/openapi/description-loader.ts";
import { judgeValue } from "../../src/compose/openapi/judge-value.ts";
import { AppError } from "../../src/core/errors.ts";
import { isJsonObject } from "../../src/core/json.ts";
import type { OpenApiImport } from "../../src/imports/openapi/openapi-import.ts";
import { compileDescription } from "../corpus/compile-description.ts";
import { fault } from "../fixtures/fault.ts";
import {
  describedWith,
  type HostileDescription,
  hostileDescriptions,
  hostileTexts,
} from "../fixtures/hostile-descriptions.ts";
import { startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";
import { isThorough, withinMs } from "../fixtures/time-limit.ts";

// Descriptions of OpenAPI that do harm are compiled in a worker, as the program does, beside a gateway that serves.

const choices = { name: "hostile", baseUrl: "https://api.example", operations: { all: true } };
const limitMs = 10_000;
const limitMb = 1_000;

describe("a gateway beside the worker", () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await openTestGateway();
  });
  afterAll(() => gateway.close());

  describe.each(hostileDescriptions)("$name", (hostile) => {
    fault(
      "ends with a document or a clear error, and the gateway serves on",
      {
        limit: `<= ${limitMs} ms, <= ${limitMb} MB, 0 calls lost`,
        timeoutMs: 120_000,
        isLong: hostile.isLarge === true,
      },
      async () => {
        const text = hostile.text();
        const calls = callUntilStopped(gateway);
        const startedAt = performance.now();
        const outcome = await outcomeOf(hostile, text);
        const tookMs = Math.round(performance.now() - startedAt);
        const { answered, slowestMs } = await calls.stop();
        expectOutcome(hostile, outcome);
        // Starting the worker from the sources takes seconds where many tests run: `npm test` tells what hangs.
        if (isThorough()) expect(tookMs).toBeLessThan(limitMs);
        expect(answered).toBeGreaterThan(0);
        return `${outcome.kind === "done" ? `${outcome.result.statistics.tools} tools` : "an error"} after ${tookMs} ms; ${answered} calls, slowest ${slowestMs} ms`;
      },
    );
  });
});

type Outcome =
  | { readonly kind: "done"; readonly result: OpenApiImport }
  | { readonly kind: "error"; readonly error: AppError };

async function outcomeOf({ name }: HostileDescription, text: string): Promise<Outcome> {
  try {
    const options = { load: noDocument, timeoutMs: 60_000, maxMemoryMb: limitMb };
    return { kind: "done", result: await compileInWorker({ name, text }, choices, options) };
  } catch (error) {
    if (error instanceof AppError) return { kind: "error", error };
    throw error;
  }
}

function expectOutcome({ name, error, tools = 0, notes = [] }: HostileDescription, outcome: Outcome): void {
  if (outcome.kind === "error") {
    expect(outcome.error.code, outcome.error.message).toBe("unprocessable");
    expect(outcome.error.message).toContain(name);
    expect(outcome.error.message.length).toBeLessThan(2_000);
    expect(outcome.error.message).toMatch(error ?? /^$/);
    return;
  }
  expect(error).toBeUndefined();
  const { report, statistics, document } = outcome.result;
  expect(statistics.tools).toBeGreaterThanOrEqual(tools);
  const codes = report.entries.flatMap((entry) => entry.notes.map(({ code }) => code));
  expect(codes).not.toContain("operation-failed");
  expect(codes).toEqual(expect.arrayContaining([...notes]));
  expect(judgeValue(document).filter(({ severity }) => severity === "error")).toEqual([]);
}

/** Calls a tool again and again, one call after the other; fails when one is not answered. */
function callUntilStopped(gateway: TestGateway): { stop(): Promise<{ answered: number; slowestMs: number }> } {
  const seen = { answered: 0, slowestMs: 0, isOver: false };
  const flow = (async () => {
    while (!seen.isOver || seen.answered === 0) {
      const startedAt = performance.now();
      const answer = await send(`${gateway.prefix}/mcp`, modernRequest("tools/list"));
      expect(answer.status).toBe(200);
      seen.answered += 1;
      seen.slowestMs = Math.max(seen.slowestMs, Math.round(performance.now() - startedAt));
    }
  })();
  return {
    stop: async () => {
      seen.isOver = true;
      await flow;
      return seen;
    },
  };
}

function noDocument(): Promise<string> {
  return Promise.reject(new AppError("unprocessable", "Nothing is loaded here."));
}

describe("texts of a description", () => {
  test.each(hostileTexts)("%j is text and nothing else, wherever it stands", async (text) => {
    const description = describedWith(text);
    const result = await compileDescription("hostile", description);
    const codes = result.report.entries.flatMap(({ notes }) => notes.map(({ code }) => code));
    expect(codes).not.toContain("operation-failed");
    expect(codes).not.toContain("tool-not-servable");
    expect(result.statistics.tools).toBeGreaterThan(2);
    const judged = judgeValue(result.document);
    expect(judged.filter(({ severity }) => severity === "error")).toEqual([]);
    // A secret that an expression names and nobody has set is told.
    expect(judged.filter(({ message }) => /\bSTOLEN\b/.test(message))).toEqual([]);
    expect(JSON.stringify(requestsOf(result))).not.toContain("args.stolen}");
    expect(result.secrets.filter(({ name }) => !/^[A-Z0-9_]{1,64}$/.test(name))).toEqual([]);
    expect(parseYaml(result.text)).toEqual({ kind: "value", value: result.document });
    // No control character reaches a terminal, and what people read first does not turn its direction.
    expect(result.text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(`${result.text.split("\n", 1)[0]}${String(result.document["title"])}`).not.toMatch(/\p{Cf}/u);
    expect(Object.getPrototypeOf(result.document)).toBe(Object.prototype);
    expect({}).not.toHaveProperty("type");
  });
});

function requestsOf({ document }: OpenApiImport): readonly unknown[] {
  const tools = document["tools"];
  return Array.isArray(tools) ? tools.filter(isJsonObject).map(({ request }) => request) : [];
}

test("references lead to no address of this machine and to no file outside of the folder", {
  timeout: 60_000,
}, async () => {
  let reached = 0;
  const backend = await startBackend((_request, response) => {
    reached += 1;
    response.end("type: string");
  });
  const folder = await mkdtemp(join(tmpdir(), "passerelle-hostile-"));
  const inside = join(folder, "inside");
  await mkdir(inside);
  await writeFile(join(folder, "outside.yaml"), "type: string\ndescription: STOLEN\n");
  await symlink(join(folder, "outside.yaml"), join(inside, "link.yaml"));
  const references = [
    `${backend.url}/a`,
    `http://localhost:${backend.port}/a`,
    `http://[::ffff:127.0.0.1]:${backend.port}/a`,
    `http://2130706433:${backend.port}/a`,
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "../outside.yaml",
    "%2e%2e/outside.yaml",
    "link.yaml",
    pathToFileURL(join(folder, "outside.yaml")).href,
    "file:///etc/passwd",
    "ftp://127.0.0.1/a",
    "data:application/json,{}",
    "javascript:alert(1)",
  ];
  const paths = Object.fromEntries(
    references.map((reference, index) => [
      `/p${index}`,
      { get: { parameters: [{ name: "a", in: "query", schema: { $ref: reference } }], responses: {} } },
    ]),
  );
  const address = pathToFileURL(join(inside, "api.json")).href;
  const load = descriptionLoader({ address, folder: inside, allow: [], allowKey: "--allow-private", headers: {} });
  const source = { name: "api.json", address, text: JSON.stringify({ openapi: "3.1.0", info: {}, paths }) };
  try {
    const { text, report } = await compileInWorker(source, choices, { load });
    expect(reached).toBe(0);
    expect(text).not.toContain("STOLEN");
    expect(report.entries.map(({ outcome }) => outcome)).not.toContain("taken");
    expect(report.entries.every(({ notes }) => notes.length > 0)).toBe(true);
  } finally {
    await backend.close();
    await rm(folder, { recursive: true, force: true });
  }
});

describe("scale", () => {
  fault(
    "10,000 operations that share components",
    { limit: `<= ${limitMs} ms, <= ${limitMb} MB`, timeoutMs: 300_000, isLong: true },
    () => measured(manyOperations(10_000)),
  );

  fault(
    "a description of 20 MB",
    { limit: `<= ${limitMs} ms, <= ${limitMb} MB`, timeoutMs: 300_000, isLong: true },
    () => measured(manyOperations(1_000, 20_000)),
  );
});

async function measured(text: string): Promise<string> {
  const startedAt = performance.now();
  const source = { name: "large.json", text };
  const result = await compileInWorker(source, choices, { load: noDocument, timeoutMs: 240_000, maxMemoryMb: limitMb });
  const tookMs = Math.round(performance.now() - startedAt);
  expect(result.statistics.refused).toBe(0);
  expect(tookMs).toBeLessThan(withinMs(limitMs));
  const megabytes = (text.length / 1_000_000).toFixed(1);
  return `${result.statistics.tools} tools of ${megabytes} MB in ${tookMs} ms`;
}

/** Operations as a large service has them: each with its parameters and some of a few hundred components. */
function manyOperations(count: number, descriptionLength = 100): string {
  const schemas = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [
      `Part${index}`,
      {
        type: "object",
        properties: {
          id: { type: "string", format: "uuid" },
          amount: { type: "integer", minimum: 0 },
          state: { enum: ["open", "closed"] },
          next: { $ref: `#/components/schemas/Part${(index * 7 + 1) % 300}` },
        },
      },
    ]),
  );
  const paths = Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const schema = { $ref: `#/components/schemas/Part${index % 300}` };
      const parameters = [
        { name: "id", in: "path", required: true, schema: { type: "string" } },
        { name: "limit", in: "query", schema: { type: "integer", maximum: 100 } },
      ];
      const requestBody = { content: { "application/json": { schema } } };
      const responses = { 200: { description: "ok", content: { "application/json": { schema } } } };
      const description = "What it does, in words. ".repeat(Math.ceil(descriptionLength / 24));
      const operation = { operationId: `change${index}`, description, parameters, requestBody, responses };
      return [`/parts${index}/{id}`, { post: operation }];
    }),
  );
  return JSON.stringify({ openapi: "3.0.3", info: { title: "Large", version: "1" }, paths, components: { schemas } });
}
