/** A node of a Go template. `line` is where it begins in the document. */
export type GoNode =
  | { readonly kind: "text"; readonly text: string; readonly line: number }
  | { readonly kind: "output"; readonly value: GoExpression; readonly line: number }
  | { readonly kind: "declare"; readonly variable: string; readonly value: GoExpression; readonly line: number }
  | { readonly kind: "if"; readonly branches: readonly GoBranch[]; readonly otherwise: GoNodes; readonly line: number }
  | {
      readonly kind: "range";
      /** `$index` and `$element`, as far as they are named. */
      readonly index: string | undefined;
      readonly element: string | undefined;
      readonly list: GoExpression;
      readonly body: GoNodes;
      readonly otherwise: GoNodes;
      readonly line: number;
    }
  | {
      readonly kind: "with";
      readonly variable: string | undefined;
      readonly value: GoExpression;
      readonly body: GoNodes;
      readonly otherwise: GoNodes;
      readonly line: number;
    };

export type GoNodes = readonly GoNode[];

export interface GoBranch {
  readonly condition: GoExpression;
  readonly body: GoNodes;
}

/** A value: pipelines are calls by now, the piped value being the last argument. */
export type GoExpression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  /** `.Args.x`, `$x.y`, `(…).z`; without a base it is the dot. */
  | { readonly kind: "field"; readonly base: GoExpression | string | undefined; readonly path: readonly string[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly GoExpression[] };
