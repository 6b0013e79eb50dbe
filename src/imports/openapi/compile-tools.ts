import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ImportNote, ReportedEntry } from "../report/import-report.ts";
import { upstreamKey } from "./assembly/assemble-document.ts";
import { assembleTool, definitionText } from "./assembly/assemble-tool.ts";
import { compileOperation } from "./compile-operation.ts";
import type { Description, OperationOutcome, OperationSource, SecurityUse } from "./description.ts";
import { nameOperations } from "./naming/name-operations.ts";
import type { OpenApiChoices, OpenApiParts } from "./openapi-import.ts";
import { chooseOperations } from "./selection/choose-operations.ts";
import { type ListedOperation, listOperations } from "./selection/list-operations.ts";
import { hintsOf, type OperationHints } from "./selection/operation-hints.ts";

export interface CompiledTool {
  readonly tool: JsonObject;
  readonly security: readonly SecurityUse[];
  readonly entry: ReportedEntry;
}

export interface CompiledTools {
  readonly tools: readonly CompiledTool[];
  /** One for every operation of the description, in its order. */
  readonly entries: readonly ReportedEntry[];
}

/** Largest definition of one tool. No model reads more, and a document of some of them could not be kept. */
const maxDefinitionCharacters = 524_288;
/** Above this the schema of the result is left out before the tool is refused. */
const maxWithOutputCharacters = 131_072;
/** How often progress is told. */
const progressEvery = 100;

/** Compiles each operation that is chosen. Whatever one of them is like, the others are compiled. */
export async function compileTools(
  description: Description,
  choices: OpenApiChoices,
  parts: OpenApiParts,
): Promise<CompiledTools> {
  const count = countOrEstimate(parts.countTokens);
  const listed = listOperations(description);
  const prepared = prepare(listed, description, choices);
  const choose = chooseOperations(choices.operations ?? {});
  const tools: CompiledTool[] = [];
  const entries: ReportedEntry[] = [];
  for (const [index, operation] of listed.entries()) {
    if (index % progressEvery === 0) parts.progress?.({ done: index, all: listed.length });
    if (operation.kind === "unreadable") {
      const { label, message, pointer } = operation;
      entries.push({ outcome: "refused", source: label, notes: [{ code: "operation-unreadable", message, pointer }] });
      continue;
    }
    const { source, label } = operation;
    const { hints = {}, name = "" } = prepared.get(operation) ?? {};
    const reason = choose(source, hints);
    if (reason !== undefined) {
      const note = { code: "not-chosen", message: `Left out: ${reason}.`, pointer: source.operation.pointer };
      entries.push({ outcome: "left-out", source: label, tool: name, notes: [note] });
      continue;
    }
    const tool = await compileTool({ source, label, hints, name }, description, choices, count);
    entries.push(tool.entry);
    if (tool.tool !== undefined) tools.push({ ...tool, tool: tool.tool });
  }
  parts.progress?.({ done: listed.length, all: listed.length });
  return { tools, entries };
}

interface Prepared {
  readonly hints: OperationHints;
  readonly name: string;
}

/** Hints and names of all operations, so that a name does not depend on which are chosen. */
function prepare(
  listed: readonly ListedOperation[],
  { root }: Description,
  { names = {} }: OpenApiChoices,
): ReadonlyMap<ListedOperation, Prepared> {
  const readable = listed.filter((operation) => operation.kind === "operation");
  const hinted = readable.map(({ source }) => hintsOf(source, root.value));
  const found = nameOperations(
    readable.map(({ source: { method, path, operation }, label }, index) => {
      const id = operation.value["operationId"];
      const wanted = Object.hasOwn(names, label) ? names[label] : hinted[index]?.name;
      return {
        method,
        path,
        ...(typeof id === "string" ? { operationId: id } : {}),
        ...(wanted === undefined ? {} : { wanted }),
      };
    }),
  );
  return new Map(
    readable.map((operation, index) => [operation, { hints: hinted[index] ?? {}, name: found[index] ?? "" }]),
  );
}

