import type { ConfigRead, ConfigReader, SourceDocument } from "../../core/config-source.ts";

/** Reads several sources as one, in their order. Fails when one of them fails. */
export class JoinedConfigReader implements ConfigReader {
  readonly #readers: readonly ConfigReader[];

  constructor(readers: readonly ConfigReader[]) {
    this.#readers = readers;
  }

  async read(onDocument?: (document: SourceDocument) => void): Promise<ConfigRead> {
    const reads: ConfigRead[] = [];
    // One after the other: documents come in the order of the answer.
    for (const reader of this.#readers) reads.push(await reader.read(onDocument));
    const storeRevision = reads.find((read) => read.storeRevision !== undefined)?.storeRevision;
    return {
      ...(storeRevision === undefined ? {} : { storeRevision }),
      documents: reads.flatMap(({ documents }) => documents),
      revision: reads.map(({ revision }) => revision).join("-"),
    };
  }
}
