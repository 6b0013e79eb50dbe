import { performance } from "node:perf_hooks";
import { afterEach, describe, expect, it } from "vitest";
import { canary } from "../../../../test/fixtures/oauth-site.ts";
import { openProtectedApi, type ProtectedApi } from "../../../../test/fixtures/protected-api.ts";
import { startConnectProxy } from "../../../../test/fixtures/connect-proxy.ts";
import { asResult, callContext, compileTool, onlyText } from "../../../../test/fixtures/upstream-fixture.ts";
import type { CallOutcome } from "../../../core/call.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const closable of open.splice(0).toReversed()) await closable.close();
});

async function openApi(...options: Parameters<typeof openProtectedApi>): Promise<ProtectedApi> {
  const api = await openProtectedApi(...options);
  open.push(api);
  return api;
}

const read = compileTool({ request: { path: "/x" } });
const write = compileTool({ request: { method: "POST", path: "/x", body: { json: { a: 1 } } } });

/** The text of a call that fails. Throws when it does not, or when it shows a secret. */
function failureOf(outcome: CallOutcome): string {
  const result = asResult(outcome);
  if (!result.isError) throw new Error(`succeeded with ${result.content}`);
  if (result.content.includes(canary) || /access-\d/.test(result.content)) throw new Error("shows a secret");
  return onlyText(result);
}

describe("a token for a REST API", () => {
  it("is got at the first call with what the document says, and kept", async () => {
    const api = await openApi({ scopes: ["read", "write"], audience: "https://api.example", resource: "urn:api" });
    expect(api.authorization.requests).toEqual([]);
    expect(onlyText(await api.call(read))).toBe("hello");
    expect(onlyText(await api.call(write))).toBe("hello");
    const [request, ...others] = api.authorization.requests;
    expect(others).toEqual([]);
    expect(request?.authorization).toBe(`Basic ${Buffer.from(`gateway:${canary}`).toString("base64")}`);
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      grant_type: "client_credentials",
      scope: "read write",
      audience: "https://api.example",
      resource: "urn:api",
    });
  });

  it("is asked for with the secret in the form where the document says so", async () => {
    const api = await openApi({ authMethod: "post" });
    expect(onlyText(await api.call(read))).toBe("hello");
    const [request] = api.authorization.tokenRequests();
    expect(request?.authorization).toBeUndefined();
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      grant_type: "client_credentials",
      client_id: "gateway",
      client_secret: canary,
    });
  });

  it("is given for credentials with characters that a header has to encode", async () => {
    const secret = "a+b/c:d%20é=";
    const api = await openApi({ clientId: "a:b-c", clientSecret: secret }, { clients: { "a:b-c": secret } });
    expect(onlyText(await api.call(read))).toBe("hello");
    const sent = api.authorization.tokenRequests()[0]?.authorization?.replace("Basic ", "") ?? "";
    expect(Buffer.from(sent, "base64").toString()).toMatch(/^a%3Ab-c:/);
  });

  it("is asked for with the headers of the document", async () => {
    const seen: unknown[] = [];
    const api = await openApi(
      { headers: { "x-tenant": "${secrets.TENANT}" } },
      {},
      { onTokenHeaders: (h) => seen.push(h["x-tenant"]) },
    );
    expect(onlyText(await api.call(read))).toBe("hello");
    expect(seen).toEqual(["shop"]);
  });

  it("is asked for once by a hundred calls at once", async () => {
    const api = await openApi();
    const texts = await Promise.all(Array.from({ length: 100 }, async () => onlyText(await api.call(read))));
    expect(new Set(texts)).toEqual(new Set(["hello"]));
    expect(api.authorization.tokenRequests()).toHaveLength(1);
  });

  it("does not go with a request that has an authorization of its own", async () => {
    const api = await openApi();
    const own = compileTool({ request: { path: "/x", headers: { Authorization: "Basic own" } } });
    expect(failureOf(await api.call(own))).toContain("HTTP 401");
    expect(api.seen).toEqual(["Basic own"]);
    expect(api.authorization.requests).toEqual([]);
  });

  it("does not follow a redirect to another origin", async () => {
    const other = await openApi();
    const api = await openApi({}, {}, { redirectTo: `${other.url}/x`, upstream: { redirects: 1 } });
    expect(failureOf(await api.call(read))).toContain("HTTP 401");
    expect(api.seen).toHaveLength(1);
    expect(other.seen).toEqual([undefined]);
  });
});

