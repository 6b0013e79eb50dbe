import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { type ConnectProxy, startConnectProxy } from "../../../test/fixtures/connect-proxy.ts";
import { readRequest, startBackend, startWire } from "../../../test/fixtures/local-backend.ts";
import { asResult, callContext, compileTool, onlyText, openUpstream } from "../../../test/fixtures/upstream-fixture.ts";
import type { Resolve } from "../egress-guard.ts";
import type { HttpUpstreamOptions, HttpUpstream } from "./http-upstream.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const pemPath = (name: string): string =>
  fileURLToPath(new URL(`../../../test/fixtures/tls/${name}.pem`, import.meta.url));
const pem = (name: string): string => readFileSync(pemPath(name), "utf8");
const get = compileTool({ request: { path: "/x" } });
const toThisMachine: Resolve = (_hostname, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);
const resolveNothing: Resolve = (_hostname, callback) =>
  callback(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }), []);

function open(
  baseUrl: string,
  config: Readonly<Record<string, unknown>>,
  options: Partial<HttpUpstreamOptions> & { values?: Record<string, string> } = {},
): HttpUpstream {
  const api = openUpstream({ baseUrl, retry: { attempts: 0 }, ...config }, options);
  closers.push(() => api.close(100));
  return api;
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => socket.destroy());
    sockets.add(socket);
  });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function plainBackend(): Promise<number> {
  const backend = await startBackend((_request, response) => response.end("behind the proxy"));
  closers.push(() => backend.close());
  return backend.port;
}

async function httpProxy(credentials?: string): Promise<ConnectProxy> {
  const proxy = await startConnectProxy(credentials);
  closers.push(() => proxy.close());
  return proxy;
}

