import { FunctionExpressionType, JSONPathEnvironment, type JSONValue } from "json-p3";
import { AppError } from "../../../core/errors.ts";
import type { JsonValue } from "../../../core/json.ts";
import { compileLinearPattern, type LinearPattern } from "../../../schemas/linear-pattern.ts";

/** Most objects and lists that one target looks at. */
const maxVisited = 5_000_000;
/** Most places that one target may match. */
const maxTargets = 100_000;

/**
 * The places in a value that a JSONPath (RFC 9535) matches, as keys from the root. Patterns take linear time and the
 * walk is bounded. Fails with `AppError("unprocessable")` on a path that is not valid or takes too long.
 */
export function findTargets(path: string, root: JsonValue): (readonly (string | number)[])[] {
  const environment = new BoundedEnvironment({ maxRecursionDepth: maxVisited });
  const locations: (readonly (string | number)[])[] = [];
  try {
    // The library's type knows no big integers; it takes them for values like others.
    for (const node of environment.lazyQuery(path, root as JSONValue)) {
      if (locations.push(node.location) > maxTargets) throw tooMuch(path);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError("unprocessable", `\`${path.slice(0, 200)}\` is no JSONPath (RFC 9535): ${reason}.`, {
      cause: error,
    });
  }
  return locations;
}

class BoundedEnvironment extends JSONPathEnvironment {
  #visited = 0;

  override entries(value: Record<string, JSONValue>): [string, JSONValue][] {
    if (++this.#visited > maxVisited) throw tooMuch("The target");
    return Object.entries(value);
  }

  protected override setupFilterFunctions(): void {
    super.setupFilterFunctions();
    const both = [FunctionExpressionType.ValueType, FunctionExpressionType.ValueType];
    const define = (name: string, wrap: (pattern: string) => string): void => {
      const known = new Map<string, LinearPattern>();
      const call = (text: unknown, pattern: unknown): boolean => {
        if (typeof text !== "string" || typeof pattern !== "string") return false;
        const compiled = known.get(pattern) ?? compileLinearPattern(wrap(pattern));
        known.set(pattern, compiled);
        return compiled.test(text);
      };
      this.functionRegister.set(name, { argTypes: both, returnType: FunctionExpressionType.LogicalType, call });
    };
    define("match", (pattern) => `^(?:${pattern})$`);
    define("search", (pattern) => pattern);
  }
}

function tooMuch(path: string): AppError {
  return new AppError(
    "unprocessable",
    `\`${path.slice(0, 200)}\` matches or visits too much of the description. Name its place more exactly.`,
  );
}
