import { describe, expect, it } from "vitest";
import { mcpUpstream } from "../../../core/config/mcp-upstream-schema.ts";
import { formatPath } from "../../../core/problem.ts";
import { checkOAuth } from "./check-oauth.ts";

const issuer = "https://auth.example";
const good = { grant: "client-credentials", clientId: "gateway", clientSecret: "${secrets.GATEWAY}", issuer };

/** Severity and place of every problem. */
function check(oauth: object | undefined, more: object = { url: "https://mcp.example/mcp" }): string[] {
  const problems: string[] = [];
  checkOAuth(mcpUpstream.parse({ kind: "mcp", oauth, ...more }), ["upstreams", "files"], ({ severity, path }) =>
    problems.push(`${severity} ${formatPath(path)}`),
  );
  return problems;
}

describe("oauth in a document", () => {
  it("is optional, and fine when it is complete", () => {
    expect(check(undefined)).toEqual([]);
    expect(check(good)).toEqual([]);
    expect(check({ ...good, grant: "refresh-token", clientSecret: undefined, refreshToken: "x" })).toEqual([]);
  });

  it("warns when the server chooses who gets the credentials", () => {
    expect(check({ ...good, issuer: undefined })).toEqual(["warning upstreams.files.oauth"]);
  });

  it("needs what its grant works with, once", () => {
    expect(check({ ...good, clientSecret: undefined })).toEqual(["error upstreams.files.oauth"]);
    expect(check({ ...good, grant: "refresh-token" })).toEqual(["error upstreams.files.oauth"]);
    expect(check({ ...good, privateKey: "x" })).toEqual(["error upstreams.files.oauth.privateKey"]);
  });

  it("does not go with a program or with another authorization header", () => {
    expect(check(good, { command: "node" })).toEqual(["error upstreams.files.oauth"]);
    expect(check(good, { url: "https://mcp.example/mcp", headers: { Authorization: "x" } })).toEqual([
      "error upstreams.files.headers",
    ]);
  });
});
