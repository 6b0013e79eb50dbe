/**
 * Bytes that arrive in pieces and are read as one. A single piece is kept as it is; several are copied
 * into one buffer that grows by doubling, so that a peer which sends byte by byte costs memory for its
 * bytes and not for its pieces.
 */
export class GrowingBuffer {
  /** The only piece so far, or room for several of which `length` bytes are used. */
  #bytes: Buffer | undefined;
  #length = 0;
  #isOwn = false;

  get length(): number {
    return this.#length;
  }

  append(piece: Buffer): void {
    if (piece.length === 0) return;
    if (this.#bytes === undefined) {
      this.#bytes = piece;
      this.#length = piece.length;
      this.#isOwn = false;
      return;
    }
    const length = this.#length + piece.length;
    if (!this.#isOwn || length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
      this.#isOwn = true;
    }
    piece.copy(this.#bytes, this.#length);
    this.#length = length;
  }

  /** The bytes so far; valid until the next `append`. */
  bytes(): Buffer {
    return this.#bytes === undefined ? Buffer.alloc(0) : this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#bytes = undefined;
    this.#length = 0;
  }
}
