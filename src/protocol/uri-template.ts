import { AppError } from "../core/errors.ts";

/** A parsed URI template of RFC 6570 level 1: literal text with `{name}` variables. */
export interface UriTemplate {
  readonly text: string;
  /** Names in the order of their first appearance. */
  readonly variables: readonly string[];
  /**
   * The decoded variables when `uri` has the template's shape, else `undefined`. A variable takes one
   * or more characters up to the next literal, never a `/`, `?` or `#`. Runs in linear time. The
   * result has no prototype: names may be anything.
   */
  match(uri: string): Readonly<Record<string, string>> | undefined;
  /** The URI with each variable percent-encoded; one that is absent becomes empty (RFC 6570 3.2.1). */
  expand(values: Readonly<Record<string, string>>): string;
}

const maxTemplateLength = 2048;
const variableName = /^(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_-]|%[0-9A-Fa-f]{2}))*$/;
/** What a URI may hold as it is, and percent-encoded bytes. */
const literalText = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2}|[^\0-\x7f])*$/;
const structural = /[/?#]/;

/** `literals[i]` stands before `names[i]`; one literal more than names. */
interface Parts {
  readonly literals: readonly string[];
  readonly names: readonly string[];
}

/**
 * Parses a URI template of RFC 6570 level 1.
 * Fails with `AppError("invalid_configuration")` when it is malformed, uses an operator of a higher level,
 * or has two variables side by side, because no URI says where the first one ends.
 */
export function parseUriTemplate(text: string): UriTemplate {
  const parts = splitTemplate(text);
  const variables = [...new Set(parts.names)];
  return {
    text,
    variables,
    match: (uri) => matchParts(parts, uri),
    expand: (values) => expandParts(parts, values),
  };
}

function splitTemplate(text: string): Parts {
  if (text.length > maxTemplateLength) {
    throw refuse(`A URI template has at most ${maxTemplateLength} characters.`);
  }
  const literals: string[] = [];
  const names: string[] = [];
  let at = 0;
  for (let open = text.indexOf("{"); open !== -1; open = text.indexOf("{", at)) {
    const close = text.indexOf("}", open);
    if (close === -1) throw refuse(`The "{" at character ${open + 1} of the URI template is never closed.`);
    if (open === at && names.length > 0) {
      throw refuse(`Two variables of the URI template stand side by side at character ${open + 1}; put text between.`);
    }
    literals.push(checkLiteral(text.slice(at, open)));
    names.push(checkName(text.slice(open + 1, close)));
    at = close + 1;
  }
  literals.push(checkLiteral(text.slice(at)));
  return { literals, names };
}

function checkLiteral(literal: string): string {
  if (literal.includes("}")) throw refuse('The URI template has a "}" without a "{" before it.');
  if (!literalText.test(literal)) {
    throw refuse(`The text "${literal}" of the URI template holds a character that URIs do not allow.`);
  }
  return literal;
}

function checkName(name: string): string {
  if (variableName.test(name)) return name;
  if (/^[+#./;?&=,!@|]/.test(name) || /[*:,]/.test(name)) {
    throw refuse(`"{${name}}" uses an operator; only plain variables such as {id} (RFC 6570 level 1) are supported.`);
  }
  throw refuse(`"{${name}}" is not a variable name; use letters, digits, "_", "-" and ".".`);
}

/**
 * Each variable ends at the first place where the literal after it begins. As variables hold at least
 * one character and never lie side by side, one pass decides; only the last literal is tied to the end.
 */
function matchParts(parts: Parts, uri: string): Record<string, string> | undefined {
  const [first = ""] = parts.literals;
  if (!uri.startsWith(first)) return undefined;
  const values: Record<string, string> = Object.create(null);
  let at = first.length;
  for (const [index, name] of parts.names.entries()) {
    const literal = parts.literals[index + 1] ?? "";
    const isLast = index === parts.names.length - 1;
    const end = isLast ? uri.length - literal.length : uri.indexOf(literal, at + 1);
    if (end <= at || (isLast && !uri.endsWith(literal))) return undefined;
    const value = decode(uri.slice(at, end));
    if (value === undefined || (values[name] ?? value) !== value) return undefined;
    values[name] = value;
    at = end + literal.length;
  }
  return parts.names.length > 0 || at === uri.length ? values : undefined;
}

/** Strict: structure, bare percent signs and bytes that are not UTF-8 are no value. */
function decode(encoded: string): string | undefined {
  if (structural.test(encoded)) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function expandParts(parts: Parts, values: Readonly<Record<string, string>>): string {
  let uri = parts.literals[0] ?? "";
  for (const [index, name] of parts.names.entries()) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    uri += encode(value ?? "") + (parts.literals[index + 1] ?? "");
  }
  return uri;
}

/** Everything but the unreserved characters is encoded (RFC 6570 3.2.2). */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

function refuse(message: string): AppError {
  return new AppError("invalid_configuration", message);
}
