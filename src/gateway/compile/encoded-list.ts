import { createHash } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import { type Rank, rank } from "../../protocol/revisions.ts";

export interface EncodedListOptions {
  /** Name of the member that holds the entries, such as `tools`. */
  readonly member: string;
  readonly entries: readonly JsonObject[];
  readonly filter: (entry: JsonObject, receiver: Rank) => JsonObject;
  readonly pageSize: number;
  readonly caching: { readonly ttlMs: number; readonly scope: string };
  readonly modernMeta: string;
}

/**
 * A list result, serialised once per revision and page as the bytes that end a response. The first
 * request for a page pays for it; a cursor is the offset bound to the list's content.
 */
export class EncodedList {
  readonly #options: EncodedListOptions;
  readonly #pages = new Map<number, Buffer>();
  #digest: string | undefined;

  constructor(options: EncodedListOptions) {
    this.#options = options;
  }

  /** The list of those entries that are kept; it is not everybody's, so nobody may share a cached one. */
  narrow(keep: (entry: JsonObject) => boolean): EncodedList {
    const { entries, caching } = this.#options;
    return new EncodedList({
      ...this.#options,
      entries: entries.filter(keep),
      caching: { ...caching, scope: "private" },
    });
  }

  get size(): number {
    return this.#options.entries.length;
  }

  /** Equal digests mean that clients see the same list. */
  get digest(): string {
    this.#digest ??= createHash("sha256").update(stringifyJson(this.#options.entries)).digest("base64url").slice(0, 16);
    return this.#digest;
  }

  /**
   * The result of one page followed by the `}` that ends the response.
   *
   * @throws AppError `invalid_params` when the cursor is not one of this list.
   */
  page(receiver: Rank, cursor: unknown): Buffer {
    const offset = cursor === undefined ? 0 : this.#offsetOf(cursor);
    const key = offset * 8 + receiver;
    let page = this.#pages.get(key);
    if (page === undefined) {
      page = this.#encode(receiver, offset);
      this.#pages.set(key, page);
    }
    return page;
  }

  #encode(receiver: Rank, offset: number): Buffer {
    const { member, entries, filter, pageSize, caching, modernMeta } = this.#options;
    const end = offset + pageSize;
    const shown = entries.slice(offset, end).map((entry) => filter(entry, receiver));
    const next = end < entries.length ? `,"nextCursor":"${this.#cursorAt(end)}"` : "";
    const modern =
      receiver >= rank["2026-07-28"]
        ? `,"resultType":"complete","ttlMs":${caching.ttlMs},"cacheScope":"${caching.scope}"${modernMeta}`
        : "";
    return Buffer.from(`{${JSON.stringify(member)}:${stringifyJson(shown)}${next}${modern}}}`);
  }

  #cursorAt(offset: number): string {
    return Buffer.from(`${this.digest}:${offset}`).toString("base64url");
  }

  /** An empty cursor is a cursor too (specification, pagination): the first page. */
  #offsetOf(cursor: unknown): number {
    if (cursor === "") return 0;
    if (typeof cursor === "string" && cursor.length <= 64) {
      const [digest, position] = Buffer.from(cursor, "base64url").toString().split(":");
      const offset = Number(position);
      const { pageSize, entries } = this.#options;
      if (digest === this.digest && offset > 0 && offset % pageSize === 0 && offset < entries.length) return offset;
    }
    throw new AppError("invalid_params", "The cursor is not valid for this list any more; start again without one.");
  }
}
