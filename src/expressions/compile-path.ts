import { AppError } from "../core/errors.ts";
import type { JsonValue } from "../core/json.ts";
import { type DocumentPath, formatPath } from "../core/problem.ts";
import { brokenTemplate, compileParts, constantTemplate, secretsOf } from "./compile-text.ts";
import type { Expression } from "./expression.ts";
import { showSource } from "./expression-failure.ts";
import { encodeSegment, pathValueFault } from "./path-segment.ts";
import type { CompileScope, Scope, Template } from "./scope.ts";
import { nearest } from "../core/nearest.ts";
import { textOf } from "./value-text.ts";

/** A value in a path. */
interface Placeholder extends Template<JsonValue | undefined> {
  /** How errors call it: `the argument "id"`. */
  readonly label: string;
}

type PathPart = string | Placeholder;
type Report = (message: string, mend?: string) => undefined;

const placeholderName = /^[\w$.~-]+$/;
const allowedInPath = /%[0-9A-Fa-f]{2}|[\w\-.~!$&'()*+,;=:@/]+|[^]/gu;

/**
 * Compiles the path of a request: literal text, `{name}` for `args.name`, and `${…}`. Each value is
 * percent-encoded as part of one segment; a list is its elements with commas between them (RFC 6570, 3.2.2).
 * A value that is absent, empty, `.` or `..`, that is an object, or that holds a separator or a control
 * character, also in percent-encoded form, is `AppError("invalid_params")`: the path always has the segments
 * that were written.
 */
export function compilePath(path: string, at: DocumentPath, scope: CompileScope): Template<string> {
  const report: Report = (message, mend) => {
    scope.report({ severity: "error", path: at, message, ...(mend === undefined ? {} : { mend }) });
  };
  const parts = compileParts(path, at, scope)?.map((part) => {
    return typeof part === "string" ? splitLiteral(part, at, scope, report) : [expressionPlaceholder(part)];
  });
  if (parts === undefined || !parts.every((part) => part !== undefined)) return brokenTemplate(at);
  const segments = splitSegments(parts.flat());
  if (!isSoundPath(segments, report)) return brokenTemplate(at);
  const placeholders = segments.flat().filter((part) => typeof part !== "string");
  if (placeholders.length === 0) return constantTemplate(segments.map(literalText).join("/"));
  return {
    constant: false,
    secrets: secretsOf(placeholders),
    evaluate: (values) => segments.map((segment) => writeSegment(segment, values, at)).join("/"),
  };
}

/** Cuts literal text at its `{name}` placeholders and encodes what URLs do not allow. */
function splitLiteral(
  text: string,
  at: DocumentPath,
  scope: CompileScope,
  report: Report,
): readonly PathPart[] | undefined {
  const parts: PathPart[] = [];
  const [first = "", ...rest] = text.split("{");
  const pieces = rest.map((piece) => piece.split("}"));
  if (first.includes("}") || pieces.some((piece) => piece.length !== 2)) {
    return report("the path has a `{` or `}` without its partner", "write `%7B` and `%7D` for literal braces");
  }
  parts.push(encodeLiteral(first));
  for (const [name = "", literal = ""] of pieces) {
    if (!placeholderName.test(name)) {
      return report(`{${name}} is not a placeholder`, "write the name of an argument between the braces");
    }
    checkArgument(name, at, scope);
    parts.push(argumentPlaceholder(name), encodeLiteral(literal));
  }
  return parts;
}

function encodeLiteral(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.replace(allowedInPath, (part) =>
    /^(?:%..|[\w\-.~!$&'()*+,;=:@/?#])/.test(part) ? part : encodeURIComponent(part),
  );
}

function argumentPlaceholder(name: string): Placeholder {
  return {
    label: `The argument "${name}"`,
    constant: false,
    secrets: [],
    evaluate: ({ args }) => (Object.hasOwn(args, name) ? args[name] : undefined),
  };
}

function expressionPlaceholder(expression: Expression): Placeholder {
  const { constant, secrets, chain } = expression;
  const [first] = chain?.steps ?? [];
  const isArgument = chain?.root === "args" && chain.steps.length === 1 && typeof first === "string";
  return {
    label: isArgument ? `The argument "${first}"` : `The expression ${showSource(expression.source)}`,
    constant,
    secrets,
    evaluate: (scope) => expression.evaluate(scope),
  };
}

function checkArgument(name: string, at: DocumentPath, scope: CompileScope): void {
  if (scope.argumentNames === undefined || scope.argumentNames.has(name)) return;
  const closest = nearest(name, scope.argumentNames);
  scope.report({
    severity: "warning",
    path: at,
    message: `the path uses {${name}}, which the input does not describe`,
    mend: closest === undefined ? "add it to the properties of the input" : `did you mean {${closest}}?`,
  });
}

/** The parts between the slashes; those that are empty texts are left out. */
function splitSegments(parts: readonly PathPart[]): readonly (readonly PathPart[])[] {
  let segment: PathPart[] = [];
  const segments = [segment];
  for (const part of parts) {
    if (typeof part !== "string") segment.push(part);
    else {
      for (const [index, text] of part.split("/").entries()) {
        if (index > 0) segments.push((segment = []));
        if (text !== "") segment.push(text);
      }
    }
  }
  return segments;
}

function isSoundPath(segments: readonly (readonly PathPart[])[], report: Report): boolean {
  const literals = segments.map(literalText);
  const isPure = (index: number): boolean => segments[index]?.every((part) => typeof part === "string") === true;
  const [first] = segments;
  if (segments.length < 2 || first?.length !== 0) {
    report("the path does not begin with `/`", "begin it with `/`; it is appended to the upstream's baseUrl");
  } else if (segments.length > 2 && segments[1]?.length === 0) {
    report("the path begins with `//`, which would name another host", "begin it with one `/`");
  } else if (literals.some((literal) => literal.includes("?"))) {
    report("the path holds a `?`", "use `query` for parameters");
  } else if (literals.some((literal) => literal.includes("#"))) {
    report("the path holds a `#`, which is never sent", "use `query` for parameters, or `%23` for a literal #");
  } else if (literals.some((literal, index) => isPure(index) && isDots(literal))) {
    report("the path has a segment `.` or `..`", "write the path that is meant");
  } else return true;
  return false;
}

/** What of a segment is written in the document. */
function literalText(segment: readonly PathPart[]): string {
  return segment.filter((part) => typeof part === "string").join("");
}

function isDots(literal: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(literal);
}

function writeSegment(segment: readonly PathPart[], scope: Scope, at: DocumentPath): string {
  let text = "";
  // What a server that decodes twice would see; the document's own encoding is not in question.
  let decodable = "";
  for (const part of segment) {
    if (typeof part === "string") {
      text += part;
      decodable += part.replaceAll("%", "_");
    } else {
      const values = placeholderTexts(part, scope, at);
      text += values.length === 1 ? encodeSegment(values[0] ?? "") : values.map(encodeSegment).join(",");
      decodable += values.join(",");
    }
  }
  if (segment.length > 1 && decodable.includes("%")) {
    const fault = pathValueFault(decodable);
    if (fault !== undefined) throw refuse(`What ${formatPath(at)} makes of its arguments`, fault);
  }
  return text;
}

/** One text, or those of the elements of a list: a comma that separates is not encoded, one inside of a text is. */
function placeholderTexts(placeholder: Placeholder, scope: Scope, at: DocumentPath): readonly string[] {
  const value = placeholder.evaluate(scope);
  const where = `${placeholder.label} in ${formatPath(at)}`;
  if (!isList(value)) return [partText(value, where)];
  if (value.length === 0) throw refuse(where, "is an empty list");
  return value.map((item) => partText(item, where));
}

function partText(value: JsonValue | undefined, where: string): string {
  if (value === undefined || value === null) throw refuse(where, "is missing");
  if (typeof value === "object") throw refuse(where, "is an object or a list of structures");
  const text = textOf(value);
  if (!text.isWellFormed()) throw refuse(where, "is not well-formed Unicode");
  const fault = pathValueFault(text);
  if (fault !== undefined) throw refuse(where, fault);
  return text;
}

/** `Array.isArray` does not narrow a readonly array out of a union. */
function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function refuse(subject: string, fault: string): AppError {
  return new AppError("invalid_params", `${subject} cannot be used in a URL path: it ${fault}.`);
}
