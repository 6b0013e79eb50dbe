/** A line of usual length finds room without growing when its buffer is nearly full. */
const roomForALine = 8_192;
const mostBytesPerCharacter = 3;

/**
 * Collects lines as UTF-8. A string that grows by appending is a tree of all its pieces: thousands of objects
 * that survive collections of the young generation, and that have to be walked when they are written.
 */
export class LineBuffer {
  readonly #usualBytes: number;
  #bytes: Buffer | undefined;
  #spare: Buffer | undefined;
  #length = 0;

  /** @param usualBytes how much is collected before it is taken, as a rule */
  constructor(usualBytes: number) {
    this.#usualBytes = usualBytes + roomForALine;
  }

  /** Bytes that are collected. */
  get length(): number {
    return this.#length;
  }

  append(line: string): void {
    const bytes = this.#roomFor(line.length * mostBytesPerCharacter);
    this.#length += bytes.write(line, this.#length);
  }

  /** The lines so far; the next ones go elsewhere. Whoever takes them may `giveBack` the buffer. */
  take(): Buffer {
    const lines = this.#bytes?.subarray(0, this.#length) ?? Buffer.alloc(0);
    this.#bytes = this.#spare;
    this.#spare = undefined;
    this.#length = 0;
    return lines;
  }

  /** What was taken is not read any more. */
  giveBack(lines: Buffer): void {
    if (lines.buffer.byteLength === this.#usualBytes) this.#spare = Buffer.from(lines.buffer);
  }

  #roomFor(bytes: number): Buffer {
    const needed = this.#length + bytes;
    const present = this.#bytes ?? Buffer.allocUnsafeSlow(this.#usualBytes);
    this.#bytes = present;
    if (needed <= present.length) return present;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, present.length * 2));
    present.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    return larger;
  }
}
