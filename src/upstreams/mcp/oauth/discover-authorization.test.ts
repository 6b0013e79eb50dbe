import { afterEach, describe, expect, it } from "vitest";
import { type OAuthSite, openOAuthSite, tokenFailure } from "../../../../test/fixtures/oauth-site.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((closable) => closable.close()));
});

async function openSite(...options: Parameters<typeof openOAuthSite>): Promise<OAuthSite> {
  const site = await openOAuthSite(...options);
  open.push(site);
  return site;
}

describe("what a server says about its authorization server", () => {
  it("is not followed to addresses that the document does not allow", async () => {
    const site = await openSite({}, { metadata: { authorization_servers: ["http://169.254.169.254"] } });
    expect(await tokenFailure(site, site.openTokens())).toContain("must be https:");
    const secure = await openSite({}, { metadata: { authorization_servers: ["https://169.254.169.254"] } });
    const message = await tokenFailure(secure, secure.openTokens());
    expect(message).toContain("link-local");
    expect(message).toContain("`upstreams.files.egress.allow`");
  });

  it("is refused when it is about another resource", async () => {
    const site = await openSite({}, { metadata: { resource: "https://elsewhere.example/mcp" } });
    expect(await tokenFailure(site, site.openTokens())).toContain("is about another resource than its URL");
  });

  it("is refused when the issuer calls itself something else", async () => {
    const site = await openSite({ metadata: { issuer: "https://evil.example" } });
    expect(await tokenFailure(site, site.openTokens())).toContain(
      `another issuer than \`${site.authorization.issuer}\``,
    );
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
      expect(await tokenFailure(site, site.openTokens())).toContain(expected);
    }
  });
});
