import type { ChangeAnnouncer, ChangeTopic } from "../../core/change-feed.ts";

/** Announces in several ways beside each other. */
export class JoinedAnnouncer implements ChangeAnnouncer {
  readonly #announcers: readonly ChangeAnnouncer[];

  constructor(announcers: readonly ChangeAnnouncer[]) {
    this.#announcers = announcers;
  }

  async announce(topic: ChangeTopic): Promise<void> {
    await Promise.all(this.#announcers.map((announcer) => announcer.announce(topic)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#announcers.map((announcer) => announcer.close()));
  }
}
