import { AppError } from "../../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { parseJson } from "../../../core/lossless-json.ts";

/** What is wrong with a text and at which character. */
export interface BrokenText {
  readonly message: string;
  readonly offset: number;
  readonly mend?: string;
}

/** Reads YAML with bounds on its aliases and its depth; plain values without cycles. */
export type ParseYaml = (
  text: string,
) =>
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "broken"; readonly problems: readonly BrokenText[] };

/** Largest text of one document. */
export const maxTextBytes = 33_554_432;

/**
 * Reads the text of a description, of a document that it references, or of an overlay: JSON or YAML. Fails with
 * `AppError("unprocessable")` that names the document, the line where there is one, and how to mend it.
 */
export function readDescriptionText(text: string, document: string, parseYaml: ParseYaml): JsonObject {
  const start = text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
  const refuse = (message: string): AppError => new AppError("unprocessable", `${document}: ${message}`);
  const begin = start.trimStart().slice(0, 200);
  if (begin === "") throw refuse("the text is empty. Give an OpenAPI description in JSON or YAML.");
  if (start.length > maxTextBytes) {
    throw refuse(
      `the text is larger than ${maxTextBytes / 1_048_576} MB. Split the description, or import a part of it.`,
    );
  }
  if (/^<(?:!doctype|html|head|body|\?xml|!--)/i.test(begin)) {
    throw refuse(
      "this is a page (HTML or XML), not a description. Look on it for the address of openapi.json or openapi.yaml, and for a sign-in that has to be passed (--header).",
    );
  }
  const value = begin.startsWith("{") ? readJson(start, refuse, parseYaml) : readYaml(start, refuse, parseYaml);
  if (isJsonObject(value)) return value;
  throw refuse("this is text, not a mapping of keys to values. Give an OpenAPI description in JSON or YAML.");
}

const byteOrderMark = 0xfeff;

function readJson(text: string, refuse: (message: string) => AppError, parseYaml: ParseYaml): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof AppError) throw refuse(error.message);
    // YAML in flow style begins like JSON; if it is neither, its parser knows the place.
    return readYaml(text, refuse, parseYaml, "JSON");
  }
}

function readYaml(
  text: string,
  refuse: (message: string) => AppError,
  parseYaml: ParseYaml,
  language: "JSON" | "YAML" = "YAML",
): unknown {
  const parsed = parseYaml(text);
  if (parsed.kind === "value") return parsed.value;
  const [problem] = parsed.problems;
  if (problem === undefined) throw refuse(`not valid ${language}.`);
  const line = text.slice(0, problem.offset).split("\n").length;
  const message = problem.message.replace("not valid YAML", `not valid ${language}`);
  throw refuse(`line ${line}: ${message}.${problem.mend === undefined ? "" : ` Mend: ${problem.mend}.`}`);
}
