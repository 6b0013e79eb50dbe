import type { DocumentPath, Problem } from "../../core/problem.ts";
import { type CompileScope, compileText, type Scope, type Template } from "../../expressions/template.ts";
import { checkedText } from "./fixed-template.ts";
import { cookiePair, headerValue, isHeaderName } from "./wire-text.ts";

/** One header to send. `name` is in lower case; an absent value leaves it out. */
export interface HeaderEntry {
  readonly name: string;
  readonly value: Template<string | undefined>;
}

/** Headers that belong to one connection (RFC 9110, 7.6.1) or that the client library writes itself. */
export const ownedByConnection: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What identifies the client towards the gateway is never sent on to an upstream. */
const neverForwarded = new Set(["authorization", "cookie", "set-cookie", "mcp-session-id"]);

/** Compiles headers; names that may not be set are reported and left out. */
export function compileHeaders(
  headers: Readonly<Record<string, string>>,
  path: DocumentPath,
  scope: CompileScope,
): readonly HeaderEntry[] {
  const entries: HeaderEntry[] = [];
  for (const [name, text] of Object.entries(headers)) {
    const at = [...path, name];
    if (!checkName(name, at, scope.report)) continue;
    const template = compileText(text, at, scope);
    const problem = { path: at, message: controlCharacters };
    const value = checkedText(template, (text) => headerValue(name, text), problem, scope.report);
    entries.push({ name: name.toLowerCase(), value });
  }
  return entries;
}

/** Compiles cookies into `name=value` pairs. */
export function compileCookies(
  cookies: Readonly<Record<string, string>>,
  path: DocumentPath,
  scope: CompileScope,
): readonly Template<string | undefined>[] {
  const pairs: Template<string | undefined>[] = [];
  for (const [name, text] of Object.entries(cookies)) {
    const at = [...path, name];
    if (!isHeaderName(name)) {
      scope.report({
        severity: "error",
        path: at,
        atKey: true,
        message: `\`${name}\` cannot be the name of a cookie`,
      });
      continue;
    }
    const problem = { path: at, message: controlCharacters };
    pairs.push(checkedText(compileText(text, at, scope), (value) => cookiePair(name, value), problem, scope.report));
  }
  return pairs;
}

/** The client's headers that an upstream lists; forbidden ones are reported and left out. */
export function compileForwarded(
  names: readonly string[],
  path: DocumentPath,
  report: (problem: Problem) => void,
): readonly HeaderEntry[] {
  const entries: HeaderEntry[] = [];
  names.forEach((listed, index) => {
    const name = listed.toLowerCase();
    const at = [...path, index];
    if (neverForwarded.has(name)) {
      report({
        severity: "error",
        path: at,
        message: `the client's \`${listed}\` is never sent on`,
        mend: "give the upstream credentials of its own: headers with ${secrets.NAME}",
      });
    } else if (checkName(listed, at, report)) {
      entries.push({
        name,
        value: {
          constant: false,
          secrets: [],
          evaluate: ({ request }: Scope) => {
            const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
            return value === undefined ? undefined : headerValue(name, value);
          },
        },
      });
    }
  });
  return entries;
}

function checkName(name: string, path: DocumentPath, report: (problem: Problem) => void): boolean {
  const atKey = typeof path.at(-1) === "string";
  if (!isHeaderName(name)) {
    report({ severity: "error", path, atKey, message: `\`${name}\` cannot be the name of a header` });
    return false;
  }
  if (!ownedByConnection.has(name.toLowerCase())) return true;
  report({
    severity: "error",
    path,
    atKey,
    message: `the header \`${name}\` belongs to the connection and cannot be set`,
    mend: "remove it; the gateway writes it where it is needed",
  });
  return false;
}

const controlCharacters = "the value holds a line break or another control character";
