import { compileLinearPattern } from "../../../schemas/linear-pattern.ts";

/** Characters that people escape although they mean themselves; with the flag `u` that is an error. */
const needlessEscapes = new Set([..."@_\"'#%&,:;<=>`~! -"]);

/**
 * A pattern that both the gateway's engine and ECMAScript with `u` (JSON Schema 2020-12, 6.4) take, or why
 * there is none, in words that follow "it" or a colon.
 */
export function mendPattern(pattern: string): { readonly pattern: string } | { readonly fault: string } {
  const delimited = /^\/(.+)\/([a-z]*)$/s.exec(pattern);
  const [, inner = pattern, flags = ""] = delimited ?? [];
  if (delimited !== null && /[^gu]/.test(flags)) return { fault: "JSON Schema has no flags for patterns" };
  const mended = withoutNeedlessEscapes(inner);
  try {
    // Only the syntax is asked for: nothing is matched, so it costs no time.
    new RegExp(mended, "u");
    compileLinearPattern(mended);
    return { pattern: mended };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { fault: error instanceof SyntaxError ? "it is no ECMAScript pattern" : error.message };
  }
}

function withoutNeedlessEscapes(pattern: string): string {
  let isInClass = false;
  return pattern.replace(/\\[^]|[[\]]/gu, (token) => {
    if (token === "[") isInClass = true;
    else if (token === "]") isInClass = false;
    else {
      const escaped = token.slice(1);
      // Between brackets a bare `-` would be a range.
      return needlessEscapes.has(escaped) && !(isInClass && escaped === "-") ? escaped : token;
    }
    return token;
  });
}
