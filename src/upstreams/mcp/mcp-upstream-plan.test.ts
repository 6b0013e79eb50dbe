import { describe, expect, it } from "vitest";
import { mcpUpstream } from "../../core/config/mcp-upstream-schema.ts";
import { formatPath } from "../../core/problem.ts";
import { compileMcpUpstream, type McpUpstreamPlan } from "./mcp-upstream-plan.ts";

interface Compiled {
  readonly plan: McpUpstreamPlan;
  readonly problems: readonly string[];
}

function compile(config: Readonly<Record<string, unknown>>): Compiled {
  const problems: string[] = [];
  const plan = compileMcpUpstream(mcpUpstream.parse({ kind: "mcp", ...config }), {
    name: "files",
    path: [],
    baseDirectory: undefined,
    report: ({ severity, path, message }) => problems.push(`${severity} ${formatPath(path)}: ${message}`),
  });
  return { plan, problems };
}

describe("how a server is reached", () => {
  it("is by a program or by a URL", () => {
    expect(compile({ command: "npx" }).problems).toEqual([]);
    expect(compile({ url: "https://mcp.example/mcp" }).problems).toEqual([]);
    expect(compile({ transport: "sse", url: "https://mcp.example/sse" }).problems).toEqual([]);
  });

  const refusals: readonly [Readonly<Record<string, unknown>>, string][] = [
    [{}, "error kind: the upstream has neither a command nor a url"],
    [{ command: "npx", url: "https://a.example" }, "error url: the upstream has both a command and a url"],
    [{ transport: "stdio", url: "https://a.example" }, "error transport: a stdio upstream needs a command"],
    [{ transport: "sse", command: "npx" }, "error transport: the transport sse needs a url"],
    [
      { transport: "sse", era: "modern", url: "https://a.example" },
      "error era: the transport sse is older than the modern era",
    ],
    [{ url: "ftp://a.example" }, "error url: the URL must begin with http:// or https://"],
    [{ url: "https://a.example", replicas: ["b"] }, "error replicas[0]: the URL cannot be read"],
    [{ url: "https://a.example", proxy: "x" }, "error proxy: the proxy is no http:, https: or socks5: URL"],
    [{ command: "npx", headers: { a: "b" } }, "warning headers: `headers` has no effect on an upstream with a command"],
    [{ url: "https://a.example", env: { A: "b" } }, "warning env: `env` has no effect on an upstream with a url"],
    [
      { url: "https://a.example", headers: { "Mcp-Session-Id": "1" } },
      "error headers.Mcp-Session-Id: the header `Mcp-Session-Id` cannot be set",
    ],
    [
      { url: "https://a.example", headers: { "x-a": "é\n" } },
      "error headers.x-a: the value holds a line break or another control character",
    ],
  ];

  for (const [config, problem] of refusals) {
    it(`is refused when ${problem.replace(/^\w+ /, "")}`, () => {
      expect(compile(config).problems).toEqual([problem]);
    });
  }
});

describe("headers", () => {
  const url = "https://mcp.example/mcp";

  it("may name the principal only where each principal has a connection", () => {
    const headers = { "x-user": "${principal.id}" };
    expect(compile({ url, headers })).toMatchObject({ problems: [], plan: { dependsOnPrincipal: true } });
    for (const sharing of ["shared", "per-session"]) {
      const { plan, problems } = compile({ url, headers, sharing });
      expect(problems).toEqual([expect.stringContaining("error headers.x-user")]);
      expect(plan.dependsOnPrincipal).toBe(false);
    }
  });

  it("are the same for all when they only hold secrets", () => {
    expect(compile({ url, headers: { a: "${secrets.A}" } }).plan.dependsOnPrincipal).toBe(false);
  });
});
