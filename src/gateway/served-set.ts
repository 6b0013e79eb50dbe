import { type Candidate, type Claim, Claims } from "./compile/claim-servers.ts";
import type { CompiledServer } from "./compile/compiled-server.ts";
import { RouteTable } from "./route-table.ts";
import { Snapshot } from "./snapshot.ts";

/** What the next snapshot serves, one document after the other: work over all documents is done in slices. */
export class ServedSet<C extends Candidate> {
  readonly claims = new Map<string, Claim<C>>();
  readonly servers = new Map<string, CompiledServer>();
  readonly #routes = new RouteTable();
  readonly #claims = new Claims();

  /** Call it in the order of claims. */
  add(entry: C): Claim<C> {
    const claim = this.#claims.claim(entry);
    this.claims.set(entry.key, claim);
    if (claim.server !== undefined) {
      this.servers.set(claim.server.key, claim.server);
      this.#routes.add(claim.server);
    }
    return claim;
  }

  /** A snapshot of what was added; it grows while more is. */
  snapshot(revision: string): Snapshot {
    return new Snapshot(revision, this.servers, this.#routes);
  }
}
