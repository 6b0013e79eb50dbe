import { generateKeyPairSync } from "node:crypto";
import { performance } from "node:perf_hooks";
import { afterEach, describe, expect, it } from "vitest";
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  claimsOf,
  type ProtectedServer,
  startAuthorizationServer,
  startProtectedServer,
} from "../../../../test/fixtures/authorization-server.ts";
import { send } from "../../../../test/fixtures/raw-http.ts";
import { mcpUpstream } from "../../../core/config/mcp-upstream-schema.ts";
import { formatPath } from "../../../core/problem.ts";
import { compileMcpUpstream, type McpUpstreamPlan } from "../mcp-upstream-plan.ts";
import type { AuthorizationAgent } from "./authorization-agent.ts";
import type { AuthorizationCodeGrant } from "./grant.ts";
import { openGrant, openTokenSource } from "./open-token-source.ts";
import { readGrant } from "./read-grant.ts";
import type { TokenSource } from "./token-source.ts";

const canary = "s3cret-canary";
const asClient = { grant: "client-credentials", clientId: "gateway", clientSecret: canary };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((closable) => closable.close()));
});

function opened<Closable extends { close(): Promise<void> }>(closable: Closable): Closable {
  open.push(closable);
  return closable;
}

interface Site {
  readonly authorization: AuthorizationServer;
  readonly server: ProtectedServer;
}

type Served = Omit<Parameters<typeof startProtectedServer>[0], "authorizationServers">;

function openSite(options: AuthorizationServerOptions = {}, served: Served = {}): Promise<Site> {
  return openSiteForAll({ clients: { gateway: canary }, ...options }, served);
}

/** Its authorization server knows every client that asks. */
async function openSiteForAll(options: AuthorizationServerOptions, served: Served): Promise<Site> {
  const authorization = opened(await startAuthorizationServer(options));
  const server = opened(await startProtectedServer({ authorizationServers: [authorization], ...served }));
  return { authorization, server };
}

function compilePlan({ server }: Site, oauth: object, more: object = {}): McpUpstreamPlan {
  const config = mcpUpstream.parse({
    kind: "mcp",
    url: server.url.href,
    egress: { allow: ["127.0.0.1"] },
    oauth,
    ...more,
  });
  return compileMcpUpstream(config, {
    name: "files",
    path: ["upstreams", "files"],
    baseDirectory: undefined,
    report: ({ severity, path, message }) => {
      if (severity === "error") throw new Error(`${formatPath(path)}: ${message}`);
    },
  });
}

const noSecrets = { get: () => undefined };

function openTokens(site: Site, oauth: object = asClient, now?: () => number, more?: object): TokenSource {
  const plan = compilePlan(site, oauth, more);
  if (plan.oauth === undefined) throw new Error("the plan has no oauth");
  return opened(openGrant(readGrant(plan.oauth, noSecrets, "upstreams.files.oauth"), plan, noSecrets, now));
}

/** Does what the transport does: sends the token, and repeats the request while that is worth it. */
async function call({ server }: Site, tokens: TokenSource): Promise<number> {
  for (;;) {
    const token = tokens.current();
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { status, headers: answered } = await send(server.url.href, { headers });
    if (status !== 401 && status !== 403) return status;
    const challenge = answered["www-authenticate"];
    if (!(await tokens.renew({ url: server.url, status, challenge, token }))) return status;
  }
}

