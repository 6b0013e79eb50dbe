import { clearLine, cursorTo } from "node:readline";

/** One line that says what is going on: rewritten in place on a terminal, else one line per change of suite. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #started = performance.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(text: string): void {
    const seconds = Math.round((performance.now() - this.#started) / 1_000);
    const line = `${String(seconds).padStart(4)} s  ${text}`;
    if (!this.#stream.isTTY) {
      this.#stream.write(`${line}\n`);
      return;
    }
    this.clear();
    this.#stream.write(line.slice(0, this.#stream.columns - 1));
  }

  /** Removes the line from a terminal. */
  clear(): void {
    if (!this.#stream.isTTY) return;
    clearLine(this.#stream, 0);
    cursorTo(this.#stream, 0);
  }
}
