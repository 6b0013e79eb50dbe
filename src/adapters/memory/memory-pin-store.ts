import { maxPinsPerUpstream, type Pin, type PinKey, type PinStore } from "../../core/pin-store.ts";

/** Remembers pins until the process ends. */
export class MemoryPinStore implements PinStore {
  /** Nobody else can reach them. */
  readonly generation = 0;
  readonly #pins = new Map<string, Map<string, Pin>>();

  get({ server, upstream, tool }: PinKey): Pin | undefined {
    return this.#pins.get(`${server}\n${upstream}`)?.get(tool);
  }

  add({ server, upstream, tool }: PinKey, pin: Pin): boolean {
    const key = `${server}\n${upstream}`;
    const ofUpstream = this.#pins.get(key) ?? new Map<string, Pin>();
    if (ofUpstream.size >= maxPinsPerUpstream) return false;
    this.#pins.set(key, ofUpstream.set(tool, pin));
    return true;
  }

  async close(): Promise<void> {
    // Nothing is held but memory.
  }
}
