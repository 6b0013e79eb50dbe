import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { startConnectProxy } from "../../../../test/fixtures/connect-proxy.ts";
import { startBackend } from "../../../../test/fixtures/local-backend.ts";
import { noIdentity } from "../../../../test/fixtures/mcp-http-fixture.ts";
import { RecordingReader } from "../../../../test/fixtures/recording-reader.ts";
import { mcpUpstream } from "../../../core/config/mcp-upstream-schema.ts";
import type { Resolve } from "../../egress-guard.ts";
import { compileMcpUpstream } from "../mcp-upstream-plan.ts";
import type { McpHttpClient } from "./mcp-http-client.ts";
import { openPlannedHttp } from "./open-planned-http.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const pemPath = (name: string): string =>
  fileURLToPath(new URL(`../../../../test/fixtures/tls/${name}.pem`, import.meta.url));
const pem = (name: string): string => readFileSync(pemPath(name), "utf8");
const toThisMachine: Resolve = (_hostname, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);

function open(config: object, values: Readonly<Record<string, string>> = {}): McpHttpClient {
  const plan = compileMcpUpstream(mcpUpstream.parse({ kind: "mcp", egress: { allow: ["127.0.0.1"] }, ...config }), {
    name: "files",
    path: ["upstreams", "files"],
    baseDirectory: undefined,
    report: ({ message }) => {
      throw new Error(message);
    },
  });
  const client = openPlannedHttp(plan, {
    secrets: { get: (name) => values[name] },
    label: "The upstream `files`",
    resolve: toThisMachine,
  });
  closers.push(() => client.close(50));
  return client;
}

async function post(client: McpHttpClient): Promise<RecordingReader> {
  const reader = new RecordingReader();
  client.pick(noIdentity).post("{}", [], reader);
  await reader.over;
  return reader;
}

/** Answers with the name that was asked for in TLS and the name in the client's certificate. */
async function tlsServer(options: object = {}): Promise<number> {
  const server = createServer({ key: pem("server-key"), cert: pem("server"), ...options }, (request, response) => {
    // An https server has nothing but TLS sockets, and this one asks for a server name.
    const socket = request.socket as TLSSocket & { readonly servername: string };
    response.end(`${socket.servername} ${String(socket.getPeerCertificate().subject?.CN ?? "nobody")}`);
  });
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A TCP server that listens has an address of this form.
  return (server.address() as AddressInfo).port;
}

describe("an upstream of a document", () => {
  test("is reached over TLS with its authority, its server name and its client certificate", async () => {
    const port = await tlsServer({ ca: pem("ca"), requestCert: true, rejectUnauthorized: true });
    const key = "${secrets.KEY}";
    const tls = { ca: pem("ca"), cert: pemPath("client"), key, serverName: "server.test" };
    const client = open({ url: `https://127.0.0.1:${port}/mcp`, tls }, { KEY: pem("client-key") });
    expect((await post(client)).log).toEqual(["status 200", "end server.test client.test"]);
  });

  test("whose certificate nobody vouches for is refused, and so is one without TLS", async () => {
    const stranger = await post(open({ url: `https://server.test:${await tlsServer()}/mcp` }));
    expect(stranger.failure?.message).toMatch(/certificate .* not accepted.*upstreams\.files\.tls/);
    expect(stranger.wasSent).toBe(false);
    const plain = await startBackend((_request, response) => response.end());
    closers.push(() => plain.close());
    const reader = await post(open({ url: `https://127.0.0.1:${plain.port}/mcp` }));
    expect(reader.failure?.message).toMatch(/TLS handshake .* failed.*Is `upstreams\.files\.url` right about https/);
  });

  test("is reached through a proxy, TLS end to end", async () => {
    const port = await tlsServer();
    const proxy = await startConnectProxy(`Basic ${Buffer.from("me:secret").toString("base64")}`);
    closers.push(() => proxy.close());
    const client = open(
      {
        url: `https://server.test:${port}/mcp`,
        proxy: `http://me:\${secrets.PASS}@127.0.0.1:${proxy.port}`,
        tls: { ca: pemPath("ca") },
      },
      { PASS: "secret" },
    );
    expect((await post(client)).log).toEqual(["status 200", "end server.test nobody"]);
    expect(proxy.log).toEqual([`CONNECT server.test:${port} Basic bWU6c2VjcmV0`]);
  });

  test("with a certificate file that is missing says so with each request, naming the setting", async () => {
    const client = open({ url: "https://127.0.0.1:1/mcp", tls: { ca: "/nowhere/ca.pem" } });
    for (let round = 0; round < 2; round++) {
      const reader = await post(client);
      expect(reader.failure?.message).toMatch(/`upstreams\.files\.tls\.ca` names cannot be read/);
      expect(reader.wasSent).toBe(false);
    }
  });

  test("shows its URLs without query, and not those that come out of a secret", () => {
    const client = open(
      { url: "https://a.example/mcp?key=1", replicas: ["${secrets.URL}", "https://c.example"] },
      { URL: "https://hidden.example/t0ken" },
    );
    expect(client.status()).toEqual([
      { url: "https://a.example/mcp", state: "up", failures: 0 },
      { url: "URL 2", state: "up", failures: 0 },
      { url: "https://c.example/", state: "up", failures: 0 },
    ]);
  });

  test.each([
    ["nonsense", /The URL of `upstreams\.files\.replicas\[0\]` cannot be read/],
    ["ftp://a.example", /must begin with http/],
    ["https://me:secret@a.example", /holds a user name or password/],
    ["https://a.example/#x", /has a `#` part/],
  ])("with the URL %s out of a secret is refused without showing it", (url, message) => {
    const failing = (): unknown => open({ url: "https://a.example", replicas: ["${secrets.URL}"] }, { URL: url });
    expect(failing).toThrow(message);
    expect(failing).not.toThrow(url);
  });

  test("with a proxy that is none is refused", () => {
    const failing = (): unknown => open({ url: "https://a.example", proxy: "${secrets.PROXY}" }, { PROXY: "x" });
    expect(failing).toThrow(/`upstreams\.files\.proxy` is no http:, https: or socks5: URL/);
  });
});
