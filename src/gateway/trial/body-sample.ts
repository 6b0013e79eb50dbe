import type { SeenBody } from "../../core/tool-runner.ts";
import type { SecretMask } from "../../upstreams/masking/secret-mask.ts";

/** Most of a body that is shown. */
const shownBytes = 65_536;
/** What is kept beyond it: a secret that begins before the cut is found whole, and masked. */
const overlapBytes = 16_384;

/** Keeps the beginning of a body while it passes. */
export class BodySample {
  readonly #chunks: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;

  /** The bytes of `chunk` that are kept are copied: sockets use their buffers again. */
  take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const room = shownBytes + overlapBytes - this.#keptBytes;
    if (room <= 0) return;
    const kept = Buffer.from(chunk.subarray(0, room));
    this.#chunks.push(kept);
    this.#keptBytes += kept.length;
  }

  /** @param isPacked it is compressed, and secrets in it would not be found */
  show(mask: SecretMask, isPacked = false): SeenBody {
    const isCut = this.#bytes > shownBytes;
    if (isPacked) return { text: "", encoding: "packed", bytes: this.#bytes, isCut: this.#bytes > 0 };
    const kept = Buffer.concat(this.#chunks);
    const text = decode(kept);
    if (text !== undefined) return { text: mask.mask(text, shownBytes), encoding: "utf8", bytes: this.#bytes, isCut };
    const limit = Math.floor(shownBytes / 3) * 4;
    return { text: mask.mask(kept.toString("base64"), limit), encoding: "base64", bytes: this.#bytes, isCut };
  }
}

export function showText(text: string, mask: SecretMask): SeenBody {
  const sample = new BodySample();
  sample.take(Buffer.from(text));
  return sample.show(mask);
}

/** Undefined for what is not UTF-8 text; the end may be in the middle of a character. */
function decode(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
