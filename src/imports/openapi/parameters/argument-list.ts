import type { JsonObject } from "../../../core/json.ts";
import type { Draft } from "../schema/conversion.ts";

export type ArgumentPlace = "path" | "query" | "header" | "cookie" | "body";

interface Argument {
  readonly draft: Draft;
  readonly isRequired: boolean;
}

/** What clients of every make take as the name of an argument. */
const legalName = /^[A-Za-z0-9_.-]{1,64}$/;
const maxNameLength = 64;

/** The arguments of a tool: each has a name of its own that clients take. */
export class ArgumentList {
  readonly #arguments = new Map<string, Argument>();
  /** Names of the arguments that one needs beside itself. */
  readonly #needed = new Map<string, readonly string[]>();

  /**
   * Adds an argument and gives its name: the one that is wanted, readable and legal; with its place before it
   * when another argument has that name already. Who comes first keeps the plain name.
   */
  add(wanted: string, place: ArgumentPlace, draft: Draft, isRequired: boolean): string {
    const name = this.nameFor(wanted, place);
    this.#arguments.set(name, { draft, isRequired });
    return name;
  }

  /**
   * Adds the arguments of something that may be left out as a whole: none of them is required, but each needs those
   * that are required within it.
   */
  addOptionalWhole<T>(add: () => T): T {
    const before = new Set(this.#arguments.keys());
    const result = add();
    const added = [...this.#arguments].filter(([name]) => !before.has(name));
    const required = added.filter(([, { isRequired }]) => isRequired).map(([name]) => name);
    for (const [name, { draft }] of added) {
      this.#arguments.set(name, { draft, isRequired: false });
      const others = required.filter((other) => other !== name);
      if (others.length > 0) this.#needed.set(name, others);
    }
    return result;
  }

  has(wanted: string, place: ArgumentPlace): boolean {
    return this.#arguments.has(readableName(wanted, place));
  }

  get size(): number {
    return this.#arguments.size;
  }

  nameFor(wanted: string, place: ArgumentPlace): string {
    const plain = readableName(wanted, place);
    if (!this.#arguments.has(plain)) return plain;
    const placed = `${place}_${plain}`.slice(0, maxNameLength);
    let name = placed;
    for (let number = 2; this.#arguments.has(name); number++) {
      name = `${placed.slice(0, maxNameLength - 8)}_${number}`;
    }
    return name;
  }

  /** The schema of all arguments together. */
  draft(): JsonObject {
    const entries = [...this.#arguments];
    const required = entries.filter(([, { isRequired }]) => isRequired).map(([name]) => name);
    return {
      type: "object",
      ...(required.length === 0 ? {} : { required }),
      ...(entries.length === 0
        ? {}
        : { properties: Object.fromEntries(entries.map(([name, { draft }]) => [name, draft])) }),
      ...(this.#needed.size === 0 ? {} : { dependentRequired: Object.fromEntries(this.#needed) }),
      additionalProperties: false,
    };
  }
}

/** `filter[name]` becomes `filter_name`, `$top` `top`, and the header `X-Api-Version` `x_api_version`. */
function readableName(name: string, place: ArgumentPlace): string {
  const isHeader = place === "header";
  if (legalName.test(name) && !isHeader && name !== "__proto__") return name;
  const ascii = name.normalize("NFKD").replace(/\p{Mn}+/gu, "");
  const words = ascii.replace(isHeader ? /[^A-Za-z0-9]+/g : /[^A-Za-z0-9_.-]+/g, "_");
  const cut = words.slice(0, maxNameLength).replace(/^_+|_+$/g, "");
  if (cut === "") return place === "body" ? "field" : "parameter";
  return isHeader ? cut.toLowerCase() : cut;
}
