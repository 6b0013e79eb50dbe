import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { RecordedCall } from "../../../test/fixtures/recorded-call.ts";
import { keptLog } from "../../../test/fixtures/stdio-peer.ts";
import { toolCall } from "../../../test/fixtures/mcp-upstream-fixture.ts";
import { mcpUpstream } from "../../core/config/mcp-upstream-schema.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Principal } from "../../core/principal.ts";
import { McpUpstream } from "./mcp-upstream.ts";
import { compileMcpUpstream } from "./mcp-upstream-plan.ts";
import { keyHolder } from "../../../test/fixtures/fake-mcp-upstream.ts";

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function open(
  config: Readonly<Record<string, unknown>>,
  { secrets = {}, baseDirectory }: { secrets?: Readonly<Record<string, string>>; baseDirectory?: string } = {},
): McpUpstream {
  const plan = compileMcpUpstream(mcpUpstream.parse({ kind: "mcp", ...config }), {
    name: "files",
    path: ["upstreams", "files"],
    baseDirectory,
    report: ({ message }) => {
      throw new Error(message);
    },
  });
  const upstream = new McpUpstream(plan, {
    secrets: { get: (name) => secrets[name] },
    log: keptLog(),
    events: { catalogueChanged: () => undefined, notified: () => undefined },
  });
  closers.push(() => upstream.close(0));
  return upstream;
}

async function call(upstream: McpUpstream, principal?: Principal): Promise<JsonObject> {
  const reply = await upstream.request(
    toolCall("tell"),
    new RecordedCall(principal === undefined ? {} : { principal }),
  );
  if (reply.kind === "error") throw new Error(reply.message);
  return reply.value;
}

/** Tells how it was started. */
const child = `
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const serverInfo = { name: "child", version: "1" };
  const result = method === "initialize"
    ? { protocolVersion: "2025-11-25", capabilities: {}, serverInfo }
    : { args: process.argv.slice(1), token: process.env.TOKEN, cwd: process.cwd(), other: process.env.OTHER };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n");
});`;

const program = { command: process.execPath, era: "legacy" };

describe("a program", () => {
  it("gets its arguments and variables with the secrets written in, and starts in its folder", async () => {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), "passerelle-")));
    closers.push(() => rm(folder, { recursive: true }));
    const upstream = open(
      {
        ...program,
        args: ["-e", child, "key=${secrets.KEY}"],
        env: { TOKEN: "Bearer ${secrets.KEY}", OTHER: "${has(secrets.OTHER) ? secrets.OTHER : null}" },
        cwd: ".",
      },
      { secrets: { KEY: "k1" }, baseDirectory: folder },
    );
    expect(await call(upstream)).toEqual({ args: ["key=k1"], token: "Bearer k1", cwd: folder });
  });

  it("is not started when a secret is missing; calls and the status say which", async () => {
    const upstream = open({ ...program, args: ["-e", child], env: { TOKEN: "${secrets.KEY}" }, eager: true });
    await expect(call(upstream)).rejects.toMatchObject({
      code: "invalid_configuration",
      message: expect.stringContaining("KEY"),
    });
    expect(await upstream.listed(keyHolder("ann"))).toMatchObject({ state: "pending" });
    upstream.watch({ principal: keyHolder("ann"), sessionId: undefined }, undefined).end();
    expect(upstream.status()).toMatchObject({ state: "failed", lastError: expect.stringContaining("KEY") });
  });
});

describe("a URL", () => {
  it("gets the headers of each principal, and never those of another", async () => {
    const url = await startModern((request) => ({ user: request.headers["x-user"], key: request.headers["x-key"] }));
    const upstream = open(
      {
        url,
        headers: { "X-User": "${principal.id}", "x-key": "${secrets.KEY}" },
        egress: { allow: ["127.0.0.0/8"] },
      },
      { secrets: { KEY: "k1" } },
    );
    const users = ["ann", "bob", "ann", "cid", "bob"];
    const told = await Promise.all(users.map((id) => call(upstream, keyHolder(id))));
    expect(told.map(({ user }) => user)).toEqual(users);
    expect(told.map(({ key }) => key)).toEqual(users.map(() => "k1"));
    expect(await call(upstream)).toMatchObject({ user: "anonymous" });
    expect(upstream.status()).toMatchObject({
      transport: "streamable-http",
      era: "modern",
      protocolVersion: "2026-07-28",
      connections: 4,
      urls: [{ url, state: "up" }],
    });
  });

  it("is not called when a secret of its headers is missing", async () => {
    const url = await startModern(() => ({}));
    const upstream = open({ url, headers: { "x-key": "${secrets.KEY}" }, egress: { allow: ["127.0.0.0/8"] } });
    await expect(call(upstream)).rejects.toMatchObject({
      code: "invalid_configuration",
      message: expect.stringContaining("KEY"),
    });
  });
});

/** A server of 2026-07-28 that tells what it was sent. */
async function startModern(tell: (request: IncomingMessage) => object): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const { id, method } = JSON.parse(body) as { readonly id: number; readonly method: string };
      const found = { supportedVersions: ["2026-07-28"], capabilities: {}, ttlMs: 0, cacheScope: "private" };
      const result = { resultType: "complete", ...(method === "server/discover" ? found : tell(request)) };
      response.setHeader("content-type", "application/json").end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}
