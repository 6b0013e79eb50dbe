import type { GoExpression } from "./go-ast.ts";
import { translateCall } from "./go-functions.ts";
import { constantValue, type GoValue, memberOf } from "./go-value.ts";
import { notTranslated } from "./not-translated.ts";

/** What the outermost dot of a template has. */
export interface TemplateRoot {
  /** The value at `.Args.x`, `.Config.x` and so on; throws `unprocessable` for what expressions cannot see. */
  resolve(path: readonly string[], line: number): GoValue;
  /** A variable of the environment. */
  environment(name: string): GoValue;
}

/** Values that names have at a place of a template. Immutable: a place inside has a scope of its own. */
export class TemplateScope {
  readonly #root: TemplateRoot;
  readonly #dot: GoValue | undefined;
  readonly #variables: ReadonlyMap<string, GoValue>;
  /** How many ranges are around: each names its element differently. */
  readonly depth: number;

  constructor(root: TemplateRoot, dot?: GoValue, variables: ReadonlyMap<string, GoValue> = new Map(), depth = 0) {
    this.#root = root;
    this.#dot = dot;
    this.#variables = variables;
    this.depth = depth;
  }

  withVariable(name: string | undefined, value: GoValue): TemplateScope {
    if (name === undefined) return this;
    return new TemplateScope(this.#root, this.#dot, new Map(this.#variables).set(name, value), this.depth);
  }

  withDot(dot: GoValue): TemplateScope {
    return new TemplateScope(this.#root, dot, this.#variables, this.depth);
  }

  /** The scope of the body of a range over elements that are called `dot`. */
  within(dot: GoValue): TemplateScope {
    return new TemplateScope(this.#root, dot, this.#variables, this.depth + 1);
  }

  /** The value of an expression. Throws `unprocessable` with the line for what has no counterpart. */
  evaluate(expression: GoExpression, line: number): GoValue {
    switch (expression.kind) {
      case "literal":
        return constantValue(expression.value);
      case "call": {
        const args = expression.args.map((arg) => this.evaluate(arg, line));
        const value = translateCall(expression.name, args, this.#root);
        if (value === undefined) throw notTranslated(`the function \`${expression.name}\` as it is used here`, line);
        return value;
      }
      case "field":
        return this.#field(expression.base, expression.path, line);
    }
  }

  #field(base: GoExpression | string | undefined, path: readonly string[], line: number): GoValue {
    if (base === undefined && this.#dot === undefined) return this.#root.resolve(path, line);
    if (base === "$") return this.#root.resolve(path, line);
    let value: GoValue | undefined = this.#dot;
    if (typeof base === "string") value = this.#variables.get(base);
    else if (base !== undefined) value = this.evaluate(base, line);
    if (value === undefined)
      throw notTranslated(`the variable ${typeof base === "string" ? base : ""}, which is not declared here,`, line);
    if (value.isIndex === true) throw notTranslated("the number of an element of a range", line);
    return path.reduce<GoValue>(memberOf, value);
  }
}
