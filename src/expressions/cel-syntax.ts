/** What of cel-js' syntax tree is used here beyond its published types. */
export interface CelNode {
  readonly op: string;
  /** Operands; their shape depends on `op`. */
  readonly args: unknown;
  /** Index of the first character in the source. */
  readonly start: number;
  /** Hooks that the evaluator asks for each node, and what a macro was turned into. */
  readonly meta: {
    readonly alternate?: CelNode;
    readonly evaluate: CelHook;
    readonly check: CelHook;
  };
  setMeta(name: "evaluate" | "check", hook: CelHook): unknown;
  /** Set by the type check: the operands and the operation of a binary operator. */
  readonly left?: CelNode;
  readonly right?: CelNode;
  readonly handle?: (left: unknown, right: unknown, node: CelNode, evaluator: CelEvaluator) => unknown;
}

/** Evaluates or checks a node; the first argument is the evaluator or the type checker. */
export type CelHook = (evaluator: CelEvaluator, node: CelNode, context: unknown) => unknown;

export interface CelEvaluator {
  run(node: CelNode, context: unknown): unknown;
  debugType(value: unknown): unknown;
  debugTypeDeep: (value: unknown) => unknown;
  readonly dynType: unknown;
}

/** The nodes right below a node. */
export function childrenOf(node: CelNode): readonly CelNode[] {
  return nodesIn(node.args);
}

function nodesIn(args: unknown): CelNode[] {
  if (isNode(args)) return [args];
  return Array.isArray(args) ? args.flatMap(nodesIn) : [];
}

/** Whether a part of `args` is a node rather than a name or a literal. */
export function isNode(part: unknown): part is CelNode {
  return typeof part === "object" && part !== null && "setMeta" in part;
}