describe("a token that ends", () => {
  it("is replaced behind a call shortly before", async () => {
    let ahead = 0;
    const api = await openApi({}, { lifetimeSeconds: 60 }, { now: () => performance.now() + ahead });
    await api.call(read, 600_000);
    const renewed = api.nextToken();
    ahead = 40_000;
    expect(onlyText(await api.call(read, 600_000))).toBe("hello");
    await renewed;
    expect(onlyText(await api.call(read, 600_000))).toBe("hello");
    expect(api.authorization.tokenRequests()).toHaveLength(2);
    expect(api.seen).not.toContain(undefined);
    expect(api.refusals()).toBe(0);
  });

  it("is not sent any more once it has expired, so that a call that must not be repeated is not lost", async () => {
    let ahead = 0;
    const api = await openApi({}, { lifetimeSeconds: 60 }, { now: () => performance.now() + ahead });
    await api.call(read, 600_000);
    api.revokeAll();
    ahead = 61_000;
    expect(onlyText(await api.call(write, 600_000))).toBe("hello");
    expect(api.refusals()).toBe(0);
    expect(api.authorization.tokenRequests()).toHaveLength(2);
  });

  it("is used although it is said to live no time at all", async () => {
    const api = await openApi({}, { lifetimeSeconds: 0 });
    expect(onlyText(await api.call(read))).toBe("hello");
  });

  it("is replaced once it is refused, and the call is repeated", async () => {
    const api = await openApi();
    await api.call(read);
    api.revokeAll();
    expect(onlyText(await api.call(read))).toBe("hello");
    expect(api.refusals()).toBe(1);
    expect(api.authorization.tokenRequests()).toHaveLength(2);
  });

  it("is replaced once for all calls that it is refused to", async () => {
    const api = await openApi();
    await api.call(read);
    api.revokeAll();
    const texts = await Promise.all(Array.from({ length: 50 }, async () => onlyText(await api.call(read))));
    expect(new Set(texts)).toEqual(new Set(["hello"]));
    expect(api.authorization.tokenRequests()).toHaveLength(2);
  });

  it("repeats a POST only where the API says that the token was at fault", async () => {
    const clear = await openApi({}, {}, { challenge: 'Bearer error="invalid_token"' });
    await clear.call(read);
    clear.revokeAll();
    expect(onlyText(await clear.call(write))).toBe("hello");
    const vague = await openApi({}, {}, { challenge: 'Bearer realm="x"' });
    await vague.call(read);
    vague.revokeAll();
    expect(failureOf(await vague.call(write))).toContain("HTTP 401");
    expect(vague.refusals()).toBe(1);
    // The next token is on its way; a call that may be repeated waits for it.
    await vague.call(read);
    expect(onlyText(await vague.call(write))).toBe("hello");
  });

  it("is not asked for again and again by an API that takes none", async () => {
    const api = await openApi();
    api.refuseAll();
    expect(failureOf(await api.call(read))).toContain("HTTP 401");
    expect(failureOf(await api.call(read))).toContain(
      "`upstreams.api.oauth`: the API refuses tokens that were made just now (HTTP 401). Check `scopes`",
    );
    expect(api.authorization.tokenRequests()).toHaveLength(2);
  });
});

