import { afterAll, beforeAll, expect, it } from "vitest";
import { bridgeServer } from "../fixtures/bridge-server.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { serveDocuments, type ServedFolder } from "../fixtures/served-folder.ts";
import { openSseSession } from "../fixtures/sse-session.ts";
import { type ListeningFixture, serveHttp } from "../fixtures/upstreams/serve-fixture.ts";

const clients = 200;
const rounds = 3;
const asks = { elicitation: {} };
const revisions = ["2025-06-18", "2025-11-25", "2026-07-28"] as const;

let listening: ListeningFixture[] = [];
let folder: ServedFolder;

beforeAll(async () => {
  const sdks = ["2025-11-25", "2026-07-28"] as const;
  listening = await Promise.all(sdks.map((sdk) => serveHttp(bridgeServer(), sdk)));
  const documents = sdks.map((sdk, index) => [`${sdk}.yaml`, document(sdk, listening[index]?.url)]);
  folder = await serveDocuments(Object.fromEntries(documents));
});

afterAll(async () => {
  await folder?.close();
  await Promise.all(listening.map((fixture) => fixture.close()));
});

/** One connection for everybody: the hardest case. */
function document(name: string, url: string | undefined): object {
  return {
    name: `v${name}`,
    routes: [{ prefix: `/${name}`, access: "public" }],
    upstreams: { server: { kind: "mcp", url, sharing: "shared", egress: { allow: ["127.0.0.1"] } } },
    expose: [{ upstream: "server" }],
  };
}

/** A client's way to the gateway: sends a message and hands on all that comes back, until `isLast` says so. */
interface Client {
  /** Calls the tool as every other client does: same id, same progress token, same name. */
  call(args: object): Promise<unknown>;
  /** Everything that this client was ever sent. */
  readonly received: string[];
}

interface Asked {
  readonly id: number;
  readonly method?: string;
  readonly params: { readonly message: string };
  readonly result: { readonly requestState: string; readonly inputRequests?: Readonly<Record<string, unknown>> };
}

const request = (args: object) => ({ name: "ask_often", arguments: args, _meta: { progressToken: 1 } });

async function sessionClient(
  prefix: string,
  revision: string,
  transport: "http" | "sse",
  answer: object,
): Promise<Client> {
  const received: string[] = [];
  const session = transport === "http" ? await openSession(`${prefix}/mcp`, revision, asks) : undefined;
  const channel = transport === "sse" ? await openSseSession(prefix, revision, asks) : undefined;
  const post = (message: object): Promise<unknown> =>
    (session ?? channel)?.post(message) ?? Promise.reject(new Error());
  return {
    received,
    call: async (args) => {
      const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: request(args) };
      const stream = session === undefined ? channel?.stream : await session.stream(message);
      if (session === undefined) await post(message);
      for (;;) {
        const heard = (await stream?.message()) as Asked;
        received.push(JSON.stringify(heard));
        if (heard.method === undefined) return heard.result;
        if (heard.method === "elicitation/create") await post({ jsonrpc: "2.0", id: heard.id, result: answer });
      }
    },
  };
}

function modernClient(prefix: string, answer: object): Client {
  const received: string[] = [];
  const meta = { "io.modelcontextprotocol/clientCapabilities": asks, progressToken: 1 };
  const post = async (params: Readonly<Record<string, unknown>>): Promise<Asked> => {
    const answered = await send(`${prefix}/mcp`, modernRequest("tools/call", { params, meta }));
    received.push(answered.text);
    return answered.json() as Asked;
  };
  return {
    received,
    call: async (args) => {
      const params = { name: "ask_often", arguments: args };
      let { result } = await post(params);
      while (result.inputRequests !== undefined) {
        const inputResponses = Object.fromEntries(Object.keys(result.inputRequests).map((key) => [key, answer]));
        ({ result } = await post({ ...params, inputResponses, requestState: result.requestState }));
      }
      return result;
    },
  };
}

it("two hundred clients that use the same ids, tokens and tools at once get nothing of each other", async () => {
  const secretOf = (index: number): string => `<secret ${index}>`;
  const outcomes = await Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      const prefix = `${folder.url}/${index % 2 === 0 ? "2025-11-25" : "2026-07-28"}`;
      const revision = revisions[index % revisions.length] ?? revisions[0];
      const answer = { action: "accept", content: { text: secretOf(index) } };
      const transport = index % 4 < 2 ? "http" : "sse";
      const client =
        revision === "2026-07-28"
          ? modernClient(prefix, answer)
          : await sessionClient(prefix, revision, transport, answer);
      return { result: await client.call({ tag: `tag ${index}`, times: rounds }), client };
    }),
  );
  for (const [index, { result, client }] of outcomes.entries()) {
    const own = Array.from({ length: rounds }, () => secretOf(index)).join(",");
    expect(result).toMatchObject({ content: [{ text: own }] });
    const secrets = new Set(client.received.join("").match(/<secret \d+>/g));
    expect([...secrets]).toEqual([secretOf(index)]);
  }
  expect(folder.gateway.status()).toMatchObject({ parked: 0, pendingInput: 0 });
});
