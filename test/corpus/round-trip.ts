import { generate } from "json-schema-faker";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import type { OpenApiImport } from "../../src/imports/openapi/openapi-import.ts";
import { type LocalBackend, startBackend } from "../fixtures/local-backend.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { send } from "../fixtures/raw-http.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";
import { compileDescription } from "./compile-description.ts";
import { type DescribedOperation, describedOperations } from "./described-operations.ts";
import type { CorpusDescription } from "./descriptions.ts";
import { isTree, readCorpusDescription, type Tree } from "./read-description.ts";
import { judgeRequest, type ReceivedRequest } from "./request-judge.ts";
import { spread } from "./thorough.ts";

/** What became of one call. */
export interface Trip {
  readonly description: string;
  readonly operation: string;
  readonly outcome: "accepted" | "rejected" | "not-judged" | "not-sent";
  readonly target: string;
  /** Why it was not accepted; empty when it was. */
  readonly reason: string;
}

export interface RoundTrip {
  /** Calls each tool of the sample with all arguments, and with those only that are required. */
  trips(): AsyncIterable<Trip>;
  close(): Promise<void>;
}

interface Sampled {
  readonly name: string;
  readonly input: JsonObject;
  readonly described: DescribedOperation;
}

/** Serves tools of a description by a gateway in this process, before a backend that takes whatever comes. */
export async function openRoundTrip(description: CorpusDescription, most: number): Promise<RoundTrip> {
  const { text, root } = await readCorpusDescription(description);
  const received: ReceivedRequest[] = [];
  const backend = await recordingBackend(received);
  const result = await compileDescription(description.name, text, { name: "corpus", baseUrl: backend.url });
  const sample = sampleOf(result, root, most);
  const gateway = await serveDocuments(
    { "corpus.yaml": servedDocument(result, sample) },
    { environment: secretsOf(result) },
  );
  return {
    trips: () => tripsOf({ description, root, sample, gateway, received }),
    close: async () => {
      await gateway.close();
      await backend.close();
    },
  };
}

function recordingBackend(received: ReceivedRequest[]): Promise<LocalBackend> {
  return startBackend((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({
        method: request.method ?? "",
        target: request.url ?? "",
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks),
      });
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
}

function sampleOf({ document, report }: OpenApiImport, root: Tree, most: number): readonly Sampled[] {
  const tools = document["tools"];
  const byName = new Map(Array.isArray(tools) ? tools.filter(isJsonObject).map((tool) => [tool["name"], tool]) : []);
  const bySource = new Map(report.entries.map(({ source, tool }) => [source, tool]));
  const callable = describedOperations(root).flatMap((described): Sampled[] => {
    const name = bySource.get(`${described.method} ${described.path}`);
    const input = name === undefined ? undefined : byName.get(name)?.["input"];
    return name !== undefined && isJsonObject(input) ? [{ name, input, described }] : [];
  });
  return spread(callable, most);
}

function servedDocument({ document }: OpenApiImport, sample: readonly Sampled[]): JsonObject {
  const { tools, upstreams } = document;
  const wanted = new Set(sample.map(({ name }) => name));
  const api = isJsonObject(upstreams) ? upstreams["api"] : undefined;
  if (!isJsonObject(api)) throw new Error("a document that was made has one upstream");
  return {
    ...document,
    routes: [{ prefix: "/corpus", access: "public" }],
    upstreams: { api: { ...api, egress: { allow: ["127.0.0.1"] } } },
    tools: Array.isArray(tools) ? tools.filter(isJsonObject).filter(({ name }) => wanted.has(String(name))) : [],
  };
}

function secretsOf({ secrets }: OpenApiImport): Readonly<Record<string, string>> {
  return Object.fromEntries(secrets.map(({ name }) => [`PASSERELLE_SECRET_${name}`, "secret"]));
}

interface Journey {
  readonly description: CorpusDescription;
  readonly root: Tree;
  readonly sample: readonly Sampled[];
  readonly gateway: ServedFolder;
  readonly received: ReceivedRequest[];
}

async function* tripsOf({ description, root, sample, gateway, received }: Journey): AsyncIterable<Trip> {
  for (const [index, { name, input, described }] of sample.entries()) {
    for (const alwaysFakeOptionals of [true, false]) {
      const about = { description: description.name, operation: `${described.method} ${described.path}` };
      const made = await makeArguments(input, index + 1, alwaysFakeOptionals);
      if (made === undefined) {
        yield { ...about, outcome: "not-sent", target: "", reason: "no arguments could be made up" };
        continue;
      }
      received.length = 0;
      const answer = await send(
        `${gateway.url}/corpus/mcp`,
        modernRequest("tools/call", { params: { name, arguments: made } }),
      );
      const [request] = received;
      if (request === undefined) {
        yield {
          ...about,
          outcome: "not-sent",
          target: JSON.stringify(made).slice(0, 300),
          reason: answer.text.slice(0, 400),
        };
        continue;
      }
      const judgement = await judgeRequest(root, described, request);
      const reason = judgement.kind === "accepted" ? "" : judgement.reason;
      yield { ...about, outcome: judgement.kind, target: request.target, reason };
    }
  }
}

/** Arguments as the schema wants them; `undefined` when the generator finds none. */
async function makeArguments(input: JsonObject, seed: number, alwaysFakeOptionals: boolean): Promise<unknown> {
  try {
    return filled(await generate(input, { seed, alwaysFakeOptionals, minItems: 1, maxItems: 2 }));
  } catch (error) {
    // It throws plain errors for schemas that contradict themselves.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** Empty texts are allowed by most schemas and by few backends: `a` in their place. */
function filled(value: unknown): unknown {
  if (value === "") return "a";
  if (Array.isArray(value)) return value.map(filled);
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member)]));
}
