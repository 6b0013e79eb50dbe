import { afterEach, expect, it } from "vitest";
import type { ProbeStep } from "../../src/core/upstream-probe.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../fixtures/authorization-server.ts";
import { localUpstream } from "../fixtures/echo-document.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { canary } from "../fixtures/oauth-site.ts";
import { send } from "../fixtures/raw-http.ts";
import { serveDocuments } from "../fixtures/served-folder.ts";
import { openTrySite } from "../fixtures/try-site.ts";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close();
});

interface Site {
  readonly authorization: AuthorizationServer;
  readonly backend: LocalBackend;
  readonly document: Readonly<Record<string, unknown>>;
}

/** An API that tells everybody whom it knows what they came with. */
async function openSite(secret: string): Promise<Site> {
  const authorization = await startAuthorizationServer({ clients: { gateway: secret } });
  const backend = await startBackend((request, response) => {
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    if (authorization.scopesOf(token) === undefined) response.writeHead(401).end("who are you?");
    else response.writeHead(200, { "content-type": "text/plain" }).end(`you came with ${token}`);
  });
  opened.push(authorization, backend);
  const oauth = { tokenUrl: `${authorization.issuer}/token`, clientId: "gateway", clientSecret: "${secrets.CRM}" };
  const document = {
    name: "crm",
    routes: [{ prefix: "/crm", access: "public" }],
    upstreams: { api: { ...localUpstream(backend.url), oauth } },
    tools: [{ name: "whoami", upstream: "api", request: { path: "/me" } }],
  };
  return { authorization, backend, document };
}

it("a secret that was rotated is used after a reload, with a token of its own", async () => {
  const { authorization, document } = await openSite(canary);
  const environment: Record<string, string> = { PASSERELLE_SECRET_CRM: "outdated" };
  const served = await serveDocuments({ "crm.json": document }, { environment });
  opened.push(served);
  const call = async (): Promise<string> =>
    (await send(`${served.url}/crm/mcp`, modernRequest("tools/call", { params: { name: "whoami" } }))).text;
  const refused = await call();
  expect(refused).toContain('"isError":true');
  expect(refused).toContain("invalid_client");
  expect(refused).not.toContain("outdated");
  environment["PASSERELLE_SECRET_CRM"] = canary;
  await served.gateway.reload();
  expect(await call()).toContain("you came with access-");
  await served.gateway.reload();
  await call();
  expect(authorization.tokenRequests()).toHaveLength(2);
  const status = JSON.stringify(served.gateway.status());
  expect(status).not.toContain(canary);
  expect(status).not.toContain("access-");
});

it("a tool that is run shows neither its token nor how it was got", async () => {
  const { backend, document } = await openSite(canary);
  const site = await openTrySite();
  opened.push(site);
  site.secrets["default"] = { CRM: canary };
  site.save(document);
  const { text } = await site.post("/tenants/default/servers/crm/tools/whoami/run", {});
  expect(text).toContain("you came with ${upstreams.api.oauth}");
  expect(text).toContain('["authorization","Bearer ***"]');
  expect(text).toContain(`${backend.url}/me`);
  expect(text).not.toMatch(/access-\d/);
  expect(text).not.toContain(canary);
  expect(text).not.toContain("/token");
});

it("a probe tells an authorization server that gives no token from an API that takes none", async () => {
  const site = await openTrySite();
  opened.push(site);
  const authOf = async (secret: string, forget = false): Promise<readonly (string | undefined)[]> => {
    const { authorization, document } = await openSite(canary);
    site.secrets["default"] = { CRM: secret };
    // An API that knows the tokens of nobody.
    const stranger = await startBackend((_request, response) => response.writeHead(401).end());
    opened.push(stranger);
    const { api } = document["upstreams"] as { api: object }; // of `openSite`
    const config = forget ? { ...api, baseUrl: stranger.url } : api;
    const answer = await site.post("/tenants/default/upstreams/probe", { config });
    const steps = answer.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Partial<ProbeStep>); // of the operation
    expect(answer.text).not.toContain(secret);
    // Once, and once more after the API has refused the token.
    expect([1, 2]).toContain(authorization.tokenRequests().length);
    const auth = steps.find(({ name }) => name === "auth");
    return [steps.find(({ name }) => name === "http")?.outcome, auth?.outcome, auth?.message];
  };
  expect(await authOf(canary)).toEqual([
    "ok",
    "ok",
    "The authorization server gives a token. Nothing is refused here.",
  ]);
  expect(await authOf("wrong-secret")).toEqual(["skipped", "failed", expect.stringContaining("(invalid_client)")]);
  expect(await authOf(canary, true)).toEqual(["ok", "failed", expect.stringContaining("A token was got; check")]);
});
