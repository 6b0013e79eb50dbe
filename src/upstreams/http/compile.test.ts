import { describe, expect, test } from "vitest";
import { toolConfig } from "../../../test/fixtures/upstream-fixture.ts";
import { httpUpstream } from "../../core/config/upstream-schema.ts";
import { formatPath, type Problem } from "../../core/problem.ts";
import { compileHttpTool } from "./http-tool-call.ts";
import { compileHttpUpstream } from "./upstream-plan.ts";

function upstreamProblems(config: Readonly<Record<string, unknown>>): string[] {
  const problems: Problem[] = [];
  compileHttpUpstream(httpUpstream.parse({ kind: "http", baseUrl: "https://api.example", ...config }), {
    name: "api",
    path: ["upstreams", "api"],
    report: (problem) => problems.push(problem),
  });
  return problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

function toolProblems(config: Readonly<Record<string, unknown>>): string[] {
  const problems: Problem[] = [];
  compileHttpTool(toolConfig(config), { path: ["tools", 3], report: (problem) => problems.push(problem) });
  return problems.map(({ severity, path, message }) => `${severity} ${formatPath(path)}: ${message}`);
}

describe("an upstream", () => {
  test("with everything right has no problems", () => {
    const config = {
      baseUrl: "${secrets.URL}",
      headers: { authorization: "Bearer ${secrets.KEY}", "x-user": "${principal.id}" },
      forwardHeaders: ["X-Request-Id"],
      proxy: "socks5://127.0.0.1:1080",
      tls: { cert: "a.pem", key: "${secrets.TLS}" },
      egress: { allow: ["10.0.0.0/8", "::1"] },
    };
    expect(upstreamProblems(config)).toEqual([]);
  });

  test("headers that belong to the connection or to the client are refused", () => {
    const config = {
      headers: { Connection: "close", "content-length": "3", Host: "x", "x y": "1", "x-ok": "a\nb" },
      forwardHeaders: ["Authorization", "cookie", "Transfer-Encoding", "accept-language"],
    };
    expect(upstreamProblems(config)).toEqual([
      "upstreams.api.headers.Connection: the header `Connection` belongs to the connection and cannot be set",
      "upstreams.api.headers.content-length: the header `content-length` belongs to the connection and cannot be set",
      "upstreams.api.headers.Host: the header `Host` belongs to the connection and cannot be set",
      "upstreams.api.headers.x y: `x y` cannot be the name of a header",
      "upstreams.api.headers.x-ok: the value holds a line break or another control character",
      "upstreams.api.forwardHeaders[0]: the client's `Authorization` is never sent on",
      "upstreams.api.forwardHeaders[1]: the client's `cookie` is never sent on",
      "upstreams.api.forwardHeaders[2]: the header `Transfer-Encoding` belongs to the connection and cannot be set",
    ]);
  });

  test("URLs, ranges and certificates are checked", () => {
    expect(upstreamProblems({ baseUrl: "api.example" })).toEqual(["upstreams.api.baseUrl: the URL cannot be read"]);
    expect(upstreamProblems({ baseUrl: "ftp://api.example" })[0]).toMatch(/must begin with http/);
    expect(upstreamProblems({ baseUrl: "https://me:pw@api.example" })[0]).toMatch(/belongs into `headers`/);
    expect(upstreamProblems({ baseUrl: "https://api.example?key=1" })[0]).toMatch(/belongs into `query`/);
    expect(upstreamProblems({ proxy: "proxy:3128", egress: { allow: ["nowhere"] }, tls: { cert: "x" } })).toEqual([
      "upstreams.api.proxy: the proxy is no http:, https: or socks5: URL",
      "upstreams.api.egress.allow[0]: `nowhere` is neither an IP address nor a CIDR range",
      "upstreams.api.tls: a client certificate needs both `cert` and `key`",
    ]);
  });

  test("its expressions do not see arguments", () => {
    expect(upstreamProblems({ headers: { "x-id": "${args.id}" } })).toHaveLength(1);
    expect(upstreamProblems({ baseUrl: "https://${principal.id}.example" })).toHaveLength(1);
  });
});

describe("a tool", () => {
  test("every part of it is compiled, and problems have their place", () => {
    const places = toolProblems({
      request: {
        method: "POST",
        path: "/{id",
        query: { a: "${nope}", b: { value: "${nope}", style: "comma" } },
        headers: { upgrade: "h2c", "x-a": "${nope}" },
        cookies: { "a b": "1", c: "${nope}" },
        body: { json: { deep: ["${nope}"] } },
      },
      result: "${nope}",
      content: [{ text: "${nope}" }],
      stream: { progress: { progress: "${nope}" }, log: { data: "${nope}", when: "${response.status == 1}" } },
    }).map((line) => /tools\[3\]\.([^:]+):/.exec(line)?.[1]);
    expect(places).toEqual([
      "request.path",
      "request.query.a",
      "request.query.b.value",
      "request.headers.upgrade",
      "request.headers.x-a",
      "request.cookies.a b",
      "request.cookies.c",
      "request.body.json.deep[0]",
      "result",
      "content[0].text",
      "stream.progress.progress",
      "stream.log.when",
      "stream.log.data",
    ]);
  });

  test("a secret cannot get into a result", () => {
    const request = { path: "/x", headers: { "x-key": "${secrets.KEY}" } };
    expect(toolProblems({ request })).toEqual([]);
    expect(toolProblems({ request, result: "${secrets.KEY}" })).toEqual([
      expect.stringMatching(/^error tools\[3\]\.result/),
    ]);
    const stream = { log: { data: "${secrets.KEY}" } };
    expect(toolProblems({ request, content: [{ text: "${secrets.KEY}" }], stream })).toHaveLength(2);
  });

  test("an argument that the input does not describe is a warning, unless more are allowed", () => {
    const input = { type: "object", properties: { name: { type: "string" } } };
    const request = { path: "/{nmae}" };
    expect(toolProblems({ input, request })).toEqual([
      expect.stringMatching(/^warning tools\[3\]\.request\.path: .*nmae/),
    ]);
    expect(toolProblems({ input: { ...input, additionalProperties: true }, request })).toEqual([]);
    expect(toolProblems({ input: { ...input, anyOf: [] }, request })).toEqual([]);
  });
});
