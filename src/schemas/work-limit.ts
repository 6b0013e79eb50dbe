import type { FuncKeywordDefinition } from "ajv";

/** Added to each schema that refers to another one: only references can make work grow without bound. */
export const workKeyword = "passerelle:work";

/** References that one check may follow; about a tenth of a second. */
const maxReferences = 1_000_000;

/** Thrown out of a check that follows too many references. */
export class TooMuchWork extends Error {
  constructor() {
    super("the value takes too much work to check");
    this.name = "TooMuchWork";
  }
}

/**
 * Counts the references that a check follows. A recursive schema with alternatives (`oneOf`, `anyOf`)
 * may try each of them at each level, so that a value of a few hundred bytes would take hours.
 */
export class WorkLimit {
  #left = maxReferences;

  /** Begins a check. */
  reset(): void {
    this.#left = maxReferences;
  }

  /** The keyword that counts; its value in the schema does not matter. */
  keyword(): FuncKeywordDefinition {
    return {
      keyword: workKeyword,
      errors: false,
      validate: () => {
        if (--this.#left < 0) throw new TooMuchWork();
        return true;
      },
    };
  }
}
