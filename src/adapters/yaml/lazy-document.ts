import type { ServerDocument } from "../../core/config/document.ts";
import type { SourceDocument } from "../../core/config-source.ts";
import type { DocumentPath, LocatedProblem, Location } from "../../core/problem.ts";

/** What a text came to. */
export interface ReadText {
  readonly document: ServerDocument | undefined;
  readonly problems: readonly LocatedProblem[];
}

export interface LazyDocumentOptions extends Pick<SourceDocument, "key" | "hash"> {
  readonly baseDirectory: string | undefined;
  /** The same answer every time. */
  readonly read: () => ReadText;
  readonly locate: SourceDocument["locate"];
}

/**
 * A document whose text is read when somebody asks what it says. The text is the small form: what was made of it is
 * kept only as long as somebody else holds it.
 */
export class LazyDocument implements SourceDocument {
  readonly key: string;
  readonly hash: string;
  /** Declared only, so that it is absent where there is none. */
  declare readonly baseDirectory?: string;
  readonly #options: LazyDocumentOptions;
  #document: WeakRef<ServerDocument> | undefined;
  /** Undefined until the text was read. */
  #problems: readonly LocatedProblem[] | undefined;
  #isBroken = false;

  constructor(options: LazyDocumentOptions) {
    const { key, hash, baseDirectory } = options;
    this.key = key;
    this.hash = hash;
    if (baseDirectory !== undefined) this.baseDirectory = baseDirectory;
    this.#options = options;
  }

  get document(): ServerDocument | undefined {
    return this.#isBroken ? undefined : (this.#document?.deref() ?? this.#read().document);
  }

  get problems(): readonly LocatedProblem[] {
    return this.#problems ?? this.#read().problems;
  }

  locate(path: DocumentPath, atKey = false): Location {
    return this.#options.locate(path, atKey);
  }

  #read(): ReadText {
    const found = this.#options.read();
    this.#problems = found.problems;
    this.#isBroken = found.document === undefined;
    this.#document = found.document === undefined ? undefined : new WeakRef(found.document);
    return found;
  }
}
