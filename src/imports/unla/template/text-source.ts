import type { TextPiece } from "../../document/template-text.ts";
import { celString } from "../../document/cel-text.ts";
import type { GoNode, GoNodes } from "./go-ast.ts";
import { constantValue, type GoValue, orElse, textOf, truthOf } from "./go-value.ts";
import { notTranslated } from "./not-translated.ts";
import type { TemplateScope } from "./template-scope.ts";

/** Makes text of the literal parts of a template: in JSON its escapes have to go. */
export type ReadLiteral = (text: string) => string;

/** The pieces of a text of a document that a template becomes. */
export function textPieces(nodes: GoNodes, scope: TemplateScope, read: ReadLiteral = (text) => text): TextPiece[] {
  const pieces: TextPiece[] = [];
  let inner = scope;
  for (const node of nodes) {
    if (node.kind === "declare") inner = inner.withVariable(node.variable, inner.evaluate(node.value, node.line));
    else if (node.kind === "text") pieces.push({ kind: "literal", text: read(node.text) });
    else if (node.kind === "output") pieces.push(outputPiece(inner.evaluate(node.value, node.line)));
    else pieces.push({ kind: "expression", source: controlText(node, inner, read) });
  }
  return pieces;
}

/** What is plainly selected is written as it is: an absent value is no text, and numbers keep their digits. */
function outputPiece(value: GoValue): TextPiece {
  if (value.constant !== undefined && value.constant !== null) return { kind: "literal", text: String(value.constant) };
  return {
    kind: "expression",
    source: value.kind === "json" && value.optional === undefined ? textOf(value) : value.source,
  };
}

/** CEL of the text that nodes make. */
export function textSource(nodes: GoNodes, scope: TemplateScope, read: ReadLiteral): string {
  const sources: string[] = [];
  let inner = scope;
  for (const node of nodes) {
    if (node.kind === "declare") inner = inner.withVariable(node.variable, inner.evaluate(node.value, node.line));
    else if (node.kind === "text") sources.push(celString(read(node.text)));
    else if (node.kind === "output") sources.push(textOf(inner.evaluate(node.value, node.line)));
    else sources.push(controlText(node, inner, read));
  }
  return sources.length <= 1 ? (sources[0] ?? '""') : `(${sources.join(" + ")})`;
}

type ControlNode = Exclude<GoNode, { kind: "text" | "output" | "declare" }>;

function controlText(node: ControlNode, scope: TemplateScope, read: ReadLiteral): string {
  switch (node.kind) {
    case "if":
      return choice(node, scope, (nodes) => textSource(nodes, scope, read));
    case "with": {
      const value = scope.evaluate(node.value, node.line);
      const inner = scope.withDot(value).withVariable(node.variable, value);
      return `(${truthOf(value)} ? ${textSource(node.body, inner, read)} : ${textSource(node.otherwise, scope, read)})`;
    }
    case "range": {
      const { list, element, inner, body, separator } = enterRange(node, scope);
      const joined = `${list}.map(${element}, ${textSource(body, inner, read)}).join(${celString(read(separator))})`;
      if (node.otherwise.length === 0) return joined;
      return `(size(${list}) > 0 ? ${joined} : ${textSource(node.otherwise, scope, read)})`;
    }
  }
}

/** An `if` as a conditional in CEL; `write` writes each branch. */
export function choice(
  node: Extract<GoNode, { kind: "if" }>,
  scope: TemplateScope,
  write: (nodes: GoNodes) => string,
): string {
  const conditions = node.branches.map(({ condition, body }) => {
    return `${truthOf(scope.evaluate(condition, node.line))} ? ${write(body)} : `;
  });
  return `(${conditions.join("")}${write(node.otherwise)})`;
}

export interface EnteredRange {
  /** CEL of what is gone over. */
  readonly list: string;
  /** Name of the element in CEL. */
  readonly element: string;
  readonly inner: TemplateScope;
  readonly body: GoNodes;
  /** What `{{if $i}}, {{end}}` puts between the elements. */
  readonly separator: string;
}

/** Goes into a range: over the elements of a list, or over the keys of what is known to be an object. */
export function enterRange(node: Extract<GoNode, { kind: "range" }>, scope: TemplateScope): EnteredRange {
  const value = scope.evaluate(node.list, node.line);
  if (value.kind === "text" || value.kind === "number" || value.kind === "boolean") {
    throw notTranslated("a range over what is no list", node.line);
  }
  const element = scope.depth === 0 ? "item" : `item${scope.depth + 1}`;
  const { body, separator } = withoutSeparator(node.body, node.index);
  if (value.kind === "object") {
    const source = orElse(value, "{}");
    const member: GoValue = { kind: "unknown", source: `${source}[${element}]` };
    const key: GoValue = { kind: "text", source: element };
    const inner = scope.within(member).withVariable(node.index, key).withVariable(node.element, member);
    return { list: `${source}.keys()`, element, inner, body, separator };
  }
  const item: GoValue = { kind: "unknown", source: element };
  const index: GoValue = { ...constantValue(null), isIndex: true };
  const inner = scope.within(item).withVariable(node.index, index).withVariable(node.element, item);
  return { list: orElse(value, "[]"), element, inner, body, separator };
}

/** Takes the separator of a list out of its body: the text that stands in all rounds but the first. */
function withoutSeparator(
  body: GoNodes,
  index: string | undefined,
): { readonly body: GoNodes; readonly separator: string } {
  const [first, ...rest] = body;
  if (index === undefined || first?.kind !== "if" || first.branches.length !== 1 || first.otherwise.length > 0) {
    return { body, separator: "" };
  }
  const [branch] = first.branches;
  const isIndex =
    branch?.condition.kind === "field" && branch.condition.base === index && branch.condition.path.length === 0;
  const [text, ...more] = branch?.body ?? [];
  if (!isIndex || text?.kind !== "text" || more.length > 0) return { body, separator: "" };
  return { body: rest, separator: text.text };
}
