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

/** The order in which documents claim: who serves already keeps what it has. */
export function inClaimOrder<C extends Candidate>(entries: readonly C[]): C[] {
  const serves = ({ lastGood }: C): boolean => lastGood !== undefined;
  return [...entries.filter(serves), ...entries.filter((entry) => !serves(entry))];
}

/**
 * Gives documents their names and prefixes in the order in which they come. The next that claims the same
 * is refused, and its last good version serves on if that claims nothing taken.
 */
export class Claims {
  /** Keys of the documents that have them. */
  readonly #names = new Map<string, string>();
  readonly #prefixes = new Map<string, string>();

  claim<C extends Candidate>(entry: C): Claim<C> {
    const { compiled, lastGood } = entry;
    const conflicts = compiled === undefined ? [] : this.#findConflicts(entry, compiled);
    if (compiled !== undefined && conflicts.length === 0) {
      this.#take(entry.key, compiled);
      return { entry, server: compiled, state: "served", problems: conflicts };
    }
    if (lastGood !== undefined && this.#findConflicts(entry, lastGood).length === 0) {
      this.#take(entry.key, lastGood);
      return { entry, server: lastGood, state: "kept", problems: conflicts };
    }
    return { entry, server: undefined, state: "refused", problems: conflicts };
  }

  #take(key: string, server: CompiledServer): void {
    this.#names.set(server.key, key);
    for (const { prefix } of server.routes) this.#prefixes.set(prefix, key);
  }

  #findConflicts(entry: Candidate, server: CompiledServer): LocatedProblem[] {
    const problems: LocatedProblem[] = [];
    const nameOwner = this.#names.get(server.key);
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
      const owner = this.#prefixes.get(prefix);
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
}
