import { describe, expect, test } from "vitest";
import { readDocumentText, summarizeText } from "../../src/adapters/yaml/read-document-text.ts";
import { CompilingJudge } from "../../src/gateway/compile/document-judge.ts";
import { formatPath } from "../../src/core/problem.ts";

const asked: string[] = [];
const judge = new CompilingJudge({
  read: readDocumentText,
  secrets: {
    forTenant: (tenant) => ({
      get: (name) => {
        asked.push(`${tenant}/${name}`);
        return name === "TOKEN" ? "t0ken" : undefined;
      },
    }),
    refresh: async () => undefined,
  },
});

async function problemsOf(text: string): Promise<string[]> {
  const { problems } = await judge.judge(text, "crm");
  return problems.map(
    ({ file, line, column, severity, path, message, mend }) =>
      `${file}:${line}:${column} ${severity} ${formatPath(path)}: ${message} (${mend})`,
  );
}

const good = `# Customers of the shop
name: crm
tenant: sales
title: CRM
description: Customers.
routes:
  - prefix: /crm
upstreams:
  api: { kind: http, baseUrl: https://crm.example/api, headers: { authorization: "Bearer \${secrets.TOKEN}" } }
  more: { kind: http, baseUrl: https://more.example }
  files: { kind: mcp, transport: stdio, command: this-program-does-not-exist }
tools:
  - name: get_customer
    upstream: api
    input: { type: object, properties: { id: { type: string } }, required: [id] }
    request: { method: GET, path: "/customers/{id}" }
`;

describe("a good document", () => {
  test("is answered with its defaults, without a problem, and nothing is started for it", async () => {
    const { document, summary, problems } = await judge.judge(good, "crm");
    expect(problems).toEqual([]);
    expect(document).toMatchObject({ name: "crm", tenant: "sales", pageSize: 1_000 });
    expect(summary).toEqual({
      title: "CRM",
      description: "Customers.",
      prefixes: ["/crm"],
      tools: 1,
      upstreams: ["http", "mcp"],
    });
  });

  test("is asked only for secrets of its own tenant", async () => {
    asked.length = 0;
    await judge.judge(good, "crm");
    expect(asked.filter((name) => !name.startsWith("sales/"))).toEqual([]);
  });

  test("is summed up the same from its text", async () => {
    expect(summarizeText(good)).toEqual((await judge.judge(good, "crm")).summary);
    expect(summarizeText("name: [")).toBeUndefined();
  });
});

describe("a document that cannot be taken", () => {
  test("of broken YAML is told with line and column", async () => {
    const judged = await judge.judge("name: crm\nroutes:\n  - prefix: [/crm\n", "crm");
    expect(judged).toMatchObject({ document: undefined, summary: undefined });
    expect(judged.problems[0]).toMatchObject({ severity: "error", file: "crm", line: 4, column: 1 });
    expect(judged.problems[0]?.message).toMatch(/^not valid YAML/);
  });

  test("with a key that is written wrong is told where, and how to mend it", async () => {
    const text = good.replace("upstream: api", "upstraem: api");
    expect(await problemsOf(text)).toEqual([
      'crm:14:5 error tools[0].upstraem: unknown key "upstraem" (did you mean "upstream"?)',
    ]);
  });

  test("that does not compile is told where in the text", async () => {
    expect(await problemsOf(good.replace("upstream: api", "upstream: apo"))).toEqual([
      expect.stringContaining('crm:14:15 error tools[0].upstream: unknown upstream "apo" (name one of'),
    ]);
    expect(await problemsOf(good.replace('"/customers/{id}"', "'/customers/${args.'"))).toEqual([
      expect.stringMatching(/^crm:16:35 error tools\[0\]\.request\.path: /),
    ]);
  });

  test("with a JSON Schema that does not compile is told too, which a reload would leave to the first call", async () => {
    const [problem] = await problemsOf(good.replace("id: { type: string }", "id: { type: strng }"));
    expect(problem).toMatch(/^crm:15:\d+ error tools\[0\]\.input/);
  });

  test("without content, or with more than one document, is told as such", async () => {
    expect(await problemsOf("# nothing\n")).toEqual([
      "crm:1:1 error : the text is empty (write a document: name, routes, tools)",
    ]);
    expect(await problemsOf(`${good}---\nname: other\n`)).toEqual([
      "crm:17:1 error : the text holds more than one document (save each document by itself)",
    ]);
  });

  test("keeps its problems in the order of the text", async () => {
    const text = good.replace("prefix: /crm", "prefix: /healthz").replace("upstream: api", "upstream: apo");
    const { problems } = await judge.judge(text, "crm");
    const lines = problems.map(({ line }) => line);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    expect(lines.length).toBeGreaterThan(1);
  });

  test("may be as hostile as it likes", async () => {
    const nested = "[".repeat(10_000);
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
      .split("")
      .map((key, i) => `${key}: &${key} [${`*${"abcdefgh"[i]},`.repeat(9)}]`)
      .join("\n")}\n`;
    for (const text of [nested, bomb, "\0\u0001", "--- >\n", "true", "- 1", "__proto__: { polluted: 1 }\n"]) {
      const judged = await judge.judge(text, "crm");
      expect(judged.document).toBeUndefined();
      expect(judged.problems.length).toBeGreaterThan(0);
    }
  });
});
