import type { Log } from "./log.ts";

const everyMs = 60_000;

/** Warns of what may fail again and again: at most once a minute for each subject, the others are counted. */
export class RareWarnings {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #subjects = new Map<string, { readonly at: number; unsaid: number }>();

  /** @param now milliseconds; only differences matter */
  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** @param subject one of few, such as a configured address; without credentials */
  warn(event: string, subject: string, error: unknown): void {
    const now = this.#now();
    const last = this.#subjects.get(subject);
    if (last !== undefined && now - last.at < everyMs) {
      last.unsaid++;
      return;
    }
    this.#subjects.set(subject, { at: now, unsaid: 0 });
    this.#log.warn(event, { subject, error, ...(last === undefined ? {} : { unsaid: last.unsaid }) });
  }
}
