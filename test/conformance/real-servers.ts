import type { Peer, PeerUser } from "../fixtures/peer.ts";
import { type PeerKind, peerKinds } from "../fixtures/sdk-peers.ts";
import { nodeForTools, runNpx } from "./npx.ts";
import { type NpmServer, npmServers } from "./npm-servers.ts";
import { withGatewayOver } from "./proxied-gateway.ts";
import type { Verdict } from "./verdict.ts";

const inspector = [nodeForTools, "@modelcontextprotocol/inspector@2.12.0"];
const clientTimeoutMs = 120_000;

const user: PeerUser = {
  elicit: () => ({ action: "accept", content: { name: "Ada", check: true } }),
  sample: () => ({ role: "assistant", model: "parrot", content: { type: "text", text: "a parrot's answer" } }),
  roots: () => ({ roots: [] }),
};

/** Serves published MCP servers through the gateway and uses them with published clients. */
export async function runRealServers(progress: (line: string) => void): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const server of npmServers) {
    progress(`  ${server.name}`);
    verdicts.push(...(await judgeServer(server)));
  }
  return verdicts;
}

async function judgeServer(server: NpmServer): Promise<readonly Verdict[]> {
  const uses = [
    ...peerKinds.filter(isUsed).map((kind) => ({ name: `${kind.name} over ${kind.transport}`, run: useSdk(kind) })),
    ...["legacy", "modern"].map((era) => ({ name: `Inspector CLI 2.12.0, ${era}`, run: useInspector(era) })),
  ];
  try {
    const opened = await server.open();
    try {
      return await withGatewayOver(opened.config, async (prefix) => {
        const verdicts: Verdict[] = [];
        for (const { name, run } of uses) verdicts.push(await judgeUse(`${server.name}: ${name}`, run, server, prefix));
        return verdicts;
      });
    } finally {
      await opened.close();
    }
  } catch (error) {
    return [{ scenario: `${server.name}: did not run`, passed: 0, failed: 1, kind: "fail", note: messageOf(error) }];
  }
}

/** The newest client of each era and transport is enough here; the matrix has them all. */
function isUsed({ name, transport }: PeerKind): boolean {
  return (name === "SDK 1.32.2" || name === "client 2.4.0, pinned") && (transport === "http" || transport === "sse");
}

/** Uses a server and returns how many expectations held. Throws at the first that does not. */
type Use = (server: NpmServer, prefix: string) => Promise<number>;

async function judgeUse(scenario: string, run: Use, server: NpmServer, prefix: string): Promise<Verdict> {
  try {
    return { scenario, passed: await run(server, prefix), failed: 0, kind: "pass", note: "" };
  } catch (error) {
    return { scenario, passed: 0, failed: 1, kind: "fail", note: messageOf(error) };
  }
}

function useSdk(kind: PeerKind): Use {
  return async (server, prefix) => {
    const peer = await kind.connect(prefix, user);
    try {
      return await usePeer(peer, server);
    } finally {
      await peer.close();
    }
  };
}

async function usePeer(peer: Peer, { tool, call, asks }: NpmServer): Promise<number> {
  const { tools } = await peer.listTools();
  expectPart(JSON.stringify(tools.map(({ name }) => name)), tool);
  let held = 1;
  if (call !== undefined) {
    expectPart(JSON.stringify(await peer.callTool(call.tool, call.args)), call.expect);
    held += 1;
  }
  if (asks !== undefined) {
    const sampled = await peer.callTool(asks.sampling, { prompt: "hello", maxTokens: 10 });
    expectPart(JSON.stringify(sampled), "a parrot's answer");
    expectPart(JSON.stringify(await peer.callTool(asks.elicitation)), "Ada");
    held += 2;
  }
  return held;
}

function useInspector(era: string): Use {
  return async ({ tool }, prefix) => {
    const { code, stdout, stderr } = await runNpx({
      packages: inspector,
      command: "mcp-inspector",
      arguments: ["--cli", `${prefix}/mcp`, "--protocol-era", era, "--method", "tools/list"],
      timeoutMs: clientTimeoutMs,
    });
    if (code !== 0) throw new Error(`exit code ${code}: ${stderr.trim().split("\n").at(-1) ?? ""}`);
    expectPart(stdout, tool);
    return 1;
  };
}

function expectPart(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`${text.slice(0, 200)} lacks ${JSON.stringify(part)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
