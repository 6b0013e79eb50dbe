import { readFileSync } from "node:fs";
import { access, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { ProbeStep } from "../../src/core/upstream-probe.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { startHandWritten } from "../fixtures/hand-written-server.ts";
import { startBackend, startWire, whenClosed } from "../fixtures/local-backend.ts";
import type { RawAnswer } from "../fixtures/raw-http.ts";
import { tinyProgram } from "../fixtures/tiny-program.ts";
import { openTrySite, type TrySite } from "../fixtures/try-site.ts";
import { changingServer } from "../fixtures/upstreams/changing-server.ts";
import { serveHttp, serveSse } from "../fixtures/upstreams/serve-fixture.ts";

const opened: { close(): Promise<void> }[] = [];
const path = "/tenants/default/upstreams/probe";
const local = { egress: { allow: ["127.0.0.1"] } };

afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close();
});

async function open(): Promise<TrySite> {
  const site = await openTrySite();
  opened.push(site);
  return site;
}

function keep<Part extends { close(): Promise<void> }>(part: Part): Part {
  opened.push(part);
  return part;
}

interface Probed {
  readonly steps: readonly ProbeStep[];
  readonly last: { readonly done: boolean; readonly outcome: string };
}

function read(answer: RawAnswer): Probed {
  if (answer.status !== 200) throw new Error(answer.text);
  expect(answer.headers["content-type"]).toBe("application/x-ndjson");
  const lines = answer.text.trimEnd().split("\n");
  const steps = lines.slice(0, -1).map((line) => JSON.parse(line) as ProbeStep); // of the operation
  return { steps, last: JSON.parse(lines.at(-1) ?? "") as Probed["last"] };
}

async function probe(site: TrySite, config: object, role?: string): Promise<Probed> {
  return read(await site.post(path, { config }, role));
}

const outcomes = ({ steps }: Probed): string[] => steps.map(({ name, outcome }) => `${name} ${outcome}`);
const messageOf = ({ steps }: Probed, name: string): string => steps.find((step) => step.name === name)?.message ?? "";

