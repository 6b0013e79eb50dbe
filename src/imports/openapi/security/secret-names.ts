import type { Scheme } from "./read-scheme.ts";

/** Names for what schemes need, such as `PETSTORE_API_KEY`: readable, and each given once. */
export class SecretNames {
  readonly #prefix: string;
  readonly #taken = new Set<string>();

  /** @param prefix what the upstream is called; may be empty */
  constructor(prefix: string) {
    this.#prefix = wordsOf(prefix).join("_");
  }

  /** @param isOnly whether no other scheme of the description is of this kind */
  name(scheme: string, kind: Scheme["kind"], isOnly: boolean, part?: string): string {
    const words = wordsOf(scheme);
    const telling = words.filter((word, index) => index === 0 || !filler.has(word));
    const wanted = part ?? (kind === "bearer" ? "TOKEN" : undefined);
    const own = wanted === undefined ? keyName(telling) : isOnly ? [wanted] : [...telling, wanted];
    const plain = [this.#prefix, ...own]
      .filter((word) => word !== "")
      .join("_")
      .slice(0, maxLength);
    let name = plain;
    for (let number = 2; this.#taken.has(name); number++) name = `${plain}_${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** Names have at most 64 characters; a number may follow. */
const maxLength = 58;

/** Words that say no more than that it is about security. */
const filler: ReadonlySet<string> = new Set(["AUTH", "AUTHENTICATION", "AUTHORIZATION", "SECURITY", "SCHEME"]);

function keyName(words: readonly string[]): readonly string[] {
  const saysWhatItIs = words.some((word) => /(?:KEY|TOKEN|SECRET|ID|PASSWORD|SESSION)$/.test(word));
  return saysWhatItIs ? words : [...words, "KEY"];
}

/** `petStore-api` has the words PET, STORE and API. */
function wordsOf(name: string): readonly string[] {
  return name
    .normalize("NFKD")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => word.toUpperCase());
}