/** What the call is refused with, as a caller and the log would see it. */
async function failureOf(site: Site, tokens: TokenSource): Promise<string> {
  const error: unknown = await call(site, tokens).then(
    (status) => new Error(`was answered ${status}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("rejected with no error");
  const all = `${error.message} ${String(error.cause)} ${error.stack ?? ""}`;
  expect(all).not.toContain(canary);
  expect(all).not.toMatch(/refresh-\d|access-\d/);
  return error.message;
}

describe("client credentials", () => {
  it("get a token for the resource and the scopes of the challenge, and keep it", async () => {
    const site = await openSite({}, { scope: "files:read" });
    const tokens = openTokens(site);
    expect(tokens.current()).toBeUndefined();
    expect(await call(site, tokens)).toBe(200);
    expect(await call(site, tokens)).toBe(200);
    const [request, ...others] = site.authorization.tokenRequests();
    expect(others).toEqual([]);
    expect(request?.authorization).toBe(`Basic ${Buffer.from(`gateway:${canary}`).toString("base64")}`);
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      grant_type: "client_credentials",
      resource: site.server.url.href,
      scope: "files:read",
    });
  });

  it("ask for the configured scope, else for those of the resource metadata", async () => {
    const site = await openSite({}, { scope: "challenged", metadata: { scopes_supported: ["one", "two"] } });
    await call(site, openTokens(site, { ...asClient, scope: "configured" }));
    const unchallenged = await openSite({}, { metadata: { scopes_supported: ["one", "two"] } });
    await call(unchallenged, openTokens(unchallenged));
    const scopes = [site, unchallenged].map(({ authorization }) => authorization.tokenRequests()[0]?.form.get("scope"));
    expect(scopes).toEqual(["configured", "one two"]);
  });

  it("sign an assertion for the issuer instead of sending a secret", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const site = await openSite({ clients: { gateway: publicKey } });
    // SEC 1, as `openssl ecparam` writes it; the library wants PKCS#8.
    const pem = privateKey.export({ type: "sec1", format: "pem" }).toString();
    const tokens = openTokens(site, { grant: "client-credentials", clientId: "gateway", privateKey: pem });
    expect(await call(site, tokens)).toBe(200);
    const [request] = site.authorization.tokenRequests();
    expect(request?.authorization).toBeUndefined();
    expect(request?.form.get("client_secret")).toBeNull();
    expect(claimsOf(request?.form.get("client_assertion") ?? "")).toMatchObject({
      iss: "gateway",
      sub: "gateway",
      aud: site.authorization.issuer,
    });
  });

  it("get one token for all who wait", async () => {
    const site = await openSite();
    const tokens = openTokens(site);
    const statuses = await Promise.all(Array.from({ length: 20 }, () => call(site, tokens)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(site.authorization.tokenRequests()).toHaveLength(1);
  });

  it("get another token when theirs is revoked", async () => {
    const site = await openSite();
    const tokens = openTokens(site);
    await call(site, tokens);
    site.authorization.revoke(tokens.current() ?? "");
    expect(await call(site, tokens)).toBe(200);
    expect(site.authorization.tokenRequests()).toHaveLength(2);
  });

  it("are not asked again and again by a server that takes no token", async () => {
    const site = await openSite();
    const tokens = openTokens(site);
    site.server.refuseAll();
    expect(await call(site, tokens)).toBe(401);
    expect(await call(site, tokens)).toBe(401);
    expect(site.authorization.tokenRequests()).toHaveLength(2);
  });
});

describe("a token that is about to expire", () => {
  it("is renewed in the background while it is still used", async () => {
    let now = 1_000;
    let renewed = (): void => undefined;
    const whenRenewed = new Promise<void>((resolve) => {
      renewed = resolve;
    });
    let requests = 0;
    const site = await openSite({
      lifetimeSeconds: 300,
      intercept: ({ path }) => {
        if (path === "/token" && ++requests === 2) renewed();
        return false;
      },
    });
    const tokens = openTokens(site, asClient, () => now);
    await call(site, tokens);
    const first = tokens.current();
    now += 269_000;
    expect(tokens.current()).toBe(first);
    expect(requests).toBe(1);
    now += 2_000;
    expect(tokens.current()).toBe(first);
    await whenRenewed;
    // The answer is on its way; a refusal of the old token waits for it.
    expect(await tokens.renew({ url: site.server.url, status: 401, challenge: undefined, token: first })).toBe(true);
    expect(tokens.current()).not.toBe(first);
    expect(requests).toBe(2);
  });

  it("is sent on when it cannot be renewed, and the failure comes out when it is refused", async () => {
    let now = 1_000;
    let isDown = false;
    let asked = (): void => undefined;
    const whenAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const site = await openSite({
      lifetimeSeconds: 60,
      intercept: ({ path }, response) => {
        if (!isDown || path !== "/token") return false;
        response.writeHead(503, { "content-type": "application/json" }).end('{"error":"temporarily_unavailable"}');
        response.once("close", asked);
        return true;
      },
    });
    const tokens = openTokens(site, asClient, () => now);
    await call(site, tokens);
    isDown = true;
    now += 31_000;
    const first = tokens.current();
    await whenAsked;
    expect(tokens.current()).toBe(first);
    expect(await call(site, tokens)).toBe(200);
    site.authorization.revoke(first ?? "");
    expect(await failureOf(site, tokens)).toContain("temporarily_unavailable");
  });
});

describe("a refresh token", () => {
  const acquired = { grant: "refresh-token", clientId: "gateway", clientSecret: canary, refreshToken: "refresh-0" };

  it("is used when the acquired access token is refused, and replaced by the one that comes back", async () => {
    const site = await openSite({ refreshToken: "refresh-0" });
    const tokens = openTokens(site, { ...acquired, accessToken: "expired" });
    expect(tokens.current()).toBe("expired");
    expect(await call(site, tokens)).toBe(200);
    site.authorization.revoke(tokens.current() ?? "");
    expect(await call(site, tokens)).toBe(200);
    const sent = site.authorization.tokenRequests().map(({ form }) => form.get("refresh_token"));
    expect(sent).toEqual(["refresh-0", "refresh-1"]);
  });

  it("that is no longer good is named as what has to be acquired again", async () => {
    const site = await openSite();
    expect(await failureOf(site, openTokens(site, acquired))).toBe(
      "`upstreams.files.oauth`: the authorization server refused to give a token (invalid_grant); the tokens that were acquired are no longer good, acquire new ones.",
    );
  });

  it("cannot get more scopes, and says so", async () => {
    const site = await openSite({ refreshToken: "refresh-0" });
    site.server.demand("admin\\`<b>");
    expect(await failureOf(site, openTokens(site, acquired))).toBe(
      "`upstreams.files.oauth`: the MCP server asks for the scope `admin<b>`; acquire tokens that have it.",
    );
  });
});

