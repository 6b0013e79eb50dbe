import { type CelNode, childrenOf, isNode } from "./cel-syntax.ts";
import { type Variable, variables } from "./scope.ts";

/** What an expression reads, as far as its text tells. */
export interface VariableUse {
  readonly variables: ReadonlySet<Variable>;
  /** Names of secrets; `true` where each use of it copes with its absence. */
  readonly secrets: ReadonlyMap<string, boolean>;
  /** First member of `args` that is selected, with the index of the selection. */
  readonly arguments: ReadonlyMap<string, number>;
  /** Index of a use of `secrets` other than `secrets.NAME`. */
  readonly secretsAt?: number;
}

/** What is found while the tree is walked. */
interface Findings {
  readonly variables: Set<Variable>;
  readonly secrets: Map<string, boolean>;
  readonly arguments: Map<string, number>;
  secretsAt?: number;
}

interface Position {
  /** Variables of macros that hide ours. */
  readonly hidden: ReadonlySet<string>;
  /** Inside of `has(…)`. */
  readonly tolerant: boolean;
}

const macros = new Set(["all", "exists", "exists_one", "map", "filter"]);

/** Collects what a parsed expression reads. */
export function findVariableUse(root: CelNode): VariableUse {
  const findings: Findings = { variables: new Set(), secrets: new Map(), arguments: new Map() };
  visit(root, { hidden: new Set(), tolerant: false }, findings);
  return findings;
}

function visit(node: CelNode, position: Position, findings: Findings): void {
  if (node.op === "id") return visitVariable(node, position, findings);
  const selection = selectionOf(node, position);
  if (selection !== undefined) return recordSelection(selection, node, position, findings);
  const scoped = macroOf(node);
  if (scoped === undefined) {
    const tolerant = position.tolerant || isHas(node);
    for (const child of childrenOf(node)) visit(child, { hidden: position.hidden, tolerant }, findings);
    return;
  }
  for (const outer of scoped.outer) visit(outer, position, findings);
  const hidden = new Set([...position.hidden, scoped.variable]);
  for (const inner of scoped.inner) visit(inner, { hidden, tolerant: position.tolerant }, findings);
}

function visitVariable(node: CelNode, position: Position, findings: Findings): void {
  const variable = variableOf(node, position);
  if (variable === undefined) return;
  findings.variables.add(variable);
  if (variable === "secrets") findings.secretsAt ??= node.start;
}

interface Selection {
  readonly variable: Variable;
  readonly name: string;
  readonly optional: boolean;
}

/** `variable.name`, `variable["name"]` and their optional forms. */
function selectionOf(node: CelNode, position: Position): Selection | undefined {
  if (![".", ".?", "[]", "[?]"].includes(node.op) || !Array.isArray(node.args)) return undefined;
  const [left, right]: unknown[] = node.args;
  const variable = isNode(left) ? variableOf(left, position) : undefined;
  const name = isNode(right) && right.op === "value" ? right.args : right;
  if (variable === undefined || typeof name !== "string") return undefined;
  return { variable, name, optional: node.op === ".?" || node.op === "[?]" };
}

function recordSelection(selection: Selection, node: CelNode, position: Position, findings: Findings): void {
  const { variable, name } = selection;
  findings.variables.add(variable);
  if (variable === "args" && !findings.arguments.has(name)) findings.arguments.set(name, node.start);
  if (variable !== "secrets") return;
  const copes = position.tolerant || selection.optional || findings.secrets.get(name) === true;
  findings.secrets.set(name, copes);
}

function variableOf(node: CelNode, position: Position): Variable | undefined {
  if (node.op !== "id" || typeof node.args !== "string" || position.hidden.has(node.args)) return undefined;
  return variables.find((name) => name === node.args);
}

interface ScopedMacro {
  readonly variable: string;
  readonly outer: readonly CelNode[];
  readonly inner: readonly CelNode[];
}

/** A macro that gives a name of its own to an element: `list.map(x, …)`, `cel.bind(x, value, …)`. */
function macroOf(node: CelNode): ScopedMacro | undefined {
  if (node.op !== "rcall" || !Array.isArray(node.args)) return undefined;
  const [name, receiver, args]: unknown[] = node.args;
  const [variable, ...rest] = Array.isArray(args) ? args.filter(isNode) : [];
  if (!isNode(receiver) || variable?.op !== "id" || typeof variable.args !== "string") return undefined;
  if (typeof name === "string" && macros.has(name)) {
    return { variable: variable.args, outer: [receiver], inner: rest };
  }
  if (name !== "bind" || receiver.op !== "id" || receiver.args !== "cel") return undefined;
  return { variable: variable.args, outer: rest.slice(0, 1), inner: rest.slice(1) };
}

function isHas(node: CelNode): boolean {
  return node.op === "call" && Array.isArray(node.args) && node.args[0] === "has";
}
