/**
 * The protocol revisions as an order: a feature is known from a rank on, and a message is filtered
 * down to the rank of its receiver.
 */
export const rank = {
  "2024-11-05": 0,
  "2025-03-26": 1,
  "2025-06-18": 2,
  "2025-11-25": 3,
  "2026-07-28": 4,
} as const;

export type Revision = keyof typeof rank;
export type Rank = (typeof rank)[Revision];

export const modernRevision = "2026-07-28" satisfies Revision;
export const latestLegacyRevision = "2025-11-25" satisfies Revision;
/** What a client without `MCP-Protocol-Version` speaks (2025-03-26, transports). */
export const headerlessRevision = "2025-03-26" satisfies Revision;
export const modernRevisions: readonly Revision[] = [modernRevision];

const legacyRanks = new Map<string, Rank>([
  ["2024-10-07", rank["2024-11-05"]], // never released on its own; old clients send it
  ["2024-11-05", rank["2024-11-05"]],
  ["2025-03-26", rank["2025-03-26"]],
  ["2025-06-18", rank["2025-06-18"]],
  ["2025-11-25", rank["2025-11-25"]],
]);

/** The rank of a revision with a handshake; undefined for any other text. */
export function legacyRank(version: string): Rank | undefined {
  return legacyRanks.get(version);
}

/** What `initialize` answers: the client's revision when it is served, else the newest with a handshake. */
export function negotiateLegacy(requested: string): { protocolVersion: string; rank: Rank } {
  const known = legacyRanks.get(requested);
  if (known !== undefined) return { protocolVersion: requested, rank: known };
  return { protocolVersion: latestLegacyRevision, rank: rank[latestLegacyRevision] };
}