describe("probing a REST API", () => {
  it("goes step by step to an answer", async () => {
    const backend = keep(await startBackend((incoming, response) => response.end(incoming.headers["x-key"])));
    const site = await open();
    const probed = await probe(site, {
      kind: "http",
      baseUrl: `${backend.url}/v1`,
      headers: { "x-key": "k" },
      ...local,
    });
    expect(outcomes(probed)).toEqual([
      "configuration ok",
      "dns skipped",
      "tcp ok",
      "tls skipped",
      "http ok",
      "protocol skipped",
      "auth ok",
    ]);
    expect(probed.last).toEqual({ done: true, outcome: "ok" });
    expect(probed.steps.find(({ name }) => name === "http")?.details).toEqual({ status: 200 });
  });

  it("resolves names", async () => {
    const backend = keep(await startBackend((_incoming, response) => response.end()));
    const site = await open();
    const allow = { egress: { allow: ["127.0.0.1", "::1"] } };
    const named = await probe(site, { kind: "http", baseUrl: `http://localhost:${backend.port}`, ...allow });
    expect(named.steps[1]).toMatchObject({ name: "dns", outcome: "ok" });
    const unknown = await probe(site, { kind: "http", baseUrl: "http://nowhere.invalid" });
    expect(outcomes(unknown)).toEqual(["configuration ok", "dns failed", "http skipped"]);
    expect(messageOf(unknown, "dns")).toContain("cannot be resolved");
  });

  it("is stopped by the egress guard, which says so", async () => {
    let calls = 0;
    const backend = keep(await startBackend((_incoming, response) => response.end(String(++calls))));
    const site = await open();
    for (const host of ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "0x7f.1"]) {
      const probed = await probe(site, { kind: "http", baseUrl: `http://${host}:${backend.port}` });
      expect(outcomes(probed)).toEqual(["configuration ok", "dns failed", "http skipped"]);
      expect(messageOf(probed, "dns")).toContain("The egress guard refused");
      expect(probed.last.outcome).toBe("failed");
    }
    expect(backend.sockets.size + calls).toBe(0);
  });

  it("tells a port where nobody listens from one where nobody speaks HTTP", async () => {
    const site = await open();
    const closed = await probe(site, { kind: "http", baseUrl: `http://127.0.0.1:${await findFreePort()}`, ...local });
    expect(outcomes(closed)).toEqual(["configuration ok", "dns skipped", "tcp failed", "http skipped"]);
    expect(messageOf(closed, "tcp")).toContain("refused the connection");
    const wire = keep(await startWire((socket) => socket.end("SSH-2.0-hello\r\n")));
    const other = await probe(site, { kind: "http", baseUrl: wire.url, ...local });
    expect(outcomes(other).slice(2)).toEqual(["tcp ok", "tls skipped", "http failed"]);
  });

  it("tells refused credentials from a missing page and a broken API", async () => {
    const site = await open();
    for (const [status, expected] of [
      [401, ["http ok", "protocol skipped", "auth failed"]],
      [404, ["http ok", "protocol skipped", "auth skipped"]],
      [503, ["http warning", "protocol skipped", "auth skipped"]],
    ] as const) {
      const backend = keep(await startBackend((_incoming, response) => response.writeHead(status).end()));
      const probed = await probe(site, { kind: "http", baseUrl: backend.url, ...local });
      expect(outcomes(probed).slice(4)).toEqual(expected);
    }
  });

  it("judges certificates", async () => {
    const file = (name: string): string =>
      readFileSync(fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url)), "utf8");
    const server = createTlsServer({ key: file("server-key.pem"), cert: file("server.pem") }, (_incoming, response) =>
      response.end(),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    opened.push({
      close: async () => {
        const closed = once(server, "close");
        server.close();
        server.closeAllConnections();
        await closed;
      },
    });
    const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server
    const site = await open();
    const untrusted = await probe(site, { kind: "http", baseUrl, ...local });
    expect(outcomes(untrusted).slice(2)).toEqual(["tcp ok", "tls failed", "http skipped"]);
    expect(messageOf(untrusted, "tls")).toContain("tls");
    const tls = { ca: file("ca.pem"), serverName: "server.test" };
    const trusted = await probe(site, { kind: "http", baseUrl, tls, ...local });
    expect(outcomes(trusted).slice(2)).toEqual(["tcp ok", "tls ok", "http ok", "protocol skipped", "auth ok"]);
  });

  it("asks once, follows nothing, and does not wait for a body without end", async () => {
    const urls: (string | undefined)[] = [];
    const backend = keep(
      await startBackend((incoming, response) => {
        urls.push(incoming.url);
        response.writeHead(302, { location: "/elsewhere" }).write("x");
      }),
    );
    const site = await open();
    await probe(site, { kind: "http", baseUrl: `${backend.url}/v1`, redirects: 5, ...local });
    expect(urls).toEqual(["/v1"]);
  });
});

