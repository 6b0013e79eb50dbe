import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { celLiteral, celString } from "../../document/cel-text.ts";
import { templateText } from "../../document/template-text.ts";
import type { GoNodes } from "./go-ast.ts";
import { type GoValue, orElse, textOf, truthOf } from "./go-value.ts";
import { type Hole, type JsonSkeleton, jsonSkeleton, membersSkeleton, readSkeletonText } from "./json-skeleton.ts";
import { notTranslated } from "./not-translated.ts";
import type { TemplateScope } from "./template-scope.ts";
import { choice, enterRange, textPieces, textSource } from "./text-source.ts";

/** The structure with expressions that a template of JSON becomes; absent when it writes no JSON. */
export function jsonStructure(nodes: GoNodes, scope: TemplateScope): JsonValue | undefined {
  if (isTextAlone(nodes, scope)) return undefined;
  const skeleton = jsonSkeleton(nodes, scope);
  return skeleton && new Structure(skeleton).document(skeleton.value);
}

/** One action that fills everything in says by itself whether it writes JSON. */
function isTextAlone(nodes: GoNodes, scope: TemplateScope): boolean {
  const [node, ...more] = nodes.filter((node) => node.kind !== "text" || node.text.trim() !== "");
  if (node === undefined || more.length > 0) return false;
  switch (node.kind) {
    case "output":
      return scope.evaluate(node.value, node.line).kind === "text";
    case "if":
      return !node.branches.every(({ body }) => beginsJson(body));
    case "with":
      return !beginsJson(node.body);
    case "range":
      return true;
    case "text":
    case "declare":
      return false;
  }
}

