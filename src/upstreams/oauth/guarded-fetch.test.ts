import type { RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type LocalBackend, startBackend, whenClosed } from "../../../test/fixtures/local-backend.ts";
import { EgressGuard, type Resolve } from "../egress-guard.ts";
import { OriginPools } from "../http/origin-pools.ts";
import { type Fetch, guardedFetch } from "./guarded-fetch.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((closable) => closable.close()));
});

async function openBackend(listener: RequestListener): Promise<LocalBackend> {
  const backend = await startBackend(listener);
  open.push(backend);
  return backend;
}

function openFetch(ownOrigin: string, timeoutMs = 10_000, resolve?: Resolve): Fetch {
  const guard = new EgressGuard({
    allow: ["127.0.0.1"],
    key: "upstreams.files.egress.allow",
    ...(resolve === undefined ? {} : { resolve }),
  });
  const pools = new OriginPools({
    origin: ownOrigin,
    connections: 2,
    connectTimeoutMs: 5_000,
    guard,
    proxy: undefined,
    loadTls: () => ({}),
  });
  open.push({ close: () => pools.close(0) });
  return guardedFetch({ pools, ownOrigin, key: "upstreams.files.oauth", timeoutMs });
}

describe("the fetch for metadata and tokens", () => {
  it("sends forms and headers, and gives redirects back instead of following them", async () => {
    let seen = "";
    const backend = await openBackend((request, response) => {
      seen = `${request.method} ${request.url} ${request.headers["content-type"]} ${String(request.headers["x-kept"])}`;
      response.writeHead(302, { location: "http://169.254.169.254/" }).end();
    });
    const response = await openFetch(backend.url)(`${backend.url}/token?a=b`, {
      method: "POST",
      headers: { "x-kept": "yes" },
      body: new URLSearchParams({ grant_type: "x" }),
    });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("http://169.254.169.254/");
    expect(seen).toBe("POST /token?a=b application/x-www-form-urlencoded yes");
  });

  it("gives up a server that does not answer, and closes its socket", async () => {
    const backend = await openBackend(() => undefined);
    const fetch = openFetch(backend.url, 100);
    await expect(fetch(backend.url)).rejects.toThrow(
      `\`upstreams.files.oauth\`: \`${backend.url}\` did not answer within 100 ms.`,
    );
    await Promise.all([...backend.sockets].map(whenClosed));
    expect(backend.sockets.size).toBe(0);
  });

  it("keeps no socket", async () => {
    const backend = await openBackend((request, response) => response.end(request.headers.connection));
    expect(await (await openFetch(backend.url)(backend.url)).text()).toBe("close");
  });

  it("speaks plain http with this machine and the server itself only", async () => {
    const backend = await openBackend((_request, response) => response.end("{}"));
    const toHere: Resolve = (_name, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);
    const named = `http://internal.example:${backend.port}`;
    expect((await openFetch(named, 10_000, toHere)(named)).status).toBe(200);
    expect((await openFetch("https://mcp.example", 10_000, toHere)(backend.url)).status).toBe(200);
    const fetch = openFetch("https://mcp.example", 10_000, toHere);
    for (const address of [named, "ftp://127.0.0.1/", "https://user:secret@127.0.0.1/"]) {
      const message = await fetch(address).then(String, String);
      expect(message).toContain("must be https: without user name and password");
      expect(message).not.toContain("secret");
    }
  });

  it("does not connect to addresses behind a name that the document does not allow", async () => {
    const toMetadata: Resolve = (_name, callback) => callback(null, [{ address: "169.254.169.254", family: 4 }]);
    const message = await openFetch(
      "https://mcp.example",
      10_000,
      toMetadata,
    )("https://auth.example/").then(String, String);
    expect(message).toContain("`169.254.169.254`, which `auth.example` resolves to, is in the link-local");
  });
});
