import { generateKeyPairSync } from "node:crypto";
import { performance } from "node:perf_hooks";
import { afterEach, describe, expect, it } from "vitest";
import {
  type AuthorizationServer,
  claimsOf,
  startAuthorizationServer,
} from "../../../../test/fixtures/authorization-server.ts";
import {
  asClient,
  callWithTokens,
  canary,
  noSecrets,
  type OAuthSite,
  openOAuthSite,
  tokenFailure,
} from "../../../../test/fixtures/oauth-site.ts";
import { openTokenSource } from "./open-token-source.ts";
import { withinMs } from "../../../../test/fixtures/time-limit.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((closable) => closable.close()));
});

async function openSite(...options: Parameters<typeof openOAuthSite>): Promise<OAuthSite> {
  const site = await openOAuthSite(...options);
  open.push(site);
  return site;
}

async function openAuthorizationServer(): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer();
  open.push(server);
  return server;
}

describe("client credentials", () => {
  it("get a token for the resource and the scopes of the challenge, and keep it", async () => {
    const site = await openSite({}, { scope: "files:read" });
    const tokens = site.openTokens();
    expect(tokens.current()).toBeUndefined();
    expect(await callWithTokens(site, tokens)).toBe(200);
    expect(await callWithTokens(site, tokens)).toBe(200);
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
    await callWithTokens(site, site.openTokens({ ...asClient, scope: "configured" }));
    const unchallenged = await openSite({}, { metadata: { scopes_supported: ["one", "two"] } });
    await callWithTokens(unchallenged, unchallenged.openTokens());
    const scopes = [site, unchallenged].map(({ authorization }) => authorization.tokenRequests()[0]?.form.get("scope"));
    expect(scopes).toEqual(["configured", "one two"]);
  });

  it("sign an assertion for the issuer instead of sending a secret", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const site = await openSite({ clients: { gateway: publicKey } });
    // SEC 1, as `openssl ecparam` writes it; the library wants PKCS#8.
    const pem = privateKey.export({ type: "sec1", format: "pem" }).toString();
    const tokens = site.openTokens({ grant: "client-credentials", clientId: "gateway", privateKey: pem });
    expect(await callWithTokens(site, tokens)).toBe(200);
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
    const tokens = site.openTokens();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => callWithTokens(site, tokens)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(site.authorization.tokenRequests()).toHaveLength(1);
  });

  it("get another token when theirs is revoked", async () => {
    const site = await openSite();
    const tokens = site.openTokens();
    await callWithTokens(site, tokens);
    site.authorization.revoke(tokens.current() ?? "");
    expect(await callWithTokens(site, tokens)).toBe(200);
    expect(site.authorization.tokenRequests()).toHaveLength(2);
  });

  it("have nothing to get for a refusal that comes late, of a token from before", async () => {
    const site = await openSite();
    const tokens = site.openTokens();
    await callWithTokens(site, tokens);
    const late = { url: site.server.url, status: 401, challenge: undefined };
    expect(await tokens.renew({ ...late, token: undefined })).toBe(true);
    expect(await tokens.renew({ ...late, token: "before" })).toBe(true);
    expect(site.authorization.tokenRequests()).toHaveLength(1);
  });

  it("are not asked again and again by a server that takes no token", async () => {
    const site = await openSite();
    const tokens = site.openTokens();
    site.server.refuseAll();
    expect(await callWithTokens(site, tokens)).toBe(401);
    expect(await callWithTokens(site, tokens)).toBe(401);
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
    const tokens = site.openTokens(asClient, () => now);
    await callWithTokens(site, tokens);
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
    const tokens = site.openTokens(asClient, () => now);
    await callWithTokens(site, tokens);
    isDown = true;
    now += 31_000;
    const first = tokens.current();
    await whenAsked;
    expect(tokens.current()).toBe(first);
    expect(await callWithTokens(site, tokens)).toBe(200);
    site.authorization.revoke(first ?? "");
    expect(await tokenFailure(site, tokens)).toContain("temporarily_unavailable");
  });
});

describe("a refresh token", () => {
  const acquired = { grant: "refresh-token", clientId: "gateway", clientSecret: canary, refreshToken: "refresh-0" };

  it("is used when the acquired access token is refused, and replaced by the one that comes back", async () => {
    const site = await openSite({ refreshToken: "refresh-0" });
    const tokens = site.openTokens({ ...acquired, accessToken: "expired" });
    expect(tokens.current()).toBe("expired");
    expect(await callWithTokens(site, tokens)).toBe(200);
    site.authorization.revoke(tokens.current() ?? "");
    expect(await callWithTokens(site, tokens)).toBe(200);
    const sent = site.authorization.tokenRequests().map(({ form }) => form.get("refresh_token"));
    expect(sent).toEqual(["refresh-0", "refresh-1"]);
  });

  it("that is no longer good is named as what has to be acquired again", async () => {
    const site = await openSite();
    expect(await tokenFailure(site, site.openTokens(acquired))).toBe(
      "`upstreams.files.oauth`: the authorization server refused to give a token (invalid_grant); the tokens that were acquired are no longer good, acquire new ones.",
    );
  });

  it("cannot get more scopes, and says so", async () => {
    const site = await openSite({ refreshToken: "refresh-0" });
    site.server.demand("admin\\`<b>");
    expect(await tokenFailure(site, site.openTokens(acquired))).toBe(
      "`upstreams.files.oauth`: the MCP server asks for the scope `admin<b>`; acquire tokens that have it.",
    );
  });
});

