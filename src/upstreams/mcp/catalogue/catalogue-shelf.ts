import type { Principal } from "../../../core/principal.ts";
import { CatalogueKeeper, type CatalogueKeeperOptions } from "./catalogue-keeper.ts";

export interface CatalogueShelfOptions extends Omit<CatalogueKeeperOptions, "onChange"> {
  /** @param principalId undefined for the catalogue of everybody */
  readonly onChange: (principalId: string | undefined) => void;
}

/** Catalogues of principals that are remembered; the one that nobody asked for longest makes room. */
const maxCatalogues = 1_000;

/** The catalogues of one upstream: one for everybody, or one per principal. */
export class CatalogueShelf {
  readonly #options: CatalogueShelfOptions;
  readonly #byPrincipal = new Map<string, CatalogueKeeper>();
  #common: CatalogueKeeper | undefined;
  /** The one that was asked for last, for `/status`. */
  #recent: CatalogueKeeper | undefined;
  #asked = 0;

  constructor(options: CatalogueShelfOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byPrincipal.size + (this.#common === undefined ? 0 : 1);
  }

  get recent(): CatalogueKeeper | undefined {
    return this.#recent;
  }

  /** The catalogue of everybody. What was remembered of principals is given up: they see this one. */
  common(): CatalogueKeeper {
    if (this.#byPrincipal.size > 0) this.#clearPrincipals();
    this.#common ??= new CatalogueKeeper({ ...this.#options, onChange: () => this.#options.onChange(undefined) });
    return this.#common;
  }

  /** The catalogue of one principal. */
  of({ kind, id }: Principal): CatalogueKeeper {
    // Ids are unique per kind only.
    const key = kind === "key" ? id : `\n${kind}`;
    const known = this.#byPrincipal.get(key);
    if (known !== undefined) return known;
    if (this.#byPrincipal.size >= maxCatalogues) this.#dropLongestUnasked();
    const keeper = new CatalogueKeeper({ ...this.#options, onChange: () => this.#options.onChange(id) });
    this.#byPrincipal.set(key, keeper);
    return keeper;
  }

  /** Notes that somebody has asked for it. */
  touch(keeper: CatalogueKeeper): void {
    keeper.lastAsked = ++this.#asked;
    this.#recent = keeper;
  }

  close(): void {
    this.#clearPrincipals();
    this.#common?.close();
  }

  #clearPrincipals(): void {
    for (const keeper of this.#byPrincipal.values()) keeper.close();
    this.#byPrincipal.clear();
  }

  #dropLongestUnasked(): void {
    let longest: [string, CatalogueKeeper] | undefined;
    for (const entry of this.#byPrincipal) {
      if (longest === undefined || entry[1].lastAsked < longest[1].lastAsked) longest = entry;
    }
    if (longest === undefined) return;
    this.#byPrincipal.delete(longest[0]);
    longest[1].close();
  }
}