describe("a token that cannot be got", () => {
  it("because of a wrong secret is a result that says what to check and not what was sent", async () => {
    const api = await openApi({}, { clients: { gateway: "another" } });
    expect(failureOf(await api.call(read))).toBe(
      "`upstreams.api.oauth`: the authorization server refused to give a token (invalid_client); check `clientId`, `clientSecret` and `authMethod`.",
    );
    expect(api.seen).toEqual([]);
  });

  it("because of a missing secret names the secret", async () => {
    const api = await openApi({ clientSecret: "${secrets.NOBODY_SET_IT}" });
    expect(failureOf(await api.call(read))).toContain("NOBODY_SET_IT");
  });

  it("because nobody listens there is a result that names the address, once for calls that come together", async () => {
    const api = await openApi();
    await api.authorization.close();
    const failures = await Promise.all([api.call(read), api.call(read)]);
    for (const failure of failures.map(failureOf)) {
      expect(failure).toBe(
        `\`upstreams.api.oauth\`: \`${api.authorization.issuer}\` could not be asked (ECONNREFUSED).`,
      );
    }
  });

  it.each<[string, number, string, string]>([
    ["a page", 200, "<html>", "answered with something that is no token; check `tokenUrl`"],
    [
      "another kind of token",
      200,
      '{"access_token":"x","token_type":"mac"}',
      "answered with something that is no token",
    ],
    ["no token", 200, "{}", "answered with something that is no token"],
    ["an outage", 503, "down", "answered with HTTP 503 and no error that OAuth knows"],
    ["a redirect", 302, "", "answered with HTTP 302"],
  ])("because %s is what comes is a result", async (_, status, body, expected) => {
    const api = await openApi(
      {},
      {
        intercept: (_request, response) => {
          const type = body.startsWith("{") ? "application/json" : "text/html";
          response.writeHead(status, { "content-type": type, location: "http://169.254.169.254/" }).end(body);
          return true;
        },
      },
    );
    expect(failureOf(await api.call(read))).toContain(expected);
  });

  it("in time ends the call at its deadline and not the request that others wait for", async () => {
    let answer: (() => void) | undefined;
    const api = await openApi(
      {},
      {
        intercept: (request, response) => {
          answer ??= () => {
            const token = JSON.stringify({ access_token: api.grantToken(), token_type: "bearer" });
            response.writeHead(200, { "content-type": "application/json" }).end(token);
          };
          return request.path === "/token";
        },
      },
    );
    const patient = api.call(read);
    const failure = failureOf(await api.call(read, 50));
    expect(failure).toContain("There was no token for The upstream `api`");
    expect(failure).toContain("`upstreams.api.oauth.tokenUrl` did not answer");
    answer?.();
    expect(onlyText(await patient)).toBe("hello");
  });

  it("does not keep a call that its client cancels", async () => {
    const api = await openApi({}, { intercept: () => true });
    const context = callContext();
    const call = api.upstream.callTool(read, context);
    context.abort?.();
    await expect(call).rejects.toEqual(expect.objectContaining({ code: "cancelled" }));
  });

  it("because the upstream is closed fails the calls that wait", async () => {
    const api = await openApi({}, { intercept: () => true });
    const call = api.call(read);
    await api.upstream.close(0);
    expect(failureOf(await call)).toContain("`upstreams.api.oauth`");
  });
});

describe("the way to the token endpoint", () => {
  it("is judged by the egress guard of the upstream", async () => {
    const api = await openApi({ tokenUrl: "https://169.254.169.254/token" });
    expect(failureOf(await api.call(read))).toContain("upstreams.api.egress.allow");
  });

  it("is the proxy of the upstream", async () => {
    const proxy = await startConnectProxy();
    open.push({ close: async () => proxy.close() });
    const api = await openApi({}, {}, { upstream: { proxy: `http://127.0.0.1:${proxy.port}` } });
    expect(onlyText(await api.call(read))).toBe("hello");
    expect(proxy.log).toContain(`CONNECT ${new URL(api.authorization.issuer).host} -`);
  });
});
