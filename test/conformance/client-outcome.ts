import { readFile } from "node:fs/promises";
import type { Check } from "./verdict.ts";

/** What the client prints, alone, when it was served, or refused where it has to be. */
export const asExpected = "as expected";

/**
 * The suite looks at the requests that reach its servers, not at what becomes of them: this check says
 * whether the client got through. `stdout` is the file with what the client printed.
 */
export async function readClientOutcome(stdout: URL): Promise<Check> {
  const printed = (await readFile(stdout, "utf8")).trim();
  if (printed === asExpected) return { id: "client-outcome", status: "SUCCESS" };
  return { id: "client-outcome", status: "FAILURE", errorMessage: printed === "" ? "the client broke" : printed };
}
