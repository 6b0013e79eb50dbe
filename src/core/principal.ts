/** Who is calling. Sessions, parked exchanges and limits are bound to `id`. */
export interface Principal {
  readonly kind: "anonymous" | "key";
  /** Stable and unique per kind; never a secret. */
  readonly id: string;
  readonly name: string;
}

export const anonymous: Principal = Object.freeze({ kind: "anonymous", id: "anonymous", name: "anonymous" });