/** A SOCKS5 proxy that takes every target for this machine; written against RFC 1928 only. */
async function socksProxy(log: string[], credentials?: readonly [string, string], reply = 0): Promise<number> {
  const proxy = createServer((socket) => {
    let buffered = Buffer.alloc(0);
    let step = "greeting";
    socket.on("data", function onData(chunk) {
      buffered = Buffer.concat([buffered, chunk]);
      if (step === "greeting" && buffered.length >= 2 + (buffered[1] ?? 0)) {
        const methods = [...buffered.subarray(2, 2 + (buffered[1] ?? 0))];
        buffered = Buffer.alloc(0);
        const method = credentials === undefined ? 0 : 2;
        socket.write(Buffer.from([5, methods.includes(method) ? method : 255]));
        step = credentials === undefined ? "request" : "password";
      } else if (step === "password") {
        const user = buffered.subarray(2, 2 + (buffered[1] ?? 0)).toString();
        const password = buffered.subarray(3 + user.length).toString();
        buffered = Buffer.alloc(0);
        socket.write(Buffer.from([1, user === credentials?.[0] && password === credentials[1] ? 0 : 1]));
        step = "request";
      } else if (step === "request" && buffered.length >= 7) {
        const type = buffered[3] ?? 0;
        const length = type === 3 ? 1 + (buffered[4] ?? 0) : type === 4 ? 16 : 4;
        const host = buffered.subarray(type === 3 ? 5 : 4, 4 + length);
        const port = buffered.readUInt16BE(4 + length);
        log.push(`${type}:${type === 3 ? host.toString() : [...host].join(".")}:${port}`);
        socket.off("data", onData);
        if (reply !== 0) {
          socket.end(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
          return;
        }
        const target = connect(port, "127.0.0.1", () => {
          // Byte by byte, so that the client has to wait for the rest.
          for (const byte of [5, 0, 0, 1, 127, 0, 0, 1, 0, 0]) socket.write(Buffer.from([byte]));
          target.pipe(socket).pipe(target);
        });
        target.on("error", () => socket.destroy());
      }
    });
  });
  return listen(proxy);
}

async function tlsBackend(options: object = {}): Promise<number> {
  const server = createHttpsServer({ key: pem("server-key"), cert: pem("server"), ...options }, (request, response) => {
    const socket = request.socket as TLSSocket;
    const subject = socket.getPeerCertificate().subject as { CN?: string } | undefined;
    response.end(`${(socket as unknown as { servername: string }).servername} ${subject?.CN ?? "nobody"}`);
  });
  return listen(server);
}

describe("an http proxy", () => {
  test("opens a tunnel, with the user and password of its URL", async () => {
    const target = await plainBackend();
    const { port, log } = await httpProxy(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
    const api = open(
      `http://host.example:${target}`,
      { proxy: "http://me:${secrets.PASS}@127.0.0.1:" + port },
      { resolve: toThisMachine, values: { PASS: "p%40ss" } },
    );
    expect(onlyText(await api.callTool(get, callContext()))).toBe("behind the proxy");
    expect(log).toEqual([`CONNECT host.example:${target} Basic bWU6cEBzcw==`]);
  });

  test("that wants a password says so", async () => {
    const { port } = await httpProxy("Basic x");
    const api = open("http://host.example", { proxy: `http://127.0.0.1:${port}` }, { resolve: toThisMachine });
    expect(onlyText(await api.callTool(get, callContext()))).toMatch(/proxy refused to open a tunnel: HTTP 407/);
  });

  test("does not get around the guard: neither for the target nor for itself", async () => {
    const { port, log } = await httpProxy();
    for (const host of ["10.0.0.1", "169.254.169.254", "[::1]"]) {
      const api = open(`http://${host}`, { proxy: `http://127.0.0.1:${port}` });
      expect(onlyText(await api.callTool(get, callContext()))).toMatch(/egress guard refused/);
    }
    const toPrivate: Resolve = (_hostname, callback) => callback(null, [{ address: "10.0.0.1", family: 4 }]);
    const named = open("http://host.example", { proxy: `http://127.0.0.1:${port}` }, { resolve: toPrivate });
    expect(onlyText(await named.callTool(get, callContext()))).toMatch(/`10\.0\.0\.1`, which `host\.example`/);
    const toPublic: Resolve = (_hostname, callback) => callback(null, [{ address: "8.8.8.8", family: 4 }]);
    const closed = open(
      "http://host.example",
      { proxy: `http://127.0.0.1:${port}`, egress: {} },
      { resolve: toPublic },
    );
    expect(onlyText(await closed.callTool(get, callContext()))).toMatch(/egress guard refused.*127\.0\.0\.1/);
    expect(log).toEqual([]);
  });

  test("resolves a name that only it knows", async () => {
    const target = await plainBackend();
    const { port } = await httpProxy();
    const api = open(
      `http://inner.example:${target}`,
      { proxy: `http://127.0.0.1:${port}` },
      { resolve: resolveNothing },
    );
    expect(onlyText(await api.callTool(get, callContext()))).toBe("behind the proxy");
  });

  test("that never answers is given up", async () => {
    const silent = await startWire(() => undefined);
    closers.push(() => silent.close());
    const api = open("http://host.example", { proxy: silent.url, connectTimeoutMs: 50 }, { resolve: toThisMachine });
    expect(onlyText(await api.callTool(get, callContext()))).toMatch(/did not open a tunnel within 50 ms/);
  });

  test("carries TLS that is checked end to end", async () => {
    const target = await tlsBackend();
    const { port, log } = await httpProxy();
    const api = open(
      `https://server.test:${target}`,
      { proxy: `http://127.0.0.1:${port}`, tls: { ca: pemPath("ca") } },
      { resolve: toThisMachine },
    );
    expect(onlyText(await api.callTool(get, callContext()))).toBe("server.test nobody");
    expect(log).toEqual([`CONNECT server.test:${target} -`]);
  });
});

describe("a SOCKS5 proxy", () => {
  test("gets the judged address of the target, and user and password", async () => {
    const log: string[] = [];
    const target = await plainBackend();
    const proxy = await socksProxy(log, ["me", "secret"]);
    const api = open(
      `http://host.example:${target}`,
      { proxy: `socks5://me:secret@127.0.0.1:${proxy}` },
      { resolve: toThisMachine },
    );
    expect(onlyText(await api.callTool(get, callContext()))).toBe("behind the proxy");
    expect(log).toEqual([`1:127.0.0.1:${target}`]);
  });

  test("gets the name that only it can resolve, and addresses of version 6", async () => {
    const log: string[] = [];
    const target = await plainBackend();
    const proxy = await socksProxy(log);
    const config = { proxy: `socks5://127.0.0.1:${proxy}`, egress: { allow: ["127.0.0.1", "fd00::/8"] } };
    for (const host of ["inner.example", "[fd00::a:1]"]) {
      const api = open(`http://${host}:${target}`, config, { resolve: resolveNothing });
      expect(onlyText(await api.callTool(get, callContext()))).toBe("behind the proxy");
    }
    expect(log).toEqual([`3:inner.example:${target}`, `4:253.0.0.0.0.0.0.0.0.0.0.0.0.10.0.1:${target}`]);
  });

  test("refusals are named", async () => {
    const wrong = await socksProxy([], ["me", "secret"]);
    const refusing = await socksProxy([], undefined, 5);
    const noSocks = await startWire((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    closers.push(() => noSocks.close());
    const cases = [
      [`socks5://me:wrong@127.0.0.1:${wrong}`, /does not accept the user name and password/],
      [`socks5://127.0.0.1:${wrong}`, /wants a user name and password/],
      [`socks5://127.0.0.1:${refusing}`, /connection refused/],
      [`socks5://127.0.0.1:${noSocks.port}`, /does not speak SOCKS5/],
    ] as const;
    for (const [proxy, message] of cases) {
      const api = open("http://host.example", { proxy }, { resolve: toThisMachine });
      expect(onlyText(await api.callTool(get, callContext()))).toMatch(message);
    }
  });
});

describe("TLS", () => {
  test("an unknown authority and a wrong name are refused and explained", async () => {
    const port = await tlsBackend();
    const stranger = open(`https://server.test:${port}`, {}, { resolve: toThisMachine });
    expect(onlyText(await stranger.callTool(get, callContext()))).toMatch(
      /certificate .* not accepted.*upstreams\.api\.tls/,
    );
    const wrongName = open(`https://other.test:${port}`, { tls: { ca: pem("ca") } }, { resolve: toThisMachine });
    expect(onlyText(await wrongName.callTool(get, callContext()))).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  test("a custom authority, a server name and a client certificate are used", async () => {
    const port = await tlsBackend({ ca: pem("ca"), requestCert: true, rejectUnauthorized: true });
    const tls = {
      ca: pem("ca"),
      cert: pemPath("client"),
      key: "${secrets.CLIENT_KEY}",
      serverName: "server.test",
    };
    const api = open(`https://127.0.0.1:${port}`, { tls }, { values: { CLIENT_KEY: pem("client-key") } });
    expect(onlyText(await api.callTool(get, callContext()))).toBe("server.test client.test");
  });

  test("a certificate file that is missing is named by its setting", async () => {
    const api = open("https://127.0.0.1:1", { tls: { ca: "/nowhere/ca.pem" } });
    const result = asResult(await api.callTool(get, callContext()));
    expect(onlyText(result)).toMatch(/`upstreams\.api\.tls\.ca` names cannot be read/);
  });

  test("a server that speaks no TLS is explained", async () => {
    const port = await plainBackend();
    const text = onlyText(await open(`https://127.0.0.1:${port}`, {}).callTool(get, callContext()));
    expect(text).toMatch(/TLS handshake .* failed.*baseUrl/);
  });
});

test("a request through a bare server is one request", async () => {
  const seen: string[] = [];
  const backend = await startWire((socket) => {
    void readRequest(socket).then((text) => {
      seen.push(text.split("\r\n")[0] ?? "");
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  closers.push(() => backend.close());
  expect(onlyText(await open(backend.url, {}).callTool(get, callContext()))).toBe("ok");
  expect(seen).toEqual(["GET /x HTTP/1.1"]);
});
