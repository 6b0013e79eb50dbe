import { describe, expect, test } from "vitest";
import { formatPath } from "../../core/problem.ts";
import { compileForTest } from "../../../test/fixtures/compiled-servers.ts";

const mcp = { kind: "mcp", url: "https://mcp.example/mcp" };
const api = { kind: "http", baseUrl: "https://api.example" };

function problemsOf(parts: Readonly<Record<string, unknown>>): string[] {
  const { problems } = compileForTest(parts);
  return problems.map(({ severity, path, message, mend }) => `${severity} ${formatPath(path)}: ${message} (${mend})`);
}

describe("an exposure", () => {
  test("names an upstream of kind mcp, once", () => {
    const expose = [{ upstream: "files" }, { upstream: "nobody" }, { upstream: "api" }, { upstream: "files" }];
    expect(problemsOf({ upstreams: { api, files: mcp }, expose })).toEqual([
      'error expose[1].upstream: unknown upstream "nobody" (name one of kind mcp: files)',
      expect.stringMatching(/^error expose\[2\]\.upstream: the upstream "api" is of kind http/),
      'error expose[3].upstream: the upstream "files" is there twice in expose (put both entries into one)',
    ]);
    expect(problemsOf({ expose: [{ upstream: "toString" }] })).toEqual([
      'error expose[0].upstream: unknown upstream "toString" (add it to upstreams, with kind: mcp)',
    ]);
  });

  test("gives nothing a name that something has already", () => {
    const problems = problemsOf({
      upstreams: { api, a: mcp, b: mcp },
      tools: [{ name: "own", upstream: "api", request: { path: "/" } }],
      prompts: [{ name: "ask", messages: [{ role: "user", content: { text: "x" } }] }],
      expose: [
        { upstream: "a", tools: { rename: { x: "own", y: "why" } }, prompts: { rename: { p: "ask" } } },
        { upstream: "b", tools: { rename: { z: "why" } }, prompts: { rename: { q: "why" } } },
      ],
    });
    expect(problems).toEqual([
      "error expose[0].tools.rename.x: the name own belongs to a tool of the document already (choose another name)",
      "error expose[0].prompts.rename.p: the name ask belongs to a prompt of the document already (choose another name)",
      'error expose[1].tools.rename.z: the name why belongs to y of the upstream "a" already (choose another name)',
    ]);
  });

  test("changes no tool that it does not show", () => {
    const tools = { include: ["read_*"], rename: { write: "w" }, overrides: { read_a: {}, write: {} } };
    expect(problemsOf({ upstreams: { a: mcp }, expose: [{ upstream: "a", tools }] })).toEqual([
      expect.stringMatching(/^warning expose\[0\]\.tools\.rename\.write: the tool write is not among those/),
      expect.stringMatching(/^warning expose\[0\]\.tools\.overrides\.write: the tool write is not among those/),
    ]);
  });

  test("needs the name of its upstream to begin a URI where it namespaces them", () => {
    const resources = { namespace: true };
    const upstreams = { "7up": mcp, my_files: mcp, "my-files": mcp };
    const expose = Object.keys(upstreams).map((upstream) => ({ upstream, resources }));
    expect(problemsOf({ upstreams, expose })).toEqual([
      expect.stringMatching(/^error expose\[0\]\.resources\.namespace: the upstream's name "7up" cannot begin a URI/),
      expect.stringMatching(/^error expose\[1\]\.resources\.namespace: the upstream's name "my_files" cannot/),
    ]);
  });
});

test("a public route in front of an upstream that is not shared is warned of", () => {
  const routes = [{ prefix: "/a", access: "public" }];
  expect(problemsOf({ routes, upstreams: { a: mcp, b: { ...mcp, sharing: "shared" }, api } })).toEqual([
    expect.stringMatching(/^warning upstreams\.a\.sharing: the route \/a is public/),
  ]);
});
