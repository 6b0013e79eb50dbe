import type { SourceDocument, TenantSecrets } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import { silentLog } from "../../core/log.ts";
import { parseJson, stringifyJson } from "../../core/lossless-json.ts";
import { anonymous } from "../../core/principal.ts";
import type {
  NotAsked,
  PreviewedEntry,
  PreviewedList,
  PreviewedResult,
  PreviewRequest,
  PreviewRevision,
  ServerPreview,
  ServerPreviewer,
  TextSize,
} from "../../core/server-preview.ts";
import { modernRevision, rank } from "../../protocol/revisions.ts";
import { emptyCatalogue } from "../../upstreams/mcp/catalogue.ts";
import type { KnownCatalogue } from "../catalogue/known-catalogue.ts";
import type { ServerCatalogue } from "../catalogue/server-view.ts";
import { checkDocuments, nothingPinned } from "../compile/check-documents.ts";
import { compileServer } from "../compile/compile-server.ts";
import type { CompiledServer } from "../compile/compiled-server.ts";
import { describeLegacyServer } from "../describe-server.ts";
import { noInquirer } from "../input/no-inquirer.ts";
import { Metrics } from "../metrics.ts";
import { unopenedPool, type UpstreamPool } from "../upstream-pool.ts";
import { countTokens } from "./count-tokens.ts";
import { startLocalExchange } from "./local-exchange.ts";
import { refuseProblems } from "./read-own-document.ts";

export interface CompilingPreviewerOptions {
  /** Reads the text of one document; what is wrong with it is in the answer's problems. */
  readonly read: (text: string, name: string) => SourceDocument;
  readonly secrets: TenantSecrets;
  /** Where running upstreams are found, whose lists are known: those of the gateway in this process, of tool runs. */
  readonly running: readonly Pick<UpstreamPool, "find">[];
}

/** Previews under way at once. */
const maxAtOnce = 4;
/** Most text of all results together. */
const maxBytes = 16_777_216;

/** Shows what clients see by compiling the document and putting their requests to it. */
export class CompilingPreviewer implements ServerPreviewer {
  readonly #options: CompilingPreviewerOptions;
  #underWay = 0;

  constructor(options: CompilingPreviewerOptions) {
    this.#options = options;
  }

  async preview(request: PreviewRequest): Promise<ServerPreview> {
    if (this.#underWay >= maxAtOnce) {
      throw new AppError("overloaded", "Too many previews are being made at once. Try again in a moment.");
    }
    this.#underWay++;
    try {
      return await this.#preview(request);
    } finally {
      this.#underWay--;
    }
  }

  async #preview({ tenant, name, text, revision }: PreviewRequest): Promise<ServerPreview> {
    const { read, secrets } = this.#options;
    const source = read(text, name);
    const problems = checkDocuments([source], secrets);
    const document = refuseProblems(source, problems, { tenant, name });
    const pool = unopenedPool();
    const known: KnownCatalogue = (upstream, principal) => this.#peek(upstream.server, upstream.key)(principal);
    const { server } = compileServer(document, undefined, {
      pool,
      secrets: secrets.forTenant(tenant),
      metrics: new Metrics(),
      pins: nothingPinned,
      log: silentLog,
      deep: false,
      missingSecret: "warning",
      known,
    });
    if (server === undefined) throw new AppError("internal", "A document without errors compiles.");
    const quiet = { ...server, catalogue: neverOpening(server.catalogue) };
    return { ...(await show(quiet, revision)), notAsked: findUnknown(quiet, known), problems };
  }

  #peek(server: string, key: string): (principal: typeof anonymous) => ReturnType<KnownCatalogue> {
    return (principal) => {
      for (const pool of this.#options.running) {
        const upstream = pool.find(server, key);
        if (upstream?.kind !== "mcp" || upstream.running === undefined) continue;
        const catalogue = upstream.running.peek(principal);
        if (catalogue.state !== "pending") return catalogue;
      }
      return emptyCatalogue;
    };
  }
}

/** A catalogue of what is known, for which no upstream is opened or waited for. */
function neverOpening(catalogue: ServerCatalogue): ServerCatalogue {
  return {
    current: (principal) => catalogue.current(principal),
    ready: (principal) => catalogue.current(principal),
    latest: () => catalogue.latest(),
    unlisted: () => [],
    shown: (principal) => catalogue.shown(principal),
    show: (principal) => catalogue.show(principal),
  };
}