describe("probing an MCP server", () => {
  it("says who it is, over Streamable HTTP of both eras and over HTTP+SSE", async () => {
    const site = await open();
    for (const [fixture, protocolVersion, transport] of [
      [await serveHttp(changingServer("files", "find", "get"), "2025-11-25"), "2025-11-25", "streamable-http"],
      [await serveHttp(changingServer("files", "find", "get"), "2026-07-28"), "2026-07-28", "streamable-http"],
      [await serveSse(changingServer("files", "find", "get"), "2024-11-05"), "2024-11-05", "sse"],
    ] as const) {
      keep(fixture);
      const probed = await probe(site, { kind: "mcp", url: fixture.url, ...local });
      expect(outcomes(probed).slice(2)).toEqual(["tcp ok", "tls skipped", "http ok", "protocol ok", "auth ok"]);
      expect(probed.steps.find(({ name }) => name === "protocol")?.details).toMatchObject({
        protocolVersion,
        transport,
        server: "files",
        tools: 2,
      });
    }
  });

  it("tells credentials that are refused from a server of something else", async () => {
    const site = await open();
    const locked = keep(await startBackend((_incoming, response) => response.writeHead(401).end()));
    const refused = await probe(site, { kind: "mcp", url: `${locked.url}/mcp`, ...local });
    expect(outcomes(refused).slice(4)).toEqual(["http ok", "protocol skipped", "auth failed"]);
    const web = keep(await startBackend((_incoming, response) => response.end("<html>")));
    const other = await probe(site, { kind: "mcp", url: `${web.url}/mcp`, ...local });
    expect(outcomes(other).slice(4)).toEqual(["http ok", "protocol failed", "auth skipped"]);
    expect(other.last.outcome).toBe("failed");
  });

  it("ends what it opened when the client goes away", async () => {
    const hanging = keep(await startHandWritten(() => true));
    const site = await open();
    const post = request(`${site.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-role": "administrator@default" },
    });
    post.on("error", () => undefined);
    post.end(JSON.stringify({ config: { kind: "mcp", url: hanging.url, ...local } }));
    const [turn] = await hanging.heard("server/discover");
    post.destroy();
    if (turn !== undefined) await whenClosed(turn.request.socket);
  });
});

describe("probing a program", () => {
  const saved = (upstream: object): Readonly<Record<string, unknown>> => ({
    name: "crm",
    routes: [{ prefix: "/crm" }],
    upstreams: { tiny: upstream },
  });

  it("finds, starts, greets and ends it", async () => {
    const site = await open();
    site.secrets["default"] = { KEY: "very-secret" };
    site.save(saved(tinyProgram({ env: { TOKEN: "${secrets.KEY}" } })));
    const probed = read(await site.post(path, { server: "crm", upstream: "tiny" }, "operator@default"));
    expect(outcomes(probed)).toEqual(["configuration ok", "command ok", "start ok", "protocol ok", "end ok"]);
    expect(probed.steps[3]?.details).toMatchObject({ server: "tiny", tools: 1, transport: "stdio" });
  });

  it("says why it does not start, and what it said", async () => {
    const site = await open();
    site.secrets["default"] = { KEY: "very-secret" };
    site.save(saved({ kind: "mcp", transport: "stdio", command: "no-such-program-here" }));
    const missing = read(await site.post(path, { server: "crm", upstream: "tiny" }));
    expect(outcomes(missing)).toEqual(["configuration ok", "command failed", "start failed"]);
    const args = ["-e", "console.error('token ' + process.env.TOKEN); process.exit(3)"];
    site.save(saved(tinyProgram({ args, env: { TOKEN: "${secrets.KEY}" } })));
    const answer = await site.post(path, { server: "crm", upstream: "tiny" });
    expect(outcomes(read(answer)).slice(1)).toEqual(["command ok", "start ok", "protocol failed"]);
    expect(answer.text).toContain("token ${secrets.KEY}");
    expect(answer.text).not.toContain("very-secret");
  });

  it("cannot be reached by anything that is not saved", async () => {
    const marker = `/tmp/passerelle-probe-${process.pid}`;
    await rm(marker, { force: true });
    const site = await open();
    const touch = { command: "touch", args: [marker] };
    const configs: object[] = [
      { kind: "mcp", transport: "stdio", ...touch },
      { kind: "mcp", ...touch },
      { kind: "mcp", url: "https://mcp.example/mcp", ...touch },
      { kind: "mcp", transport: "stdio", url: "https://mcp.example/mcp" },
      { kind: "mcp", transport: "auto", url: "https://mcp.example/mcp", args: [marker], env: {}, cwd: "/tmp" },
      { kind: "http", baseUrl: "https://api.example", ...touch },
      { kind: "stdio", ...touch },
      { ...touch },
    ];
    for (const config of configs) {
      const answer = await site.post(path, { config }, "administrator@*");
      expect([400, 403, 422]).toContain(answer.status);
    }
    const document = JSON.stringify({ ...saved({ kind: "mcp", eager: true, ...touch }) });
    for (const body of [
      { server: "crm", upstream: "tiny", text: document },
      { server: "crm", upstream: "tiny", config: { kind: "mcp", ...touch } },
      { text: document, upstream: "tiny" },
    ]) {
      expect((await site.post(path, body, "administrator@*")).status).toBe(400);
    }
    expect((await site.post(path, { server: "crm", upstream: "tiny" })).status).toBe(404);
    expect((await site.post("/tenants/default/servers/crm/preview", { text: document })).status).toBe(200);
    const run = await site.post("/tenants/default/servers/crm/tools/x/run", { text: document });
    expect(run.status).toBe(400);
    // A version that was replaced is no way in either: probes know the newest alone.
    site.save(saved({ kind: "mcp", ...touch }));
    site.save(saved({ kind: "http", baseUrl: "https://api.example" }));
    expect((await site.post(path, { server: "crm", upstream: "tiny", version: 1 })).status).toBe(400);
    await expect(access(marker)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("who may probe", () => {
  it("what is saved: operators; what is not: those who could save it", async () => {
    let calls = 0;
    const backend = keep(await startBackend((_incoming, response) => response.end(String(++calls))));
    const site = await open();
    const api = { kind: "http", baseUrl: backend.url, ...local };
    site.save({ name: "crm", routes: [{ prefix: "/crm" }], upstreams: { api } });
    const named = { server: "crm", upstream: "api" };
    const open443 = { kind: "http", baseUrl: backend.url, egress: { allow: [] } };
    for (const [role, body, status] of [
      ["", named, 401],
      ["viewer@default", named, 403],
      ["administrator@other", named, 403],
      ["operator@default", { config: api }, 403],
      ["operator@default", { config: open443 }, 403],
      ["editor@default", { config: api }, 403],
      ["editor@default", { config: { ...api, egress: { allow: "127.0.0.1" } } }, 403],
    ] as const) {
      expect((await site.post(path, body, role)).status).toBe(status);
    }
    expect(calls + backend.sockets.size).toBe(0);
    for (const [role, body] of [
      ["operator@default", named],
      ["editor@default", { config: open443 }],
      ["administrator@default", { config: api }],
    ] as const) {
      expect((await site.post(path, body, role)).status).toBe(200);
    }
    expect(calls).toBe(2);
  });

  it("nobody is shown a secret", async () => {
    const backend = keep(await startBackend((_incoming, response) => response.writeHead(401).end()));
    const site = await open();
    site.secrets["default"] = {
      HOST: `127.0.0.1:${backend.port}`,
      URL: `${backend.url}/mcp/hidden-path`,
      KEY: "k3y-value",
    };
    site.secrets["other"] = { KEY: "of-another-tenant" };
    for (const config of [
      { kind: "http", baseUrl: "http://${secrets.HOST}/x", headers: { "x-k": "${secrets.KEY}" }, ...local },
      { kind: "mcp", url: "${secrets.URL}", headers: { "x-k": "${secrets.KEY}" }, ...local },
      { kind: "http", baseUrl: "${secrets.KEY}" },
      { kind: "mcp", url: "${secrets.KEY}" },
    ]) {
      const { text } = await site.post(path, { config });
      expect(text).not.toMatch(new RegExp(`${backend.port}|hidden-path|k3y-value|of-another`));
    }
    const missing = await probe(site, { kind: "http", baseUrl: "${secrets.MISSING}" });
    expect(outcomes(missing)).toEqual(["configuration failed"]);
    expect(messageOf(missing, "configuration")).toContain("MISSING");
  });

  it("a configuration with mistakes is told where they are", async () => {
    const site = await open();
    const answer = await site.post(path, { config: { kind: "http", baseUrl: "nothing", egress: { allow: ["x"] } } });
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({ problems: [{ path: ["baseUrl"] }, { path: ["egress", "allow", 0] }] });
    const unknown = await site.post(path, { config: { kind: "http", baseUrl: "https://x.example", tiemoutMs: 1 } });
    expect(unknown.json()).toMatchObject({ problems: [{ mend: expect.stringContaining("timeoutMs") }] });
  });
});
