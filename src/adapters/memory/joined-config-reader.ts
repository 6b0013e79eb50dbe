import type { ConfigRead, ConfigReader } from "../../core/config-source.ts";

/** Reads several sources as one, in their order. Fails when one of them fails. */
export class JoinedConfigReader implements ConfigReader {
  readonly #readers: readonly ConfigReader[];

  constructor(readers: readonly ConfigReader[]) {
    this.#readers = readers;
  }

  async read(): Promise<ConfigRead> {
    const reads = await Promise.all(this.#readers.map((reader) => reader.read()));
    return {
      documents: reads.flatMap(({ documents }) => documents),
      revision: reads.map(({ revision }) => revision).join("-"),
    };
  }
}
