import type { SourceDocument } from "../../core/config-source.ts";
import type { LocatedProblem } from "../../core/problem.ts";
import type { CompiledServer } from "./compiled-server.ts";

/** A document that wants to be served. */
export interface Candidate {
  readonly key: string;
  readonly source: SourceDocument;
  /** The version as read, when it is good. */
  readonly compiled: CompiledServer | undefined;
  /** The version that serves already. */
  readonly lastGood: CompiledServer | undefined;
}

export interface Claim<C extends Candidate> {
  readonly entry: C;
  /** What is served of it: this version, the last good one, or nothing. */
  readonly server: CompiledServer | undefined;
  readonly state: "served" | "kept" | "refused";
  readonly problems: readonly LocatedProblem[];
}

/**
 * Gives each document its name and prefixes. Who serves already keeps what it has; the next in order
 * that claims the same is refused, and its last good version serves on if that claims nothing taken.
 */
export function claimServers<C extends Candidate>(
  entries: readonly C[],
  served: ReadonlySet<string>,
): Map<string, Claim<C>> {
  const owners = new Map<string, string>();
  const claims = new Map<string, Claim<C>>();
  const ordered = [...entries.filter(({ key }) => served.has(key)), ...entries.filter(({ key }) => !served.has(key))];
  for (const entry of ordered) claims.set(entry.key, claim(entry, owners));
  return claims;
}

function claim<C extends Candidate>(entry: C, owners: Map<string, string>): Claim<C> {
  const conflicts = entry.compiled === undefined ? [] : findConflicts(entry, entry.compiled, owners);
  if (entry.compiled !== undefined && conflicts.length === 0) {
    take(entry.key, entry.compiled, owners);
    return { entry, server: entry.compiled, state: "served", problems: [] };
  }
  const { lastGood } = entry;
  if (lastGood !== undefined && findConflicts(entry, lastGood, owners).length === 0) {
    take(entry.key, lastGood, owners);
    return { entry, server: lastGood, state: "kept", problems: conflicts };
  }
  return { entry, server: undefined, state: "refused", problems: conflicts };
}

function take(key: string, server: CompiledServer, owners: Map<string, string>): void {
  owners.set(`name ${server.key}`, key);
  for (const { prefix } of server.routes) owners.set(`prefix ${prefix}`, key);
}

function findConflicts(
  entry: Candidate,
  server: CompiledServer,
  owners: ReadonlyMap<string, string>,
): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const nameOwner = owners.get(`name ${server.key}`);
  if (nameOwner !== undefined) {
    problems.push({
      severity: "error",
      path: ["name"],
      message: `the server ${server.key} is defined by ${nameOwner} already`,
      mend: "give it another name or tenant",
      ...entry.source.locate(["name"]),
    });
  }
  server.routes.forEach(({ prefix }, i) => {
    const owner = owners.get(`prefix ${prefix}`);
    if (owner === undefined) return;
    problems.push({
      severity: "error",
      path: ["routes", i, "prefix"],
      message: `the prefix ${prefix} is claimed by ${owner} already`,
      mend: "choose another prefix",
      ...entry.source.locate(["routes", i, "prefix"]),
    });
  });
  return problems;
}