function beginsJson([first]: GoNodes): boolean {
  return first?.kind === "text" && /^\s*[{[]/.test(first.text);
}

class Structure {
  readonly #skeleton: JsonSkeleton;

  constructor(skeleton: JsonSkeleton) {
    this.#skeleton = skeleton;
  }

  /** As a value of a document. */
  document(value: JsonValue): JsonValue {
    if (typeof value === "string") return this.#documentText(value);
    if (Array.isArray(value)) {
      return value.some((item) => this.#isRange(item))
        ? `\${${this.#listSource(value)}}`
        : value.map((item) => this.document(item));
    }
    if (!isJsonObject(value)) return value;
    const members = Object.entries(value).flatMap(([key, member]) => this.#documentMembers(key, member));
    return Object.fromEntries(members);
  }

  #documentMembers(key: string, member: JsonValue): (readonly [string, JsonValue])[] {
    const name = readSkeletonText(key);
    if (name.kind === "members")
      return conditionalMembers(this.#hole(name.hole)).map(([key, source]) => [key, `\${${source}}`]);
    if (name.kind === "text" && name.parts.every((part) => typeof part === "string"))
      return [[key, this.document(member)]];
    throw notTranslated("a name of a member that is filled in", this.#lineOf(name.kind === "text" ? 0 : name.hole));
  }

  #documentText(text: string): JsonValue {
    const read = readSkeletonText(text);
    if (read.kind !== "text") {
      const value = valueOf(this.#hole(read.hole));
      return value.constant !== undefined && value.kind !== "text" ? value.constant : `\${${value.source}}`;
    }
    const [first, ...rest] = read.parts;
    if (typeof first === "number" && rest.length === 0) return this.#quotedAlone(this.#hole(first));
    return templateText(
      read.parts.flatMap((part) => {
        if (typeof part === "string") return [{ kind: "literal" as const, text: part }];
        const { node, scope } = this.#hole(part);
        return textPieces([node], scope, unescaped);
      }),
    );
  }

  /** `"{{.Args.x}}"`: a text, and absent when the value is; of a response it keeps the type that it has. */
  #quotedAlone({ node, scope }: Hole): JsonValue {
    if (node.kind !== "output") return `\${${textSource([node], scope, unescaped)}}`;
    const value = scope.evaluate(node.value, node.line);
    if (typeof value.constant === "string") return templateText([{ kind: "literal", text: value.constant }]);
    return `\${${value.kind === "text" || value.kind === "unknown" ? value.source : textOf(value)}}`;
  }

  /** As CEL of an optional value. */
  optionalSource(value: JsonValue): string {
    const read = typeof value === "string" ? readSkeletonText(value) : undefined;
    const { optional } = read?.kind === "value" ? valueOf(this.#hole(read.hole)) : {};
    return optional ?? `optional.of(${this.source(value)})`;
  }

  /** As CEL. */
  source(value: JsonValue): string {
    if (typeof value === "string") return this.#textSource(value);
    if (Array.isArray(value)) return this.#listSource(value);
    if (!isJsonObject(value)) return celLiteral(value);
    const members = Object.entries(value).flatMap(([key, member]) => this.#memberSources(key, member));
    return `{${members.join(", ")}}`;
  }

  #memberSources(key: string, member: JsonValue): string[] {
    const name = readSkeletonText(key);
    if (name.kind === "members") {
      return conditionalMembers(this.#hole(name.hole)).map(([key, source]) => `${celString(key)}: ${source}`);
    }
    if (name.kind !== "text") throw notTranslated("a name of a member that is filled in", this.#lineOf(name.hole));
    return [`${this.#partsSource(name.parts)}: ${this.source(member)}`];
  }

  #textSource(text: string): string {
    const read = readSkeletonText(text);
    if (read.kind !== "text") return presentSource(valueOf(this.#hole(read.hole)));
    return this.#partsSource(read.parts);
  }

  #partsSource(parts: readonly (string | number)[]): string {
    const sources = parts.map((part) => {
      if (typeof part === "string") return celString(part);
      const { node, scope } = this.#hole(part);
      return textSource([node], scope, unescaped);
    });
    return sources.length === 0 ? '""' : sources.join(" + ");
  }

  /** Lists are joined of single elements and of ranges. */
  #listSource(items: readonly JsonValue[]): string {
    const lists = items.map((item) => (this.#isRange(item) ? this.source(item) : `[${this.source(item)}]`));
    return lists.length === 0 ? "[]" : lists.join(" + ");
  }

  #isRange(item: JsonValue): boolean {
    if (typeof item !== "string") return false;
    const read = readSkeletonText(item);
    return read.kind === "value" && this.#hole(read.hole).node.kind === "range";
  }

  #hole(number: number): Hole {
    const hole = this.#skeleton.holes[number];
    if (hole === undefined) throw new Error(`The skeleton has no hole ${number}.`);
    return hole;
  }

  #lineOf(number: number): number {
    return this.#skeleton.holes[number]?.node.line ?? 0;
  }
}

/** A value that stands outside of quotes. */
function valueOf({ node, scope }: Hole): GoValue {
  switch (node.kind) {
    case "output": {
      const value = scope.evaluate(node.value, node.line);
      // A text outside of quotes is JSON by itself.
      return value.kind === "text" ? { kind: "unknown", source: `fromJson(${orElse(value, '"null"')})` } : value;
    }
    case "if":
      return { kind: "unknown", source: choice(node, scope, (nodes) => branchSource(nodes, scope, node.line)) };
    case "with": {
      const value = scope.evaluate(node.value, node.line);
      const inner = scope.withDot(value).withVariable(node.variable, value);
      const body = branchSource(node.body, inner, node.line);
      return {
        kind: "unknown",
        source: `(${truthOf(value)} ? ${body} : ${branchSource(node.otherwise, scope, node.line)})`,
      };
    }
    case "range": {
      const { list, element, inner, body } = enterRange(node, scope);
      if (node.otherwise.length > 0) throw notTranslated("`else` of a range in JSON", node.line);
      return { kind: "list", source: `${list}.map(${element}, ${branchSource(body, inner, node.line)})` };
    }
  }
}

/** CEL of the one value that nodes write; commas around it belong to the list. */
function branchSource(nodes: GoNodes, scope: TemplateScope, line: number): string {
  if (nodes.every((node) => node.kind === "text" && node.text.trim() === "")) return "optional.none()";
  const skeleton = jsonSkeleton(trimCommas(nodes), scope);
  if (skeleton === undefined) throw notTranslated("a branch that writes a part of a JSON value", line);
  return new Structure(skeleton).source(skeleton.value);
}

function trimCommas(nodes: GoNodes): GoNodes {
  return nodes.map((node, index) => {
    if (node.kind !== "text") return node;
    const start = index === 0 ? node.text.replace(/^[\s,]+/, "") : node.text;
    return { ...node, text: index === nodes.length - 1 ? start.replace(/[\s,]+$/, "") : start };
  });
}

/** Members that an action adds: each is absent where its branch is not taken. */
function conditionalMembers({ node, scope }: Hole): (readonly [string, string])[] {
  if (node.kind !== "if" && node.kind !== "with")
    throw notTranslated("members of an object that a range adds", node.line);
  const branches = node.kind === "if" ? ifBranches(node, scope) : withBranches(node, scope);
  const keys = new Set(branches.flatMap(({ members }) => Object.keys(members)));
  return [...keys].map((key) => {
    const choices = branches.map(({ condition, members, structure }) => {
      const value = members[key];
      const source = value === undefined ? "optional.none()" : structure.optionalSource(value);
      return condition === undefined ? source : `${condition} ? ${source} : `;
    });
    const isComplete = branches.at(-1)?.condition === undefined;
    return [key, `${choices.join("")}${isComplete ? "" : "optional.none()"}`];
  });
}

interface MemberBranch {
  /** Absent for `else`. */
  readonly condition: string | undefined;
  readonly members: JsonObject;
  readonly structure: Structure;
}

function ifBranches(node: Extract<Hole["node"], { kind: "if" }>, scope: TemplateScope): MemberBranch[] {
  const branches = node.branches.map(({ condition, body }) =>
    memberBranch(truthOf(scope.evaluate(condition, node.line)), body, scope, node.line),
  );
  return node.otherwise.length === 0
    ? branches
    : [...branches, memberBranch(undefined, node.otherwise, scope, node.line)];
}

function withBranches(node: Extract<Hole["node"], { kind: "with" }>, scope: TemplateScope): MemberBranch[] {
  const value = scope.evaluate(node.value, node.line);
  const inner = scope.withDot(value).withVariable(node.variable, value);
  const taken = memberBranch(truthOf(value), node.body, inner, node.line);
  return node.otherwise.length === 0 ? [taken] : [taken, memberBranch(undefined, node.otherwise, scope, node.line)];
}

function memberBranch(condition: string | undefined, body: GoNodes, scope: TemplateScope, line: number): MemberBranch {
  const skeleton = membersSkeleton(body, scope);
  if (skeleton === undefined || !isJsonObject(skeleton.value)) {
    throw notTranslated("a branch that writes a part of an object", line);
  }
  return { condition, members: skeleton.value, structure: new Structure(skeleton) };
}

function presentSource(value: GoValue): string {
  return value.optional ?? value.source;
}

/** The text of the inside of a JSON string. */
function unescaped(text: string): string {
  try {
    const value: unknown = JSON.parse(`"${text.replaceAll("\n", "\\n")}"`);
    return typeof value === "string" ? value : text;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