/** So many definitions are counted; of a longer list the others are estimated by what those had for a character. */
export const mostCounted = 1_000;

function countOrEstimate(countTokens: OpenApiParts["countTokens"]): OpenApiParts["countTokens"] {
  let calls = 0;
  let characters = 0;
  let tokens = 0;
  return async (text) => {
    if (calls >= mostCounted) return Math.round((text.length * tokens) / Math.max(characters, 1));
    calls++;
    const counted = await countTokens(text);
    characters += text.length;
    tokens += counted;
    return counted;
  };
}

interface ToCompile extends Prepared {
  readonly source: OperationSource;
  readonly label: string;
}

async function compileTool(
  { source, label, hints, name }: ToCompile,
  description: Description,
  choices: OpenApiChoices,
  countTokens: OpenApiParts["countTokens"],
): Promise<{ tool?: JsonObject; entry: ReportedEntry; security: readonly SecurityUse[] }> {
  const outcome = compileSafely(source, description);
  if (outcome.kind === "refused") {
    return { entry: { outcome: "refused", source: label, tool: name, notes: outcome.notes }, security: [] };
  }
  const { descriptionLength = 600, parameterDescriptionLength = 200 } = choices;
  const options = { name, upstream: upstreamKey, hints, descriptionLength, parameterDescriptionLength };
  const whole = assembleTool(source, outcome.parts, options);
  const { tool, definition, notes: sizeNotes } = fitSize(whole, source.operation.pointer);
  const notes = [...outcome.notes, ...sizeNotes, ...serverNotes(source)];
  if (tool === undefined) return { entry: { outcome: "refused", source: label, tool: name, notes }, security: [] };
  const tokens = await countTokens(definition);
  const kind = notes.length === 0 ? "taken" : "changed";
  return { tool, entry: { outcome: kind, source: label, tool: name, tokens, notes }, security: outcome.security };
}

function compileSafely(source: OperationSource, description: Description): OperationOutcome {
  try {
    return compileOperation(source, description);
  } catch (error) {
    // What no rule has foreseen must not take the other operations along.
    const isKnown = error instanceof AppError;
    const reason = error instanceof Error ? error.message : String(error);
    const message = isKnown ? reason : `The operation could not be compiled (${reason}). Please report it.`;
    return {
      kind: "refused",
      notes: [{ code: isKnown ? "operation-broken" : "operation-failed", message, pointer: source.operation.pointer }],
    };
  }
}

interface FitTool {
  /** Absent when the tool is too large. */
  readonly tool?: JsonObject;
  /** What clients are told about it. */
  readonly definition: string;
  readonly notes: readonly ImportNote[];
}

function fitSize(tool: JsonObject, pointer: string): FitTool {
  const definition = definitionText(tool);
  const size = definition.length;
  if (size <= maxWithOutputCharacters) return { tool, definition, notes: [] };
  const { output, ...rest } = tool;
  const small = output === undefined ? definition : definitionText(rest);
  if (small.length > maxDefinitionCharacters) {
    const message = `The definition would have ${small.length} characters; ${maxDefinitionCharacters} are the most. Make its schemas smaller with an overlay.`;
    return { definition, notes: [{ code: "definition-too-large", message, pointer }] };
  }
  if (output === undefined) return { tool, definition, notes: [] };
  const message = `The schema of the result was left out: with it the definition would have ${size} characters.`;
  return { tool: rest, definition: small, notes: [{ code: "output-too-large", message, pointer }] };
}

/** A document's upstream has one base URL. */
function serverNotes({ operation, pathItem }: OperationSource): ImportNote[] {
  const holder = [operation, pathItem].find(({ value }) => Array.isArray(value["servers"]));
  if (holder === undefined) return [];
  const message =
    "The operation names servers of its own; the base URL of the document is called all the same. Move the tool to another upstream if it is elsewhere.";
  return [{ code: "own-servers", message, pointer: `${holder.pointer}/servers` }];
}
