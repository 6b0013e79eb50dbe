import type { JsonObject } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import { celMember } from "../document/cel-text.ts";

/** A secret that a document names. Its value is nowhere in the document or the report. */
export interface NeededSecret {
  readonly name: string;
  /** What it is for, in words that follow "for": `the header Authorization of mcpServers.github`. */
  readonly purpose: string;
}

/** Names of secrets, each given to one value. */
export class NeededSecrets {
  readonly #byName = new Map<string, { readonly value: string | undefined; readonly purpose: string }>();

  /**
   * The CEL source of a secret. The same value under the same suggestion is the same secret; another value gets
   * another name. Without a value it is one that the source of the import only refers to.
   */
  reference(suggestion: string, purpose: string, value?: string): string {
    return celMember("secrets", this.#nameFor(toSecretName(suggestion), purpose, value));
  }

  /** Those that the documents name: what was refused needs none. */
  list(documents: readonly JsonObject[]): NeededSecret[] {
    const text = stringifyJson(documents);
    return [...this.#byName]
      .filter(([name]) => new RegExp(`\\bsecrets(?:\\.|\\[\\\\*")${name}\\b`).test(text))
      .map(([name, { purpose }]) => ({ name, purpose }));
  }

  #nameFor(name: string, purpose: string, value: string | undefined): string {
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${name.slice(0, 60)}_${number}`;
      const before = this.#byName.get(candidate);
      if (before === undefined) this.#byName.set(candidate, { value, purpose });
      else if (before.value !== value) continue;
      return candidate;
    }
  }
}

function toSecretName(text: string): string {
  const name = text
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .toUpperCase()
    .slice(0, 64);
  if (name === "") return "SECRET";
  return /^\d/.test(name) ? `SECRET_${name}`.slice(0, 64) : name;
}
