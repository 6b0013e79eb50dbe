import type { ChangeAnnouncer } from "../../core/change-feed.ts";
import type { ConfigNotifier } from "../../core/config-source.ts";

/** Tells those in the same process. Hints are given before `announce` answers. */
export class MemoryChangeFeed implements ChangeAnnouncer {
  readonly #listeners = new Set<() => void>();

  async announce(): Promise<void> {
    for (const listener of this.#listeners) listener();
  }

  /** Another one for each that wants to hear. */
  notifier(): ConfigNotifier {
    let heard: (() => void) | undefined;
    return {
      start: (listener) => {
        heard = () => listener();
        this.#listeners.add(heard);
      },
      close: async () => {
        if (heard !== undefined) this.#listeners.delete(heard);
      },
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
