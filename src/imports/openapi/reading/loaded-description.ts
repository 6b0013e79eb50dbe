import { AppError } from "../../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import type { Description, Located } from "../description.ts";
import { upgradeDocument, upgradeFragment } from "../upgrade/upgrade-document.ts";
import type { DescriptionVersion } from "./detect-version.ts";
import { baseAt, type DocumentSet, type RawDocument } from "./document-set.ts";
import { memberOf, pointerTo, valueAt } from "./json-pointer.ts";
import { type ReferenceTarget, resolveReference } from "./reference-uri.ts";

/** Most references that lead from one to the next. */
const maxChain = 100;

/**
 * A description whose documents are in memory, in the shape of OpenAPI 3.1. Each document is upgraded when it is first
 * asked for, and a place that a reference names is looked up once. Not for concurrent use by threads.
 */
export class LoadedDescription implements Description {
  readonly root: Located<JsonObject>;
  readonly #set: DocumentSet;
  readonly #version: DescriptionVersion;
  readonly #upgraded = new Map<string, JsonObject>();
  readonly #found = new Map<string, Located | undefined>();
  /** Schemas by their `$id`, as an address. */
  readonly #identified = new Map<string, Located<string>>();

  constructor(set: DocumentSet, version: DescriptionVersion) {
    this.#set = set;
    this.#version = version;
    for (const document of set.documents.values()) {
      for (const pointer of document.ids.keys()) {
        const address = baseAt(document, pointer);
        this.#identified.set(address, { value: address, document: document.address, pointer });
      }
    }
    this.root = { value: this.#upgradedValue(set.root), document: set.root.address, pointer: "" };
  }

  resolve(located: Located): Located {
    let at = located;
    for (let hops = 0; ; hops++) {
      const reference = isJsonObject(at.value) ? at.value["$ref"] : undefined;
      if (typeof reference !== "string") return at;
      if (hops === maxChain) {
        throw refusal(located, "leads in a circle, or by more than 100 steps, to nothing", "Name the target itself");
      }
      at = this.#follow(reference, at);
    }
  }

  child(located: Located, key: string | number): Located | undefined {
    const value = memberOf(located.value, key);
    if (value === undefined) return undefined;
    return { value, document: located.document, pointer: pointerTo(located.pointer, key) };
  }

  #follow(reference: string, from: Located): Located {
    const raw = this.#set.documents.get(from.document);
    const base = raw === undefined ? from.document : baseAt(raw, from.pointer);
    const target = resolveReference(reference, base);
    if (target === undefined) throw refusal(from, "is no address", "Write a path, a URL or #/…");
    const key = `${target.document}#${target.fragment}`;
    if (!this.#found.has(key)) this.#found.set(key, this.#lookUp(target));
    const found = this.#found.get(key);
    if (found !== undefined) return found;
    const missing = this.#set.missing.get(target.document);
    if (missing !== undefined) throw refusal(from, `could not be loaded: ${missing.reason}`);
    throw refusal(from, "leads to nothing", "Add what it names, or correct it");
  }

  #lookUp({ document: address, fragment }: ReferenceTarget): Located | undefined {
    const identified = this.#set.documents.has(address) ? undefined : this.#identified.get(address);
    const document = this.#set.documents.get(identified?.document ?? address);
    if (document === undefined) return undefined;
    const start = identified?.pointer ?? "";
    if (fragment === "" || fragment.startsWith("/")) return this.#at(document, `${start}${fragment}`);
    const anchored = document.anchors.get(fragment);
    return anchored === undefined ? undefined : this.#at(document, anchored);
  }

  #at(document: RawDocument, pointer: string): Located | undefined {
    const value = valueAt(this.#upgradedValue(document), pointer) ?? this.#oldPlace(document, pointer);
    return value === undefined ? undefined : { value, document: document.address, pointer };
  }

  /** The pointer was written for the shape before the upgrade, which may have moved what it names. */
  #oldPlace(document: RawDocument, pointer: string): JsonValue | undefined {
    const value = valueAt(document.value, pointer);
    return value === undefined ? undefined : upgradeFragment(value, this.#version);
  }

  #upgradedValue(document: RawDocument): JsonObject {
    const known = this.#upgraded.get(document.address);
    if (known !== undefined) return known;
    const value = upgradeDocument(document, this.#version, this.#set);
    this.#upgraded.set(document.address, value);
    return value;
  }
}

function refusal({ value, pointer, document }: Located, what: string, mend?: string): AppError {
  const written = isJsonObject(value) ? value["$ref"] : undefined;
  const reference = typeof written === "string" ? written.slice(0, 200) : "";
  const advice = mend === undefined ? "" : ` ${mend}.`;
  return new AppError(
    "unprocessable",
    `The reference \`${reference}\` at \`${pointer || "/"}\` ${what.replace(/\.$/, "")}.${advice}`,
    {
      data: { pointer, document },
    },
  );
}
