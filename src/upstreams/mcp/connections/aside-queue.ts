/** Exchanges of one session at once, besides its calls. */
const mostAtOnce = 32;
const mostWaiting = 10_000;
const mostWaitingCharacters = 16_777_216;

/**
 * The messages of one session that are no requests: answers to the server's own requests, cancellations.
 * Each takes an exchange, so a few travel at once and the others wait: a server that asks without end
 * gets its answers as fast as it takes them, not a socket for each.
 */
export class AsideQueue {
  readonly #start: (message: string, onDone: () => void) => void;
  readonly #waiting: string[] = [];
  #waitingCharacters = 0;
  #underWay = 0;

  /** @param start sends a message and says when that is done; later, never before it returns */
  constructor(start: (message: string, onDone: () => void) => void) {
    this.#start = start;
  }

  /** False when too much waits already: the message is dropped. */
  add(message: string): boolean {
    if (this.#underWay < mostAtOnce) {
      this.#send(message);
      return true;
    }
    const characters = this.#waitingCharacters + message.length;
    if (this.#waiting.length >= mostWaiting || characters > mostWaitingCharacters) return false;
    this.#waitingCharacters = characters;
    this.#waiting.push(message);
    return true;
  }

  /** Drops what waits. */
  clear(): void {
    this.#waiting.length = 0;
    this.#waitingCharacters = 0;
  }

  #send(message: string): void {
    this.#underWay++;
    this.#start(message, () => {
      this.#underWay--;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#waitingCharacters -= next.length;
      this.#send(next);
    });
  }
}
