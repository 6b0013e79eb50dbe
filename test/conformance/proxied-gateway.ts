import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGatewayProcess } from "../fixtures/gateway-process.ts";
import { everythingServer } from "../fixtures/upstreams/everything-server.ts";
import { buildFixtureProgram } from "../fixtures/upstreams/fixture-program.ts";
import { type ListeningFixture, serveHttp, serveSse } from "../fixtures/upstreams/serve-fixture.ts";

/** The fixture of the suite as an MCP server, in every way that the gateway reaches one. */
export const proxiedUpstreams = ["modern-http", "legacy-http", "sse", "stdio", "modern-stdio"] as const;
export type ProxiedUpstream = (typeof proxiedUpstreams)[number];

/** Runs `use` against a fresh gateway process whose only upstream is the fixture; `prefix` is its route. */
export async function withProxiedGateway<Result>(
  upstream: ProxiedUpstream,
  use: (prefix: string) => Promise<Result>,
): Promise<Result> {
  const fixture = await openFixture(upstream);
  try {
    return await withGatewayOver(fixture.config, use);
  } finally {
    await fixture.close();
  }
}

/** The same for any MCP server: `config` is the upstream without its kind. */
export async function withGatewayOver<Result>(
  config: object,
  use: (prefix: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), "passerelle-proxied-"));
  const document = {
    name: "conformance",
    routes: [{ prefix: "/conformance", access: "public", streams: { maxOpenMs: 600, retryMs: 200 } }],
    upstreams: { server: { kind: "mcp", egress: { allow: ["127.0.0.1"] }, ...config } },
    expose: [{ upstream: "server" }],
  };
  try {
    await writeFile(join(directory, "conformance.yaml"), JSON.stringify(document)); // JSON is YAML
    const gateway = await startGatewayProcess(directory, "installed");
    try {
      return await use(`${gateway.url}/conformance`);
    } finally {
      await gateway.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What the gateway is pointed at: the upstream without its kind, and how to end it. */
interface OpenedFixture {
  readonly config: object;
  close(): Promise<void>;
}

async function openFixture(upstream: ProxiedUpstream): Promise<OpenedFixture> {
  switch (upstream) {
    case "modern-http":
      return listening("streamable-http", await serveHttp(everythingServer(), "2026-07-28"));
    case "legacy-http":
      return listening("streamable-http", await serveHttp(everythingServer(), "v2"));
    case "sse":
      return listening("sse", await serveSse(everythingServer(), "2025-11-25"));
    case "stdio":
      return openChild("2025-11-25");
    case "modern-stdio":
      return openChild("2026-07-28");
  }
}

function listening(transport: "streamable-http" | "sse", fixture: ListeningFixture): OpenedFixture {
  return { config: { transport, url: fixture.url }, close: () => fixture.close() };
}

async function openChild(sdk: "2025-11-25" | "2026-07-28"): Promise<OpenedFixture> {
  const program = await buildFixtureProgram();
  const folder = await mkdtemp(join(tmpdir(), "passerelle-published-"));
  return {
    config: { transport: "stdio", ...program.command("--sdk", sdk, "--folder", folder) },
    close: async () => {
      await program.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
