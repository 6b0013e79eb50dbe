import { AppError } from "../../../core/errors.ts";
import { isJsonObject, type JsonValue } from "../../../core/json.ts";
import { parseJson } from "../../../core/lossless-json.ts";
import type { GoNode, GoNodes } from "./go-ast.ts";
import type { TemplateScope } from "./template-scope.ts";

/** A part of a JSON text that a template fills in. */
export interface Hole {
  readonly node: Exclude<GoNode, { kind: "text" | "declare" }>;
  readonly scope: TemplateScope;
}

/** JSON whose strings may hold marks of holes: `mark(3)` in a text, `"mark(3)"` for a whole value or for members. */
export interface JsonSkeleton {
  readonly value: JsonValue;
  readonly holes: readonly Hole[];
}

// Characters of the private use area: no configuration holds them.
const inText = "\ue000";
const asValue = "\ue001";
const asMembers = "\ue002";
const end = "\ue003";

/** What a string of a skeleton is: text with holes, one hole that is the value, or (as a key) one that adds members. */
export type SkeletonText =
  | { readonly kind: "text"; readonly parts: readonly (string | number)[] }
  | { readonly kind: "value" | "members"; readonly hole: number };

/** Reads a string of a skeleton; numbers are holes. */
export function readSkeletonText(text: string): SkeletonText {
  const whole = new RegExp(`^([${asValue}${asMembers}])(\\d+)${end}$`).exec(text);
  if (whole !== null) return { kind: whole[1] === asValue ? "value" : "members", hole: Number(whole[2]) };
  const parts = text.split(new RegExp(`${inText}(\\d+)${end}`));
  return {
    kind: "text",
    parts: parts.map((part, index) => (index % 2 === 1 ? Number(part) : part)).filter((part) => part !== ""),
  };
}

/** The JSON that a template writes, with holes where it is filled in; absent when it is no JSON. */
export function jsonSkeleton(nodes: GoNodes, scope: TemplateScope): JsonSkeleton | undefined {
  const holes: Hole[] = [];
  const text = withMarks(nodes, scope, holes);
  const value = text === undefined ? undefined : parseLenient(text);
  return value === undefined ? undefined : { value, holes };
}

/** The members of an object that a branch adds: `, "a": 1`. Absent when it is something else. */
export function membersSkeleton(nodes: GoNodes, scope: TemplateScope): JsonSkeleton | undefined {
  const holes: Hole[] = [];
  const text = withMarks(nodes, scope, holes);
  const value = text === undefined ? undefined : parseLenient(`{${text}}`);
  return value === undefined || !isJsonObject(value) ? undefined : { value, holes };
}

function withMarks(nodes: GoNodes, scope: TemplateScope, holes: Hole[]): string | undefined {
  let text = "";
  let inner = scope;
  for (const node of nodes) {
    if (node.kind === "text") text += node.text;
    else if (node.kind === "declare") inner = inner.withVariable(node.variable, inner.evaluate(node.value, node.line));
    else {
      const number = holes.push({ node, scope: inner }) - 1;
      if (isWithinString(text)) text += `${inText}${number}${end}`;
      else if (node.kind !== "output" && addsMembers(node, inner)) text += `,"${asMembers}${number}${end}":null,`;
      else text += `"${asValue}${number}${end}"`;
    }
  }
  return isWithinString(text) ? undefined : text;
}

/** Whether the branches of an action are members of the object around it. */
function addsMembers(node: Exclude<Hole["node"], { kind: "output" }>, scope: TemplateScope): boolean {
  const [body] = node.kind === "if" ? node.branches.map(({ body }) => body) : [node.body];
  const first = body?.[0];
  return (
    first?.kind === "text" &&
    /^[\s,]*"(?:[^"\\]|\\.)*"\s*:/.test(first.text) &&
    membersSkeleton(body ?? [], scope) !== undefined
  );
}

function isWithinString(text: string): boolean {
  return text.replace(/\\[^]/g, "").split('"').length % 2 === 0;
}

/** Parses JSON in which commas may be missing their neighbours: branches bring their own. */
function parseLenient(text: string): JsonValue | undefined {
  const tokens = text.match(/"(?:[^"\\]|\\[^])*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const kept: string[] = [];
  for (const token of tokens) {
    const before = kept.at(-1);
    if (token === "," && (before === undefined || "{[,:".includes(before))) continue;
    if ((token === "}" || token === "]") && before === ",") kept.pop();
    kept.push(token);
  }
  try {
    return parseJson(kept.join("").replace(/[\n\t\r]/g, " "));
  } catch (error) {
    if (error instanceof AppError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
