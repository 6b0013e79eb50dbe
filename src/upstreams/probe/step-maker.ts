import { AppError } from "../../core/errors.ts";
import type { ProbeStep, ProbeStepName } from "../../core/upstream-probe.ts";
import type { SecretMask } from "../masking/secret-mask.ts";

export type StepWords = Pick<ProbeStep, "outcome" | "message"> & Partial<Pick<ProbeStep, "details">>;

/** Makes steps of one target: their time, and nothing secret in them. */
export class StepMaker {
  readonly #mask: SecretMask;
  readonly #now: () => number;
  readonly #target: string | undefined;
  #begunAt: number;

  constructor(mask: SecretMask, now: () => number, target?: string) {
    this.#mask = mask;
    this.#now = now;
    this.#target = target;
    this.#begunAt = now();
  }

  /** The next step begins here instead of where the last one ended. */
  begin(): void {
    this.#begunAt = this.#now();
  }

  /** Milliseconds since the last step, or `begin`. */
  get elapsedMs(): number {
    return this.#now() - this.#begunAt;
  }

  /** A step that has taken the time since the last one. */
  step(name: ProbeStepName, { outcome, message, details }: StepWords): ProbeStep {
    const ms = Math.max(0, Math.round((this.#now() - this.#begunAt) * 10) / 10);
    this.begin();
    return {
      name,
      ...(this.#target === undefined ? {} : { target: this.#mask.mask(this.#target) }),
      outcome,
      ms: outcome === "skipped" ? 0 : ms,
      message: this.#mask.mask(message),
      ...(details === undefined ? {} : { details: this.#maskDetails(details) }),
    };
  }

  /** A step that failed with an error, which has words for callers only when it is ours. */
  failed(name: ProbeStepName, error: unknown, otherwise: string): ProbeStep {
    return this.step(name, { outcome: "failed", message: error instanceof AppError ? error.message : otherwise });
  }

  skipped(name: ProbeStepName, message: string): ProbeStep {
    return this.step(name, { outcome: "skipped", message });
  }

  #maskDetails(details: NonNullable<ProbeStep["details"]>): NonNullable<ProbeStep["details"]> {
    return Object.fromEntries(
      Object.entries(details).map(([key, value]) => [key, typeof value === "string" ? this.#mask.mask(value) : value]),
    );
  }
}
