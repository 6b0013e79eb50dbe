import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { AppError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { parseJson } from "../../../core/lossless-json.ts";
import type { McpConnection } from "../connection.ts";
import type { McpReply, McpRequest } from "../mcp-request.ts";

/** The lists of an MCP server: where they come from, and what makes an entry one. */
export const lists = {
  tools: { method: "tools/list", capability: "tools", identifier: "name" },
  prompts: { method: "prompts/list", capability: "prompts", identifier: "name" },
  resources: { method: "resources/list", capability: "resources", identifier: "uri" },
  resourceTemplates: { method: "resources/templates/list", capability: "resources", identifier: "uriTemplate" },
} as const;

export type ListName = keyof typeof lists;

export interface LoadedList {
  readonly entries: readonly JsonObject[];
  /** How long the server says the list keeps (2026-07-28); undefined when it says nothing. */
  readonly ttlMs: number | undefined;
}

export interface LoadListOptions {
  readonly connection: McpConnection;
  readonly name: ListName;
  readonly deadlineAt: number;
  readonly log: Log;
  /** The upstream's name, for the log. */
  readonly upstream: string;
}

/** A server may offer this much; what goes beyond is left out, with a warning. */
export const listLimits = { entries: 10_000, pages: 1_000, characters: 8 * 1_024 * 1_024 };

const methodNotFound = -32601;

/**
 * Reads one list of a server, all pages of it, in its order. A list that the server does not have is
 * empty. Rejects with `AppError` when a page does not arrive or is none.
 */
export async function loadList(options: LoadListOptions): Promise<LoadedList> {
  const { connection, name, deadlineAt, log, upstream } = options;
  const reader = new ListReader(name);
  if (!Object.hasOwn(connection.server.capabilities, lists[name].capability)) return reader.list;
  let cursor: string | undefined;
  do {
    const reply = await connection.requestOwn(pageRequest(name, cursor), deadlineAt);
    cursor = reader.read(reply);
  } while (cursor !== undefined);
  if (reader.skipped > 0) {
    log.warn("entries of an upstream's list left out", { upstream, list: name, count: reader.skipped });
  }
  if (reader.cut !== undefined) {
    log.warn("upstream's list cut", { upstream, list: name, reason: reader.cut, entries: reader.list.entries.length });
  }
  return reader.list;
}

function pageRequest(name: ListName, cursor: string | undefined): McpRequest {
  return {
    method: lists[name].method,
    params: cursor === undefined ? "{" : `{"cursor":${JSON.stringify(cursor)}`,
    meta: undefined,
    name: undefined,
    mirrored: [],
    isIdempotent: true,
  };
}

/** Collects the pages of one list within bounds. */
class ListReader {
  /** Entries that are no objects or have nothing to call them by. */
  skipped = 0;
  /** Why the rest of the list was not read; undefined when it was. */
  cut: string | undefined;
  readonly #name: ListName;
  readonly #entries: JsonObject[] = [];
  readonly #cursors = new Set<string>();
  #characters = 0;
  #ttlMs: number | undefined;

  constructor(name: ListName) {
    this.#name = name;
  }

  get list(): LoadedList {
    return { entries: this.#entries, ttlMs: this.#ttlMs };
  }

  /** Reads a page. Returns the cursor of the next one; undefined after the last. */
  read(reply: McpReply): string | undefined {
    if (reply.kind === "error") {
      if (reply.code === methodNotFound) return undefined;
      throw new AppError("upstream_failed", `\`${lists[this.#name].method}\` was refused: ${reply.message}`);
    }
    this.#characters += reply.text.length;
    const page = parseJson(reply.text);
    const entries = isJsonObject(page) ? page[this.#name] : undefined;
    if (!isJsonObject(page) || !Array.isArray(entries)) {
      throw new AppError("upstream_failed", `\`${lists[this.#name].method}\` was answered without \`${this.#name}\`.`);
    }
    for (const entry of entries) this.#add(entry);
    const { ttlMs, nextCursor } = page;
    if (typeof ttlMs === "number" && ttlMs >= 0) this.#ttlMs = Math.min(ttlMs, this.#ttlMs ?? ttlMs);
    return this.cut === undefined && typeof nextCursor === "string" ? this.#follow(nextCursor) : undefined;
  }

  #add(entry: unknown): void {
    if (!isJsonObject(entry) || typeof entry[lists[this.#name].identifier] !== "string") this.skipped++;
    else if (this.#entries.length < listLimits.entries) this.#entries.push(entry);
    else this.cut = `more than ${listLimits.entries} entries`;
  }

  #follow(cursor: string): string | undefined {
    if (this.#cursors.has(cursor)) this.cut = "a cursor came twice";
    else if (this.#cursors.size + 1 >= listLimits.pages) this.cut = `more than ${listLimits.pages} pages`;
    else if (this.#characters > listLimits.characters) this.cut = `more than ${listLimits.characters} characters`;
    if (this.cut !== undefined) return undefined;
    this.#cursors.add(cursor);
    return cursor;
  }
}
