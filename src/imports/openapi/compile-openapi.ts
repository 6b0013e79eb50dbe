import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { ImportNote, ReportedEntry } from "../report/import-report.ts";
import { writeDocument } from "../write-document.ts";
import { assembleDocument, nameOf } from "./assembly/assemble-document.ts";
import { dropUnfit } from "./assembly/drop-unfit.ts";
import { proposeBaseUrl } from "./assembly/propose-base-url.ts";
import { compileTools, type CompiledTool, mostCounted } from "./compile-tools.ts";
import type {
  OpenApiChoices,
  OpenApiImport,
  OpenApiParts,
  OpenApiSource,
  OpenApiStatistics,
} from "./openapi-import.ts";
import { readDescription } from "./reading/read-description.ts";
import { type CompiledSecurity, compileSecurity, type CredentialParts } from "./security/compile-security.ts";
import { printable } from "./text/printable.ts";

/**
 * Makes a document of an OpenAPI description: one upstream, and a tool for each operation that was chosen. The same
 * input gives the same answer. One operation that cannot be taken is reported and kills no other. Fails with
 * `AppError("unprocessable")` when the text is no description, an overlay is none, or there is nothing to call.
 * Runs for seconds on large descriptions and holds the event loop meanwhile: run it in a worker.
 */
export async function compileOpenApi(
  source: OpenApiSource,
  choices: OpenApiChoices,
  parts: OpenApiParts,
): Promise<OpenApiImport> {
  const notes: ImportNote[] = [];
  const { description, label } = await readDescription(source, parts, (note) => notes.push(note));
  const root = description.root.value;
  const base = baseUrlOf(root, source, choices);
  notes.push(...base.notes);
  const compiled = await compileTools(description, choices, parts);
  const assemble = (tools: readonly CompiledTool[]): Assembled => {
    const security = compileSecurity(
      description,
      tools.map((tool) => tool.security),
      { prefix: nameOf(root, choices), baseUrl: base.baseUrl },
    );
    const withCredentials = tools.map(({ tool, security: uses }) => addCredentials(tool, security.requestOf(uses)));
    return {
      security,
      document: assembleDocument({ root, choices, baseUrl: base.baseUrl, security, tools: withCredentials }),
    };
  };
  const { tools, refused } = dropUnfit(compiled.tools, (some) => assemble(some).document, parts.judge);
  const { document, security } = assemble(tools);
  notes.push(...security.notes);
  const entries = compiled.entries.map((entry) => refused.get(entry) ?? entry);
  const statistics = statisticsOf(entries);
  const text = writeDocument(document, commentOf(source, label, statistics));
  notes.push(...sizeNotes(text, statistics));
  return { document, text, report: { entries, notes }, secrets: security.secrets, statistics };
}

interface Assembled {
  readonly document: JsonObject;
  readonly security: CompiledSecurity;
}

/** What only some operations need is sent by their own requests. */
function addCredentials(tool: JsonObject, credentials: CredentialParts): JsonObject {
  const { request } = tool;
  const added = Object.entries(credentials);
  if (added.length === 0 || !isJsonObject(request)) return tool;
  const members = added.map(([key, values]): [string, JsonObject] => {
    const there = request[key];
    return [key, { ...(isJsonObject(there) ? there : {}), ...values }];
  });
  return { ...tool, request: { ...request, ...Object.fromEntries(members) } };
}

function baseUrlOf(
  root: JsonObject,
  source: OpenApiSource,
  { baseUrl }: OpenApiChoices,
): ReturnType<typeof requireBase> {
  return baseUrl === undefined ? requireBase(root, source) : { baseUrl, notes: [] };
}

function requireBase(root: JsonObject, source: OpenApiSource): { baseUrl: string; notes: readonly ImportNote[] } {
  const proposed = proposeBaseUrl(root, source.address);
  if (proposed !== undefined) return proposed;
  throw new AppError(
    "unprocessable",
    `${source.name}: the description names no server that can be called (\`servers\`). Say where the API is with a base URL (--base-url).`,
  );
}

function statisticsOf(entries: readonly ReportedEntry[]): OpenApiStatistics {
  const count = (outcome: ReportedEntry["outcome"]): number =>
    entries.filter((entry) => entry.outcome === outcome).length;
  return {
    operations: entries.length,
    tools: count("taken") + count("changed"),
    refused: count("refused"),
    leftOut: count("left-out"),
    tokens: entries.reduce((total, { tokens = 0 }) => total + tokens, 0),
  };
}

/** No time and no version of the program: the same description gives the same text. */
function commentOf(source: OpenApiSource, label: string, { operations, tools }: OpenApiStatistics): string[] {
  const overlays = (source.overlays ?? []).map(({ name }) => printable(name));
  return [
    `Made from ${printable(source.name)} (${label}): ${tools} of ${operations} operations.`,
    ...(overlays.length === 0 ? [] : [`Overlays: ${overlays.join(", ")}.`]),
  ];
}

/** Largest document that stores take (`core/document-rules.ts` says so when it is saved). */
const largestStored = 4 * 1_048_576;
/** Lists that are longer are known to make clients choose badly, or to be cut. */
const manyTools = 128;

function sizeNotes(text: string, { tools, tokens }: OpenApiStatistics): ImportNote[] {
  const notes: ImportNote[] = [];
  if (tools === 0)
    notes.push({
      code: "no-tools",
      message: "No operation became a tool. Choose others (--all, --tag, --operation), or see why they were refused.",
    });
  if (tools > manyTools) {
    const message = `${tools} tools take ${tokens} tokens of a model's context, and some clients take no more than ${manyTools}. Choose fewer, by tag or path.`;
    notes.push({ code: "many-tools", message });
  }
  if (tools > mostCounted) {
    notes.push({
      code: "tokens-estimated",
      message: `The tokens of ${mostCounted} tools were counted, those of the others estimated by their length.`,
    });
  }
  if (Buffer.byteLength(text) > largestStored) {
    const message = `The document has more than ${largestStored / 1_048_576} MB, the most that a store takes. Choose fewer operations, or make several documents.`;
    notes.push({ code: "document-too-large", message });
  }
  return notes;
}