describe("a server that asks for more scopes", () => {
  it("gets a token with those from before as well", async () => {
    const site = await openSite({}, { scope: "read" });
    const tokens = openTokens(site);
    await call(site, tokens);
    site.server.demand("write");
    expect(await call(site, tokens)).toBe(200);
    expect(site.authorization.tokenRequests().map(({ form }) => form.get("scope"))).toEqual(["read", "read write"]);
  });

  it("is given up when it asks again for what the token has", async () => {
    const site = await openSite({ lifetimeSeconds: 3_600 }, { scope: "read" });
    const tokens = openTokens(site);
    await call(site, tokens);
    const challenge = 'Bearer error="insufficient_scope", scope="read"';
    const refusal = { url: site.server.url, status: 403, challenge, token: tokens.current() };
    expect(await tokens.renew(refusal)).toBe(false);
    expect(site.authorization.tokenRequests()).toHaveLength(1);
  });

  it("does not get past the scope of the document", async () => {
    const site = await openSite();
    const tokens = openTokens(site, { ...asClient, scope: "read" });
    site.server.demand("admin");
    expect(await failureOf(site, tokens)).toBe(
      "`upstreams.files.oauth`: the MCP server asks for the scope `admin`; add it to `scope` if that is meant.",
    );
  });
});

describe("credentials", () => {
  it("go to the configured issuer only", async () => {
    const site = await openSite();
    const other = opened(await startAuthorizationServer());
    const tokens = openTokens(site, { ...asClient, issuer: other.issuer });
    expect(await failureOf(site, tokens)).toContain(`but \`issuer\` is \`${other.issuer}\``);
    expect([...other.requests, ...site.authorization.requests]).toEqual([]);
  });

  it("stay with the authorization server that they first worked at", async () => {
    const site = await openSite();
    const other = opened(await startAuthorizationServer());
    const tokens = openTokens(site);
    await call(site, tokens);
    site.server.moveTo(other);
    expect(await failureOf(site, tokens)).toContain(`now wants tokens of \`${other.issuer}\``);
    expect(other.tokenRequests()).toEqual([]);
  });

  it("that are refused are not repeated in the error, whatever the server answers", async () => {
    const site = await openSite({ clients: { gateway: "another secret" } });
    expect(await failureOf(site, openTokens(site))).toBe(
      "`upstreams.files.oauth`: the authorization server refused to give a token (invalid_client); check `clientId` and the secret or key.",
    );
  });

  it("that are refused are not sent again by the calls that follow at once", async () => {
    let now = 0;
    const site = await openSite({ clients: {} });
    const tokens = openTokens(site, asClient, () => now);
    await failureOf(site, tokens);
    await failureOf(site, tokens);
    expect(site.authorization.tokenRequests()).toHaveLength(1);
    now = 2_000;
    await failureOf(site, tokens);
    expect(site.authorization.tokenRequests()).toHaveLength(2);
  });

  it("that are missing or no good stop the upstream before anything is asked", async () => {
    const site = await openSite();
    const plan = (oauth: object): McpUpstreamPlan => compilePlan(site, oauth);
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const withKey = { grant: "client-credentials", clientId: "gateway" };
    expect(() => openTokenSource(plan({ ...asClient, clientSecret: "${secrets.NONE}" }), noSecrets)).toThrow("NONE");
    expect(() => openTokenSource(plan({ ...withKey, privateKey: canary }), noSecrets)).toThrow(
      "`upstreams.files.oauth.privateKey` is no PEM of a private key.",
    );
    expect(() => openTokenSource(plan({ ...withKey, privateKey: pem }), noSecrets)).toThrow("cannot sign with ES256");
    expect(site.authorization.requests).toEqual([]);
  });
});

