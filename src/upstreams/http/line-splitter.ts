/** Cuts text that arrives in pieces into lines, without the empty ones. */
export class LineSplitter {
  readonly #maxCharacters: number;
  readonly #onLine: (line: string) => void;
  #rest = "";
  #isOverflown = false;

  constructor(maxCharacters: number, onLine: (line: string) => void) {
    this.#maxCharacters = maxCharacters;
    this.#onLine = onLine;
  }

  /** A line was longer than allowed; nothing is read any more. */
  get isOverflown(): boolean {
    return this.#isOverflown;
  }

  feed(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1 && !this.#isOverflown; end = text.indexOf("\n", start)) {
      this.#emit(this.#rest + text.slice(start, end));
      this.#rest = "";
      start = end + 1;
    }
    this.#rest += text.slice(start);
    if (this.#rest.length > this.#maxCharacters) this.#isOverflown = true;
    if (this.#isOverflown) this.#rest = "";
  }

  /** The text is over: what is left is a line too. */
  end(): void {
    this.#emit(this.#rest);
    this.#rest = "";
  }

  #emit(line: string): void {
    if (line.length > this.#maxCharacters) this.#isOverflown = true;
    const trimmed = line.trim();
    if (trimmed !== "" && !this.#isOverflown) this.#onLine(trimmed);
  }
}
