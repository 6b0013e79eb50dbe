import { compileGlob, type Glob } from "../../../core/glob.ts";
import type { JsonValue } from "../../../core/json.ts";
import type { OperationSource } from "../description.ts";
import type { OperationHints } from "./operation-hints.ts";

/** A description of operations: one that fits any of the values of each criterion that is given. */
export interface OperationCriteria {
  readonly tags?: readonly string[];
  /** Globs over paths as the description has them: `/pets/*`. */
  readonly paths?: readonly string[];
  readonly methods?: readonly string[];
  /** Globs over `operationId` or `METHOD /path`. */
  readonly operations?: readonly string[];
}

export interface OperationChoice {
  /** Only these. */
  readonly include?: OperationCriteria;
  /** None of these, whatever includes them: one that fits any criterion is left out. */
  readonly exclude?: OperationCriteria;
  /** Also operations that change something; without it those only that a method or their name includes. */
  readonly all?: boolean;
  /** Leave out what the description marks as deprecated. */
  readonly excludeDeprecated?: boolean;
}

/** Why an operation is left out; `undefined` when it is chosen. */
export type Choose = (source: OperationSource, hints: OperationHints) => string | undefined;

/** Prepares the choice among operations. Values are compared as they are, methods in any case. */
export function chooseOperations(choice: OperationChoice): Choose {
  const include = compileCriteria(choice.include ?? {});
  const exclude = compileCriteria(choice.exclude ?? {});
  const isMethodGiven = (choice.include?.methods ?? []).length > 0;
  return (source, hints) => {
    if (exclude.some((fits) => fits.test(source))) return "it is excluded";
    const missed = include.find((fits) => !fits.test(source));
    if (missed !== undefined) return `it is not among the ${missed.what} that were chosen`;
    const isNamed = include.some(({ what }) => what === "operations");
    if (hints.enabled === false && !isNamed) return "the description says that it is no tool (x-mcp, x-passerelle)";
    if (choice.excludeDeprecated === true && source.operation.value["deprecated"] === true) return "it is deprecated";
    const isFree = choice.all === true || isMethodGiven || isNamed || hints.enabled === true;
    if (isFree || readOnlyMethods.has(source.method)) return undefined;
    return "it may change something; choose it by its name or method, or take all";
  };
}

/** Methods that are safe by definition (RFC 9110, 9.2.1; QUERY likewise). */
const readOnlyMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "QUERY"]);

interface Criterion {
  readonly what: "tags" | "paths" | "methods" | "operations";
  readonly test: (source: OperationSource) => boolean;
}

function compileCriteria({ tags = [], paths = [], methods = [], operations = [] }: OperationCriteria): Criterion[] {
  const criteria: Criterion[] = [];
  if (tags.length > 0)
    criteria.push({ what: "tags", test: (source) => tags.some((tag) => tagsOf(source).includes(tag)) });
  if (paths.length > 0) {
    const globs = paths.map(compileGlob);
    criteria.push({ what: "paths", test: ({ path }) => globs.some((glob) => glob(path)) });
  }
  if (methods.length > 0) {
    const wanted = new Set(methods.map((method) => method.toUpperCase()));
    criteria.push({ what: "methods", test: ({ method }) => wanted.has(method) });
  }
  if (operations.length > 0) criteria.push({ what: "operations", test: namedBy(operations.map(compileGlob)) });
  return criteria;
}

function namedBy(globs: readonly Glob[]): Criterion["test"] {
  return ({ method, path, operation }) => {
    const id = operation.value["operationId"];
    return globs.some((glob) => glob(`${method} ${path}`) || (typeof id === "string" && glob(id)));
  };
}

/** The tags of an operation, as texts. */
function tagsOf({ operation }: OperationSource): readonly JsonValue[] {
  const tags = operation.value["tags"];
  // `Array.isArray` widens a readonly list to any[].
  return Array.isArray(tags) ? (tags as readonly JsonValue[]) : [];
}