describe("what a server says about its authorization server", () => {
  it("is not followed to addresses that the document does not allow", async () => {
    const site = await openSite({}, { metadata: { authorization_servers: ["http://169.254.169.254"] } });
    expect(await failureOf(site, openTokens(site))).toContain("must be https:");
    const secure = await openSite({}, { metadata: { authorization_servers: ["https://169.254.169.254"] } });
    const message = await failureOf(secure, openTokens(secure));
    expect(message).toContain("link-local");
    expect(message).toContain("`upstreams.files.egress.allow`");
  });

  it("is refused when it is about another resource", async () => {
    const site = await openSite({}, { metadata: { resource: "https://elsewhere.example/mcp" } });
    expect(await failureOf(site, openTokens(site))).toContain("is about another resource than its URL");
  });

  it("is refused when the issuer calls itself something else", async () => {
    const site = await openSite({ metadata: { issuer: "https://evil.example" } });
    expect(await failureOf(site, openTokens(site))).toContain(`another issuer than \`${site.authorization.issuer}\``);
  });

  it("is refused when it is not OAuth, too large, or leads elsewhere", async () => {
    const answers: readonly (readonly [string, number, Record<string, string>, string])[] = [
      ["does not follow OAuth", 200, { "content-type": "application/json" }, "{"],
      ["more than 262144 bytes", 200, { "content-type": "application/json" }, `"${"x".repeat(300_000)}"`],
      ["publishes no metadata", 302, { location: "http://169.254.169.254/" }, ""],
    ];
    for (const [expected, status, headers, body] of answers) {
      const site = await openSite({
        intercept: ({ path }, response) => {
          if (!path.startsWith("/.well-known")) return false;
          response.writeHead(status, headers).end(body);
          return true;
        },
      });
      expect(await failureOf(site, openTokens(site))).toContain(expected);
    }
  });
});

