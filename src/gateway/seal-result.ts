import { type Rank, rank } from "../protocol/revisions.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";

/** Whose result it is, and which revision reads it. */
interface Receiver {
  readonly rank: Rank;
  readonly server: CompiledServer;
}

/** Ends the JSON text of a result that lacks its closing brace, with what the receiver's revision wants in every result. */
export function sealResult({ rank: receiver, server }: Receiver, open: string): string {
  return receiver === rank["2026-07-28"] ? `${open},"resultType":"complete"${server.modernMeta}}` : `${open}}`;
}

/** The same for a result that clients of 2026-07-28 may keep. */
export function sealCacheableResult(receiver: Receiver, open: string): string {
  if (receiver.rank < rank["2026-07-28"]) return `${open}}`;
  const { ttlMs, scope } = receiver.server.document.caching;
  return sealResult(receiver, `${open},"ttlMs":${ttlMs},"cacheScope":"${scope}"`);
}