describe("a server that asks for more scopes", () => {
  it("gets a token with those from before as well", async () => {
    const site = await openSite({}, { scope: "read" });
    const tokens = site.openTokens();
    await callWithTokens(site, tokens);
    site.server.demand("write");
    expect(await callWithTokens(site, tokens)).toBe(200);
    expect(site.authorization.tokenRequests().map(({ form }) => form.get("scope"))).toEqual(["read", "read write"]);
  });

  it("is given up when it asks again for what the token has", async () => {
    const site = await openSite({ lifetimeSeconds: 3_600 }, { scope: "read" });
    const tokens = site.openTokens();
    await callWithTokens(site, tokens);
    const challenge = 'Bearer error="insufficient_scope", scope="read"';
    const refusal = { url: site.server.url, status: 403, challenge, token: tokens.current() };
    expect(await tokens.renew(refusal)).toBe(false);
    expect(site.authorization.tokenRequests()).toHaveLength(1);
  });

  it("does not get past the scope of the document", async () => {
    const site = await openSite();
    const tokens = site.openTokens({ ...asClient, scope: "read" });
    site.server.demand("admin");
    expect(await tokenFailure(site, tokens)).toBe(
      "`upstreams.files.oauth`: the MCP server asks for the scope `admin`; add it to `scope` if that is meant.",
    );
  });
});

describe("credentials", () => {
  it("go to the configured issuer only", async () => {
    const site = await openSite();
    const other = await openAuthorizationServer();
    const tokens = site.openTokens({ ...asClient, issuer: other.issuer });
    expect(await tokenFailure(site, tokens)).toContain(`but \`issuer\` is \`${other.issuer}\``);
    expect([...other.requests, ...site.authorization.requests]).toEqual([]);
  });

  it("stay with the authorization server that they first worked at", async () => {
    const site = await openSite();
    const other = await openAuthorizationServer();
    const tokens = site.openTokens();
    await callWithTokens(site, tokens);
    site.server.moveTo(other);
    expect(await tokenFailure(site, tokens)).toContain(`now wants tokens of \`${other.issuer}\``);
    expect(other.tokenRequests()).toEqual([]);
  });

  it("that are refused are not repeated in the error, whatever the server answers", async () => {
    const site = await openSite({ clients: { gateway: "another secret" } });
    expect(await tokenFailure(site, site.openTokens())).toBe(
      "`upstreams.files.oauth`: the authorization server refused to give a token (invalid_client); check `clientId` and the secret or key.",
    );
  });

  it("that are refused are not sent again by the calls that follow at once", async () => {
    let now = 0;
    const site = await openSite({ clients: {} });
    const tokens = site.openTokens(asClient, () => now);
    await tokenFailure(site, tokens);
    await tokenFailure(site, tokens);
    expect(site.authorization.tokenRequests()).toHaveLength(1);
    now = 2_000;
    await tokenFailure(site, tokens);
    expect(site.authorization.tokenRequests()).toHaveLength(2);
  });

  it("that are missing or no good stop the upstream before anything is asked", async () => {
    const site = await openSite();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const withKey = { grant: "client-credentials", clientId: "gateway" };
    expect(() => openTokenSource(site.plan({ ...asClient, clientSecret: "${secrets.NONE}" }), noSecrets)).toThrow(
      "NONE",
    );
    expect(() => openTokenSource(site.plan({ ...withKey, privateKey: canary }), noSecrets)).toThrow(
      "`upstreams.files.oauth.privateKey` is no PEM of a private key.",
    );
    expect(() => openTokenSource(site.plan({ ...withKey, privateKey: pem }), noSecrets)).toThrow(
      "cannot sign with ES256",
    );
    expect(site.authorization.requests).toEqual([]);
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
    const tokens = site.openTokens();
    const failure = tokenFailure(site, tokens);
    await whenReached;
    const begin = performance.now();
    await Promise.all([tokens.close(), tokens.close()]);
    expect(await failure).toContain("could not be asked");
    expect(performance.now() - begin).toBeLessThan(withinMs(2_000));
    expect(await tokenFailure(site, tokens)).not.toBe("");
  });
});