function findUnknown({ upstreams }: CompiledServer, known: KnownCatalogue): NotAsked[] {
  return upstreams.flatMap((upstream) =>
    upstream.kind === "mcp" && known(upstream, anonymous).state === "pending"
      ? [
          {
            upstream: upstream.name,
            reason: "Nobody has listed it here as it is configured; a preview does not ask it.",
          },
        ]
      : [],
  );
}

type Shown = Omit<ServerPreview, "notAsked" | "problems">;

async function show(server: CompiledServer, revision: PreviewRevision): Promise<Shown> {
  const budget = { left: maxBytes };
  const viewed = { server, revision, budget };
  const introduction = await measureResult(await introduce(server, revision), budget);
  const tools = await showList(viewed, "tools/list", "tools");
  const prompts = await showList(viewed, "prompts/list", "prompts");
  const resources = await showList(viewed, "resources/list", "resources");
  const resourceTemplates = await showList(viewed, "resources/templates/list", "resourceTemplates");
  const total = sum([introduction, tools, prompts, resources, resourceTemplates]);
  return { revision, introduction, tools, prompts, resources, resourceTemplates, total };
}

interface Viewed {
  readonly server: CompiledServer;
  readonly revision: PreviewRevision;
  readonly budget: { left: number };
}

function introduce(server: CompiledServer, revision: PreviewRevision): string | Promise<string> {
  if (revision === modernRevision) return ask(server, revision, "server/discover", {});
  return describeLegacyServer(server, { principal: anonymous, protocolVersion: revision, rank: rank[revision] });
}

async function ask(
  server: CompiledServer,
  revision: PreviewRevision,
  method: string,
  params: Readonly<Record<string, JsonValue>>,
): Promise<string> {
  const { answer } = startLocalExchange({
    server,
    method,
    params,
    rank: rank[revision],
    principal: anonymous,
    headers: {},
    inquirer: noInquirer,
    logThreshold: Number.POSITIVE_INFINITY,
    onMessage: () => undefined,
  });
  const answered = await answer;
  if (answered.kind === "result") return answered.text;
  throw new AppError("internal", `${method} was not answered: ${answered.message}`);
}

async function showList({ server, revision, budget }: Viewed, method: string, member: string): Promise<PreviewedList> {
  const pages: PreviewedResult[] = [];
  const entries: PreviewedEntry[] = [];
  let cursor: JsonValue | undefined;
  do {
    const text = await ask(server, revision, method, cursor === undefined ? {} : { cursor });
    pages.push(await measureResult(text, budget));
    const result = parseJson(text);
    if (!isJsonObject(result)) break;
    entries.push(...(await measureEntries(result[member])));
    cursor = result["nextCursor"];
  } while (cursor !== undefined);
  return { pages, entries, ...sum(pages) };
}

async function measureEntries(list: JsonValue | undefined): Promise<PreviewedEntry[]> {
  const entries: PreviewedEntry[] = [];
  for (const entry of Array.isArray(list) ? (list as readonly JsonValue[]) : []) {
    // the guard forgets what is in it
    if (!isJsonObject(entry)) continue;
    // Templates and resources are known by their URI; their names need not differ.
    const name = entry["uriTemplate"] ?? entry["uri"] ?? entry["name"];
    entries.push({ name: typeof name === "string" ? name : "", ...(await measure(stringifyJson(entry))) });
  }
  return entries;
}

async function measureResult(text: string, budget: { left: number }): Promise<PreviewedResult> {
  budget.left -= Buffer.byteLength(text);
  if (budget.left < 0) {
    throw new AppError("payload_too_large", `What clients see of this server is more than ${maxBytes} bytes.`);
  }
  return { text, ...(await measure(text)) };
}

async function measure(text: string): Promise<TextSize> {
  return { bytes: Buffer.byteLength(text), tokens: await countTokens(text) };
}

function sum(sizes: readonly TextSize[]): TextSize {
  return {
    bytes: sizes.reduce((total, { bytes }) => total + bytes, 0),
    tokens: sizes.reduce((total, { tokens }) => total + tokens, 0),
  };
}
