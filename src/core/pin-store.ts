/**
 * What a tool of an MCP upstream was when it was first seen: a SHA-256 digest per field of its
 * definition, in hexadecimal. A field that was absent has no digest.
 */
export type Pin = Readonly<Record<string, string>>;

/** Where a pin belongs. */
export interface PinKey {
  /** `tenant/name` of the server. */
  readonly server: string;
  /** Key of the upstream in the document. */
  readonly upstream: string;
  /** The tool's name at the upstream. */
  readonly tool: string;
}

/** Remembers pins. Bounded: an upstream that invents names without end cannot fill it. */
export interface PinStore {
  /** Another number after pins were forgotten or changed from outside: what was judged by them is judged anew. */
  readonly generation: number;
  get(key: PinKey): Pin | undefined;
  /**
   * Remembers a pin that is not there yet; stores that last write it down soon after.
   *
   * @returns false when the upstream has as many pins as it may, so that nothing was remembered.
   */
  add(key: PinKey, pin: Pin): boolean;
  /** Resolves when all that was added is written down. May be called twice. */
  close(): Promise<void>;
}

/** Most pins of one upstream of one server; no catalogue has more tools. */
export const maxPinsPerUpstream = 10_000;
