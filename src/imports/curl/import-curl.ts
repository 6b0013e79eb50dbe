import { AppError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { defaultPrefix, takeName, toIdentifier } from "../document/identifier.ts";
import type { ImportedDocuments, NamingOptions } from "../document/imported-documents.ts";
import { egressFor } from "../document/private-address.ts";
import type { ImportNote, ReportedEntry } from "../report/import-report.ts";
import { NeededSecrets } from "../secrets/needed-secrets.ts";
import { type CurlRequest, readCurlCommand } from "./curl-command.ts";
import { networkKeys } from "./curl-network.ts";
import { type CurlTool, makeTool } from "./curl-tool.ts";
import { type CurlUrl, readUrl } from "./curl-url.ts";
import { placeholderName } from "./guessed-value.ts";
import { splitShell } from "./shell-words.ts";

/**
 * Makes a document of curl commands: an upstream for each origin, a tool for each request. What in a request names a
 * thing, and its values, become arguments; credentials become secrets. A request that cannot be a tool is refused alone.
 *
 * @throws AppError `unprocessable` when the text cannot be read, or holds no curl command
 */
export function importCurl(text: string, { name, prefix }: NamingOptions): ImportedDocuments {
  const { requests, notes } = readRequests(text);
  const secrets = new NeededSecrets();
  const upstreams = new Map<string, OpenUpstream>();
  const toolNames = new Set<string>();
  const tools: PlacedTool[] = [];
  const entries: ReportedEntry[] = [];
  for (const request of requests) {
    for (const address of request.urls) {
      const entry = importRequest(request, address, { upstreams, secrets, toolNames, tools });
      entries.push(entry);
    }
    if (request.urls.length === 0)
      entries.push(refusal(`line ${request.line}`, `line ${request.line}: the command has no URL`));
  }
  const documentName = toIdentifier(name ?? [...upstreams.values()][0]?.name ?? "", "api");
  const used = [...upstreams.values()].filter((upstream) => tools.some((tool) => tool.upstream === upstream.name));
  const document = {
    name: documentName,
    routes: [{ prefix: prefix ?? defaultPrefix(documentName) }],
    upstreams: Object.fromEntries(used.map((upstream) => [upstream.name, upstreamKeys(upstream, tools)])),
    tools: tools.map((tool) => toolKeys(tool, tools)),
  };
  if (tools.length > 0) notes.push(describeTools);
  const documents = tools.length === 0 ? [] : [document];
  return { documents, report: { entries, notes }, secrets: secrets.list(documents) };
}

const describeTools: ImportNote = {
  code: "describe-tools",
  message:
    "Say in the descriptions of the tools and of their arguments what they are for: a model knows nothing else of them.",
};

interface OpenUpstream {
  readonly name: string;
  readonly baseUrl: string;
  readonly keys: Record<string, JsonValue>;
}

interface PlacedTool {
  readonly name: string;
  readonly upstream: string;
  readonly description: string;
  readonly tool: CurlTool;
}

interface OpenImport {
  readonly upstreams: Map<string, OpenUpstream>;
  readonly secrets: NeededSecrets;
  readonly toolNames: Set<string>;
  readonly tools: PlacedTool[];
}

function readRequests(text: string): { readonly requests: readonly CurlRequest[]; readonly notes: ImportNote[] } {
  const requests: CurlRequest[] = [];
  const notes: ImportNote[] = [];
  for (const command of splitShell(text)) {
    // Pages show commands behind a prompt.
    const words = command.words[0] === "$" || command.words[0] === ">" ? command.words.slice(1) : command.words;
    if (/^(?:.*[/\\])?curl(?:\.exe)?$/i.test(words[0] ?? "")) requests.push(...readCurlCommand({ ...command, words }));
    else {
      const message = `\`${words[0] ?? ""}\` is no curl command and was left out.`;
      notes.push({ code: "not-curl", message, pointer: `line ${command.line}` });
    }
  }
  if (requests.length > 0) return { requests, notes };
  const mend = /Invoke-WebRequest|New-Object|\bfetch\(/.test(text)
    ? "copy the request as cURL (bash) instead"
    : "it has to begin with `curl`";
  throw new AppError("unprocessable", `There is no curl command in this text; ${mend}.`);
}

function importRequest(request: CurlRequest, address: string, open: OpenImport): ReportedEntry {
  const notes: ImportNote[] = [...request.notes];
  const note = (added: ImportNote): void => void notes.push(added);
  try {
    const url = readUrl(address, request.line);
    const upstream = upstreamFor(url, open);
    const owner = upstream.name;
    const tool = makeTool({ request, url, owner, secrets: open.secrets, note });
    Object.assign(upstream.keys, networkKeys(request, owner, open.secrets, note));
    const egress = egressFor(url.origin, upstream.keys["proxy"]);
    if (egress !== undefined) upstream.keys["egress"] = egress;
    const name = takeName(tool.name, open.toolNames, "_");
    const description = `Sends ${tool.title} to ${placeholderName(url.origin) ?? new URL(url.origin).host}.`;
    open.tools.push({ name, upstream: upstream.name, description, tool });
    return { outcome: notes.length > 0 ? "changed" : "taken", source: tool.title, tool: name, notes };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "unprocessable") throw error;
    return refusal(`line ${request.line}`, error.message);
  }
}

function refusal(source: string, message: string): ReportedEntry {
  return { outcome: "refused", source, notes: [{ code: "not-a-tool", message: `${message}.`, pointer: source }] };
}

function upstreamFor({ origin }: CurlUrl, { upstreams, secrets }: OpenImport): OpenUpstream {
  const before = upstreams.get(origin);
  if (before !== undefined) return before;
  const variable = placeholderName(origin);
  const host = variable === undefined ? new URL(origin).hostname.replace(/^(?:www|api)\.(?=.*\.)/, "") : variable;
  const taken = new Set([...upstreams.values()].map(({ name }) => name));
  const name = takeName(toIdentifier(host.replaceAll(".", "-"), "api"), taken, "-");
  const baseUrl =
    variable === undefined ? origin : `\${${secrets.reference(variable, "the base URL of the upstream")}}`;
  const upstream = { name, baseUrl, keys: {} };
  upstreams.set(origin, upstream);
  return upstream;
}

/** Credentials that all requests to an upstream send are the upstream's. */
function sharedCredentials(upstream: string, tools: readonly PlacedTool[]): JsonObject {
  const [first, ...rest] = tools
    .filter((tool) => tool.upstream === upstream)
    .map(({ tool }) => tool.headers.credentials);
  const shared = Object.entries(first ?? {}).filter(([name, text]) => rest.every((other) => other[name] === text));
  return Object.fromEntries(shared);
}

function upstreamKeys({ name, baseUrl, keys }: OpenUpstream, tools: readonly PlacedTool[]): JsonObject {
  const headers = sharedCredentials(name, tools);
  return { kind: "http", baseUrl, ...(Object.keys(headers).length > 0 ? { headers } : {}), ...keys };
}

function toolKeys({ name, upstream, description, tool }: PlacedTool, tools: readonly PlacedTool[]): JsonObject {
  const shared = sharedCredentials(upstream, tools);
  const own = Object.entries(tool.headers.credentials).filter(([header]) => !(header in shared));
  const headers = { ...tool.headers.plain, ...Object.fromEntries(own) };
  return {
    name,
    description,
    upstream,
    input: tool.input,
    request: { ...tool.request, ...(Object.keys(headers).length > 0 ? { headers } : {}) },
    ...tool.keys,
  };
}
