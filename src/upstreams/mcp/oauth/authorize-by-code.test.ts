import { afterEach, describe, expect, it } from "vitest";
import { type AuthorizationServer, startAuthorizationServer } from "../../../../test/fixtures/authorization-server.ts";
import {
  callWithTokens,
  canary,
  type OAuthSite,
  openOAuthSite,
  tokenFailure,
} from "../../../../test/fixtures/oauth-site.ts";
import { send } from "../../../../test/fixtures/raw-http.ts";
import type { AuthorizationAgent } from "./authorization-agent.ts";
import type { TokenSource } from "../../oauth/token-source.ts";

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

  function openForUser(site: OAuthSite, agent: AuthorizationAgent, clientMetadataUrl?: string): TokenSource {
    return site.openGrant({ kind: "authorization-code", agent, client: undefined, clientMetadataUrl });
  }

  it("is asked once; later tokens come by the refresh token", async () => {
    const metadata = { scopes_supported: ["read", "offline_access"] };
    const site = await openSite({ metadata, clients: undefined }, { scope: "read" });
    const agent = browser();
    const tokens = openForUser(site, agent);
    expect(await callWithTokens(site, tokens)).toBe(200);
    site.authorization.revoke(tokens.current() ?? "");
    expect(await callWithTokens(site, tokens)).toBe(200);
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
    await callWithTokens(site, tokens);
    site.server.demand("write");
    expect(await callWithTokens(site, tokens)).toBe(200);
    expect(agent.pages.map((page) => page.searchParams.get("scope"))).toEqual(["read", "read write"]);
    site.authorization.revoke(tokens.current() ?? "");
    // The server knows no client called "registered", so the refresh fails.
    expect(await callWithTokens(site, tokens)).toBe(200);
    expect(agent.pages).toHaveLength(3);
    expect(site.authorization.requests.filter(({ path }) => path === "/register")).toHaveLength(1);
  });

  it("meets a client that is known by the URL of its metadata where that is taken", async () => {
    const clientMetadataUrl = "https://gateway.example/client.json";
    const site = await openSite({ metadata: { client_id_metadata_document_supported: true } });
    const agent = browser();
    await callWithTokens(site, openForUser(site, agent, clientMetadataUrl));
    expect(agent.pages[0]?.searchParams.get("client_id")).toBe(clientMetadataUrl);
  });

  it("is registered anew at another authorization server, which sees nothing of the first one", async () => {
    const site = await openSite();
    const other = await openAuthorizationServer();
    const tokens = openForUser(site, browser());
    await callWithTokens(site, tokens);
    site.server.moveTo(other);
    expect(await callWithTokens(site, tokens)).toBe(200);
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
      expect(await tokenFailure(site, openForUser(site, browser(edit)))).toContain(expected);
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
    expect(await tokenFailure(site, openForUser(site, browser(refuse)))).toContain("refused (access_denied)");
  });

  it("is not believed to have refused by an answer of another issuer", async () => {
    const site = await openSite();
    const refuse = (answer: URLSearchParams): void => {
      answer.delete("code");
      answer.set("error", "access_denied");
      answer.set("iss", "https://evil.example");
    };
    const failure = await tokenFailure(site, openForUser(site, browser(refuse)));
    expect(failure).toContain("does not come from");
    expect(failure).not.toContain("access_denied");
  });

  it("is not sent to a server without PKCE", async () => {
    const site = await openSite({ metadata: { code_challenge_methods_supported: undefined } });
    const agent = browser();
    expect(await tokenFailure(site, openForUser(site, agent))).toContain("does not support PKCE");
    expect(agent.pages).toEqual([]);
  });
});
