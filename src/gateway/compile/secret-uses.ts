import type { SecretSource } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";
import type { Problem, SecretUse } from "../../core/problem.ts";

/** The names of the secrets that a document uses, each once. */
export function namesOf(uses: readonly SecretUse[]): readonly string[] {
  return [...new Set(uses.map(({ name }) => name))];
}

/** The secrets that templates cannot do without and that are not set, at the first place that names each. */
export function findMissingSecrets(
  uses: readonly SecretUse[],
  secrets: SecretSource,
  severity: Problem["severity"],
): Problem[] {
  const problems = new Map<string, Problem>();
  for (const { name, path, copes } of uses) {
    if (copes || problems.has(name)) continue;
    const message = whyMissing(name, secrets);
    if (message === undefined) continue;
    const mend = `set the secret ${name} for this tenant, or write \`secrets.?${name}\` if it may be absent`;
    problems.set(name, { severity, path, message, mend });
  }
  return [...problems.values()];
}

function whyMissing(name: string, secrets: SecretSource): string | undefined {
  try {
    return secrets.get(name) === undefined ? `the secret ${name} is not set` : undefined;
  } catch (error) {
    if (error instanceof AppError) return `the secret ${name} cannot be read`;
    throw error;
  }
}