describe("a user who agrees in a browser", () => {
  /** A browser that goes where it is sent, and what becomes of the answer on its way back. */
  function browser(edit: (answer: URLSearchParams) => void = () => undefined): AuthorizationAgent & { pages: URL[] } {
    const pages: URL[] = [];
    return {
      pages,
      redirectUrl: "http://localhost:3000/callback",
      authorize: async (page) => {
        pages.push(page);
        const { headers } = await send(page.href);
        const answer = new URL(headers.location ?? "").searchParams;
        edit(answer);
        return answer;
      },
    };
  }

  function openForUser(site: Site, agent: AuthorizationAgent, more: Partial<AuthorizationCodeGrant> = {}): TokenSource {
    const grant: AuthorizationCodeGrant = {
      kind: "authorization-code",
      agent,
      client: undefined,
      clientMetadataUrl: undefined,
      ...more,
    };
    const config = mcpUpstream.parse({ kind: "mcp", url: site.server.url.href, egress: { allow: ["127.0.0.1"] } });
    const scope = { name: "files", path: [], baseDirectory: undefined, report: () => undefined };
    return opened(openGrant(grant, compileMcpUpstream(config, scope), noSecrets));
  }

  it("is asked once; later tokens come by the refresh token", async () => {
    const metadata = { scopes_supported: ["read", "offline_access"] };
    const site = await openSiteForAll({ metadata }, { scope: "read" });
    const agent = browser();
    const tokens = openForUser(site, agent);
    expect(await call(site, tokens)).toBe(200);
    site.authorization.revoke(tokens.current() ?? "");
    expect(await call(site, tokens)).toBe(200);
    expect(agent.pages).toHaveLength(1);
    expect(agent.pages[0]?.searchParams.get("scope")).toBe("read offline_access");
    expect(agent.pages[0]?.searchParams.get("resource")).toBe(site.server.url.href);
    const requests = site.authorization.tokenRequests();
    expect(requests.map(({ form }) => form.get("grant_type"))).toEqual(["authorization_code", "refresh_token"]);
    expect(new Set(requests.map(({ form }) => form.get("client_id")))).toEqual(new Set(["registered"]));
  });

  it("is asked again when the refresh token is no longer good, and for more scopes", async () => {
    const site = await openSite({}, { scope: "read" });
    const agent = browser();
    const tokens = openForUser(site, agent);
    await call(site, tokens);
    site.server.demand("write");
    expect(await call(site, tokens)).toBe(200);
    expect(agent.pages.map((page) => page.searchParams.get("scope"))).toEqual(["read", "read write"]);
    site.authorization.revoke(tokens.current() ?? "");
    // The server knows no client called "registered", so the refresh fails.
    expect(await call(site, tokens)).toBe(200);
    expect(agent.pages).toHaveLength(3);
    expect(site.authorization.requests.filter(({ path }) => path === "/register")).toHaveLength(1);
  });

  it("meets a client that is known by the URL of its metadata where that is taken", async () => {
    const clientMetadataUrl = "https://gateway.example/client.json";
    const site = await openSite({ metadata: { client_id_metadata_document_supported: true } });
    const agent = browser();
    await call(site, openForUser(site, agent, { clientMetadataUrl }));
    expect(agent.pages[0]?.searchParams.get("client_id")).toBe(clientMetadataUrl);
  });

  it("is registered anew at another authorization server, which sees nothing of the first one", async () => {
    const site = await openSite();
    const other = opened(await startAuthorizationServer());
    const tokens = openForUser(site, browser());
    await call(site, tokens);
    site.server.moveTo(other);
    expect(await call(site, tokens)).toBe(200);
    expect(other.requests.map(({ path }) => path)).toContain("/register");
    expect(other.tokenRequests().map(({ form }) => form.get("grant_type"))).toEqual(["authorization_code"]);
  });

  it("does not get past an answer to another request or of another issuer", async () => {
    const answers: readonly (readonly [string, (answer: URLSearchParams) => void])[] = [
      ["belongs to another request", (answer) => answer.set("state", "x".repeat(43))],
      ["belongs to another request", (answer) => answer.delete("state")],
      ["does not come from", (answer) => answer.set("iss", "https://evil.example")],
      ["does not come from", (answer) => answer.delete("iss")],
    ];
    for (const [expected, edit] of answers) {
      const site = await openSite();
      expect(await failureOf(site, openForUser(site, browser(edit)))).toContain(expected);
      expect(site.authorization.tokenRequests()).toEqual([]);
    }
  });

  it("who refuses is named, but not in the server's words", async () => {
    const site = await openSite();
    const refuse = (answer: URLSearchParams): void => {
      answer.delete("code");
      answer.set("error", "access_denied");
      answer.set("error_description", canary);
    };
    expect(await failureOf(site, openForUser(site, browser(refuse)))).toContain("refused (access_denied)");
  });

  it("is not sent to a server without PKCE", async () => {
    const site = await openSite({ metadata: { code_challenge_methods_supported: undefined } });
    const agent = browser();
    expect(await failureOf(site, openForUser(site, agent))).toContain("does not support PKCE");
    expect(agent.pages).toEqual([]);
  });
});

describe("closing", () => {
  it("ends a renewal under way at once and refuses others", async () => {
    let reached = (): void => undefined;
    const whenReached = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const site = await openSite({
      intercept: ({ path }) => {
        if (path === "/token") reached();
        return path === "/token";
      },
    });
    const tokens = openTokens(site);
    const failure = failureOf(site, tokens);
    await whenReached;
    const begin = performance.now();
    await Promise.all([tokens.close(), tokens.close()]);
    expect(await failure).toContain("could not be asked");
    expect(performance.now() - begin).toBeLessThan(2_000);
    expect(await failureOf(site, tokens)).not.toBe("");
  });
});
