import { afterEach, describe, expect, it } from "vitest";
import {
  type AuthorizationServer,
  type ProtectedServer,
  startAuthorizationServer,
  startProtectedServer,
} from "../fixtures/authorization-server.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { type RawAnswer, send } from "../fixtures/raw-http.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { everythingServer } from "../fixtures/upstreams/everything-server.ts";
import { type FixtureSdk, serveHttp } from "../fixtures/upstreams/serve-fixture.ts";

const clientKey = "ada-0123456789abcdef0123456789abcdef";
const secret = "s3cret-canary";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  // Clients first: a server ends when nobody is connected.
  for (const closable of open.splice(0).toReversed()) await closable.close();
});

interface Site {
  readonly authorization: AuthorizationServer;
  readonly server: ProtectedServer;
  readonly served: ServedFolder;
  /** Client id to secret, as the authorization server knows them. */
  readonly clients: Record<string, string>;
}

/** A client's key before the gateway, and OAuth behind it. */
async function openSite(sdk: FixtureSdk): Promise<Site> {
  const clients: Record<string, string> = { gateway: secret };
  const fixture = await serveHttp(everythingServer(), sdk);
  open.push(fixture);
  const authorization = await startAuthorizationServer({ clients });
  open.push(authorization);
  const server = await startProtectedServer({ authorizationServers: [authorization], behind: fixture.url });
  open.push(server);
  const document = {
    name: "protected",
    routes: [{ prefix: "/protected" }],
    upstreams: {
      server: {
        kind: "mcp",
        url: server.url.href,
        sharing: "shared",
        egress: { allow: ["127.0.0.1"] },
        oauth: {
          grant: "client-credentials",
          clientId: "gateway",
          clientSecret: "${secrets.GATEWAY}",
          issuer: authorization.issuer,
        },
      },
    },
    expose: [{ upstream: "server" }],
  };
  const served = await serveDocuments(
    { "protected.yaml": document },
    { flags: { apiKeys: [`ada=${clientKey}`] }, environment: { PASSERELLE_SECRET_GATEWAY: secret } },
  );
  open.push(served);
  return { authorization, server, served, clients };
}

function call({ served }: Site): Promise<RawAnswer> {
  const { headers, body } = modernRequest("tools/call", { params: { name: "test_simple_text", arguments: {} } });
  return send(`${served.url}/protected/mcp`, {
    headers: { ...headers, authorization: `Bearer ${clientKey}` },
    body,
  });
}

describe.each<FixtureSdk>(["v2", "2026-07-28"])("an upstream of %s with OAuth", (sdk) => {
  it("gets the gateway's token, and never the client's", async () => {
    const site = await openSite(sdk);
    const answer = await call(site);
    expect(answer.text).toContain("This is a simple text response for testing.");
    expect(site.server.seen.length).toBeGreaterThan(0);
    for (const authorization of site.server.seen) expect(authorization).toMatch(/^Bearer access-\d+-of-\d+$/);
    const { requests } = site.authorization;
    expect(JSON.stringify(requests.map(({ form, ...rest }) => [rest, [...form]]))).not.toContain(clientKey);
    expect(site.authorization.tokenRequests()).toHaveLength(1);
  });

  it("is called with another token when the first one is revoked", async () => {
    const site = await openSite(sdk);
    await call(site);
    site.authorization.revoke(site.server.seen.at(-1)?.replace("Bearer ", "") ?? "");
    expect((await call(site)).text).toContain("This is a simple text response for testing.");
    expect(site.authorization.tokenRequests()).toHaveLength(2);
  });

  it("that gives no more tokens fails calls with the place to look at, without secrets", async () => {
    const site = await openSite(sdk);
    await call(site);
    site.clients["gateway"] = "rotated";
    site.authorization.revoke(site.server.seen.at(-1)?.replace("Bearer ", "") ?? "");
    const { text } = await call(site);
    expect(text).toContain("`upstreams.server.oauth`");
    expect(text).toContain("invalid_client");
    for (const shown of [text, JSON.stringify(site.served.gateway.status())]) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toMatch(/access-\d/);
    }
  });
});
