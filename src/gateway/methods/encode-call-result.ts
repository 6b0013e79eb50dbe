import type { CallResult } from "../../core/call.ts";
import { parseJson, stringifyJson } from "../../core/lossless-json.ts";
import { filterContent, filterStructured } from "../../protocol/revision-filter.ts";
import { type Rank, rank } from "../../protocol/revisions.ts";
import type { Exchange } from "../exchange.ts";
import { sealResult } from "../seal-result.ts";

/** The `CallToolResult` as the client's revision knows it. */
export function encodeCallResult(exchange: Exchange, result: CallResult): string {
  exchange.toolFailed = result.isError;
  const receiver = exchange.rank;
  const content = result.needsFilter ? filterContentText(result.content, receiver) : result.content;
  let text = `{"content":${content}`;
  if (result.structured !== undefined) {
    const structured = filterStructured(result.structured, receiver);
    if (structured !== undefined) text += `,"structuredContent":${structured}`;
  }
  if (result.isError) text += ',"isError":true';
  return sealResult(exchange, text);
}

/** A `CallToolResult` that tells the model why there is no other. */
export function encodeCallFailure(exchange: Exchange, sentence: string): string {
  const content = `[{"type":"text","text":${JSON.stringify(sentence)}}]`;
  return encodeCallResult(exchange, { kind: "result", content, isError: true, needsFilter: false });
}

function filterContentText(content: string, receiver: Rank): string {
  if (receiver >= rank["2025-06-18"]) return content; // these know every kind of block
  const blocks = parseJson(content);
  return Array.isArray(blocks) ? stringifyJson(filterContent(blocks, receiver)) : content;
}
