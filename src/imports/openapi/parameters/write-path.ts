import type { OperationSource } from "../description.ts";
import type { OperationCompilation } from "../operation-compilation.ts";
import { RefusedOperation } from "../refused-operation.ts";
import { argument, argumentTemplate, literal } from "../templates.ts";
import type { ArgumentList } from "./argument-list.ts";
import type { Parameter } from "./read-parameters.ts";

export interface WrittenPath {
  readonly path: string;
  /** What the description wrote after a `?` in the path. */
  readonly query: ReadonlyMap<string, string>;
}

/** Turns the path template of a description into that of a request; adds its arguments. */
export function writePath(
  source: OperationSource,
  parameters: readonly Parameter[],
  input: ArgumentList,
  compilation: OperationCompilation,
): WrittenPath {
  const [beforeFragment = "", ...fragments] = source.path.split("#");
  if (fragments.length > 0) {
    compilation.note("path-fragment", "What follows `#` in the path is never sent; it is left out.", source.pathItem);
  }
  const [path = "", ...queries] = beforeFragment.split("?");
  const names = new Map<string, string>();
  if (path.split("{").length > maxPlaceholders) {
    throw new RefusedOperation(
      "path-not-usable",
      `The path has more than ${maxPlaceholders} parameters.`,
      source.pathItem,
    );
  }
  const nameOf = (name: string): Placeholder => {
    const parameter = parameters.find(({ name: own, place }) => place === "path" && own === name);
    const known = names.get(name);
    if (known !== undefined) return { name: known, parameter };
    if (parameter === undefined) {
      const message = `The path names {${name}}, which no parameter describes; it is taken for a text.`;
      compilation.note("path-parameter-undescribed", message, source.pathItem);
    }
    const added = input.add(name, "path", parameter?.draft ?? { type: "string" }, true);
    names.set(name, added);
    return { name: added, parameter };
  };
  const written = splitTemplate(path).map((part) =>
    part.isName ? placeholder(part.text, nameOf) : encodeBraces(part.text),
  );
  const query = writeQuery(queries.join("?"), nameOf);
  for (const { name, place, located } of parameters) {
    if (place !== "path" || names.has(name)) continue;
    compilation.note("path-parameter-unused", `The path has no {${name}}; the parameter is left out.`, located);
  }
  return { path: rooted(joinSafely(written), source), query };
}

const maxPlaceholders = 100;

interface Placeholder {
  readonly name: string;
  readonly parameter: Parameter | undefined;
}

interface Part {
  readonly text: string;
  readonly isName: boolean;
}

function splitTemplate(path: string): readonly Part[] {
  return path.split(/(\{[^{}/]*\})/).map((text) => {
    const isName = /^\{[^{}]+\}$/.test(text);
    return { text: isName ? text.slice(1, -1) : text, isName };
  });
}

function encodeBraces(text: string): string {
  return text.replaceAll("{", "%7B").replaceAll("}", "%7D");
}

/** A `$` before a placeholder would make an expression of it. */
function joinSafely(parts: readonly string[]): string {
  return parts.reduce(
    (path, part) => (part.startsWith("{") && path.endsWith("$") ? `${path.slice(0, -1)}%24${part}` : path + part),
    "",
  );
}

function placeholder(written: string, nameOf: (name: string) => Placeholder): string {
  const reserved = /^[+#]|\*$/.exec(written);
  if (reserved !== null) {
    throw new RefusedOperation(
      "path-expansion",
      `{${written}} stands for more than one segment of the path, which no argument may. Write a tool by hand with one argument per segment.`,
    );
  }
  const { name, parameter } = nameOf(written);
  if (parameter === undefined) return `{${name}}`;
  const { style, explode, shape } = parameter;
  const isMany = shape === "list" || shape === "object";
  if (shape === "object" || (style === "matrix" && isMany && explode)) {
    throw new RefusedOperation(
      "style-not-supported",
      `The path parameter \`${written}\` is ${shape === "list" ? "a list" : "an object"} in the style ${style}, which cannot be written into a path.`,
      parameter.located,
    );
  }
  if (style === "label") return shape === "list" && explode ? `.\${${argument(name)}.join(".")}` : `.{${name}}`;
  if (style === "matrix") return `;${encodeBraces(encodeURIComponent(written))}={${name}}`;
  return `{${name}}`;
}

function writeQuery(text: string, nameOf: (name: string) => Placeholder): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split("&").filter((part) => part !== "")) {
    const [key = "", ...rest] = pair.split("=");
    const value = rest.join("=");
    const name = /^\{([^{}]+)\}$/.exec(value)?.[1];
    query.set(decode(key), name === undefined ? literal(decode(value)) : argumentTemplate(nameOf(name).name));
  }
  return query;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function rooted(path: string, { pathItem }: OperationSource): string {
  const full = path.startsWith("/") ? path : `/${path}`;
  const segments = full.split("/");
  if (full.startsWith("//") || segments.some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) {
    throw new RefusedOperation("path-not-usable", `The path \`${path}\` would lead away from the base URL.`, pathItem);
  }
  return full;
}
