import { expect, test } from "vitest";
import { httpUpstream } from "../../../core/config/upstream-schema.ts";
import { formatPath } from "../../../core/problem.ts";
import { compileHttpUpstream } from "../upstream-plan.ts";

const good = { tokenUrl: "https://auth.example/token", clientId: "gateway", clientSecret: "${secrets.GATEWAY}" };

/** Severity and place of every problem. */
function check(oauth: object, more: object = {}): string[] {
  const problems: string[] = [];
  const config = httpUpstream.parse({ kind: "http", baseUrl: "https://api.example", oauth, ...more });
  const report = ({ severity, path }: { severity: string; path: readonly (string | number)[] }): void =>
    void problems.push(`${severity} ${formatPath(path)}`);
  compileHttpUpstream(config, { name: "api", path: ["upstreams", "api"], report });
  return problems;
}

test("oauth that is complete is fine, also over plain http: to this machine or to the API itself", () => {
  expect(check(good)).toEqual([]);
  expect(check({ ...good, tokenUrl: "http://localhost:8080/token" })).toEqual([]);
  const plain = { baseUrl: "http://api.internal/v1" };
  expect(check({ ...good, tokenUrl: "http://api.internal/token" }, plain)).toEqual([]);
  expect(check({ ...good, tokenUrl: "http://elsewhere.internal/token" }, { baseUrl: "${secrets.BASE}" })).toEqual([]);
});

test.each<[string, object, object, string]>([
  ["a second authorization", good, { headers: { Authorization: "x" } }, "headers"],
  ["a token endpoint over plain http:", { ...good, tokenUrl: "http://auth.example/token" }, {}, "oauth.tokenUrl"],
  ["credentials in the URL", { ...good, tokenUrl: "https://a:b@auth.example/token" }, {}, "oauth.tokenUrl"],
  ["a fragment", { ...good, tokenUrl: "https://auth.example/token#x" }, {}, "oauth.tokenUrl"],
  ["a template as URL", { ...good, tokenUrl: "https://auth.example/${secrets.A}" }, {}, "oauth.tokenUrl"],
  ["a header of the grant", { ...good, headers: { Authorization: "x" } }, {}, "oauth.headers.Authorization"],
  ["a header of the connection", { ...good, headers: { host: "x" } }, {}, "oauth.headers.host"],
  ["the caller's identity", { ...good, clientId: "${principal.name}" }, {}, "oauth.clientId"],
])("oauth with %s is refused", (_, oauth, more, place) => {
  expect(check(oauth, more)).toEqual([`error upstreams.api.${place}`]);
});

test("a scope is one word", () => {
  const parse = (scopes: readonly string[]): boolean =>
    httpUpstream.safeParse({ kind: "http", baseUrl: "https://api.example", oauth: { ...good, scopes } }).success;
  expect(parse(["https://api.example/.default", "read:all"])).toBe(true);
  expect(parse(["read write"])).toBe(false);
});
