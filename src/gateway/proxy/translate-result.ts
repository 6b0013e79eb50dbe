import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { parseJson, stringifyJson } from "../../core/lossless-json.ts";
import { appendMembers, dropMember, editObject, type MemberEdit } from "../../protocol/edit-object.ts";
import { serverInfoKey, subscriptionIdKey } from "../../protocol/modern-request.ts";
import { filterBlock, filterStructured } from "../../protocol/revision-filter.ts";
import { type Rank, rank } from "../../protocol/revisions.ts";
import type { McpResult } from "../../upstreams/mcp/mcp-request.ts";
import type { UriNamespace } from "../catalogue/server-view.ts";
import type { CompiledServer } from "../compile/compiled-server.ts";

export type ProxiedMethod = "tools/call" | "prompts/get" | "resources/read" | "completion/complete";

/** Whose result it is, and who reads it. */
export interface ResultReader {
  readonly exchange: { readonly rank: Rank; readonly server: CompiledServer };
  readonly method: ProxiedMethod;
  /** How URIs of the upstream are written for clients; undefined when they are not rewritten. */
  readonly namespace: UriNamespace | undefined;
}

type Edits = Map<string, MemberEdit>;

const modern = rank["2026-07-28"];

/**
 * The JSON text of an upstream's result in the terms of the client's revision. What need not change is
 * not touched: in most cases the whole text.
 */
export function translateResult(reader: ResultReader, result: McpResult): string {
  const { rank: receiver } = reader.exchange;
  const edits = receiver < modern ? editsForLegacy(receiver, result) : undefined;
  const { namespace } = reader;
  const all =
    namespace === undefined || !holdsUri(result.value)
      ? edits
      : addUriEdits(edits ?? new Map(), reader.method, namespace);
  const text = all === undefined ? result.text : editObject(result.text, all);
  return appendMembers(text, missingMembers(reader, result));
}

/** What a client with a handshake does not know; undefined when there is nothing of it. */
function editsForLegacy(receiver: Rank, { value, rank: sender }: McpResult): Edits | undefined {
  const edits: Edits = new Map();
  if (sender === modern) {
    for (const key of ["resultType", "ttlMs", "cacheScope"]) if (value[key] !== undefined) edits.set(key, dropMember);
    if (isJsonObject(value["_meta"])) edits.set("_meta", withoutModernMeta);
  }
  const { structuredContent } = value;
  if (structuredContent !== undefined && (receiver < rank["2025-06-18"] || !isJsonObject(structuredContent))) {
    edits.set("structuredContent", (text) => filterStructured(text, receiver));
  }
  if (receiver < rank["2025-06-18"]) {
    for (const [key, edit] of blockEdits((block) => filterBlock(block, receiver))) {
      if (holdsBlock(value[key], isNotOld)) edits.set(key, edit);
    }
  }
  return edits.size === 0 ? undefined : edits;
}

const modernMetaEdits: ReadonlyMap<string, MemberEdit> = new Map([
  [serverInfoKey, dropMember],
  [subscriptionIdKey, dropMember],
]);

function withoutModernMeta(text: string): string | undefined {
  const rest = editObject(text, modernMetaEdits);
  return rest === "{}" ? undefined : rest;
}

/** Kinds of blocks that the oldest revision knows. */
const oldBlocks: ReadonlySet<unknown> = new Set(["text", "image", "resource"]);

/** Whether `content`, or the content of one of `messages`, holds a block of such a type. */
function holdsBlock(list: JsonValue | undefined, isMeant: (type: unknown) => boolean): boolean {
  if (!Array.isArray(list)) return false;
  return list.some((entry: JsonValue) => {
    if (!isJsonObject(entry)) return false;
    const { content } = entry;
    return isMeant(isJsonObject(content) ? content["type"] : entry["type"]);
  });
}

function isNotOld(type: unknown): boolean {
  return !oldBlocks.has(type);
}

function namesResource(type: unknown): boolean {
  return type === "resource" || type === "resource_link";
}

function holdsUri({ contents, content, messages }: JsonObject): boolean {
  return contents !== undefined || holdsBlock(content, namesResource) || holdsBlock(messages, namesResource);
}

/** Edits of every place where a result of a tool or a prompt holds content blocks. */
function blockEdits(edit: (block: JsonObject) => JsonObject): [key: string, edit: MemberEdit][] {
  const mapBlock = (block: JsonValue): JsonValue => (isJsonObject(block) ? edit(block) : block);
  const mapMessage = (message: JsonValue): JsonValue =>
    isJsonObject(message) && message["content"] !== undefined
      ? { ...message, content: mapBlock(message["content"]) }
      : message;
  return [
    ["content", mapElements(mapBlock)],
    ["messages", mapElements(mapMessage)],
  ];
}

function mapElements(map: (element: JsonValue) => JsonValue): MemberEdit {
  return (text) => {
    const list = parseJson(text);
    return Array.isArray(list) ? stringifyJson(list.map(map)) : text;
  };
}

/** URIs of the upstream in resource contents, links and embedded resources, as clients know them. */
function addUriEdits(edits: Edits, method: ProxiedMethod, namespace: UriNamespace): Edits {
  const rename = (holder: JsonObject): JsonObject => {
    const { uri } = holder;
    return typeof uri === "string" ? { ...holder, uri: namespace.toClient(uri) } : holder;
  };
  const renameBlock = (block: JsonObject): JsonObject => {
    if (block["type"] === "resource_link") return rename(block);
    const { resource } = block;
    return block["type"] === "resource" && isJsonObject(resource) ? { ...block, resource: rename(resource) } : block;
  };
  const renaming: [string, MemberEdit][] =
    method === "resources/read"
      ? [["contents", mapElements((content) => (isJsonObject(content) ? rename(content) : content))]]
      : blockEdits(renameBlock);
  for (const [key, edit] of renaming) edits.set(key, chain(edit, edits.get(key)));
  return edits;
}

function chain(first: MemberEdit, second: MemberEdit | undefined): MemberEdit {
  if (second === undefined) return first;
  return (text) => {
    const edited = first(text);
    return edited === undefined ? undefined : second(edited);
  };
}

/** Members that the client's revision wants and the result lacks. */
function missingMembers({ exchange, method }: ResultReader, { value, text }: McpResult): string {
  const { rank: receiver, server } = exchange;
  let members = "";
  if (method === "tools/call" && value["content"] === undefined) {
    const isLost = value["structuredContent"] !== undefined && receiver < rank["2025-06-18"];
    members = `,"content":[${isLost ? structuredAsText(text) : ""}]`;
  }
  if (receiver < modern) return members;
  if (value["resultType"] === undefined) members += ',"resultType":"complete"';
  if (method === "resources/read") {
    if (value["ttlMs"] === undefined) members += ',"ttlMs":0';
    if (value["cacheScope"] === undefined) members += ',"cacheScope":"private"';
  }
  return value["_meta"] === undefined ? members + server.modernMeta : members;
}

/** For revisions without structured content: the same as text. */
function structuredAsText(result: string): string {
  const whole = parseJson(result);
  const structured = isJsonObject(whole) ? whole["structuredContent"] : undefined;
  return `{"type":"text","text":${JSON.stringify(stringifyJson(structured ?? null))}}`;
}
