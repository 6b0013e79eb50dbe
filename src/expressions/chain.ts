import { type Scope, type Variable, variables } from "./scope.ts";

/** A plain selection such as `args.a.b[0]` or `request.headers["x-tenant"]`. */
export interface Chain {
  readonly root: Variable;
  readonly steps: readonly (string | number)[];
}

const step = /\.([A-Za-z_]\w*)|\[(\d{1,9})\]|\["([^"\\]*)"\]|\['([^'\\]*)'\]/y;

/** Reads an expression that is nothing but a selection from a variable; `undefined` when it is more. */
export function parseChain(source: string): Chain | undefined {
  const text = source.trim();
  const root = variables.find((name) => text.startsWith(name) && !/^\w/.test(text.slice(name.length)));
  if (root === undefined) return undefined;
  const steps: (string | number)[] = [];
  step.lastIndex = root.length;
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (match === null) return undefined;
    const [, name, index, doubleQuoted, singleQuoted] = match;
    steps.push(index === undefined ? (name ?? doubleQuoted ?? singleQuoted ?? "") : Number(index));
  }
  return { root, steps };
}

/**
 * What a chain selects; `undefined` when any step is missing. Looks at own members only, so that
 * `constructor` or `__proto__` are names like any other.
 */
export function walkChain(chain: Chain, scope: Scope): unknown {
  let value: unknown = scope[chain.root];
  for (const key of chain.steps) {
    if (typeof value !== "object" || value === null) return undefined;
    if (Array.isArray(value)) value = typeof key === "number" ? value[key] : undefined;
    else value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}
