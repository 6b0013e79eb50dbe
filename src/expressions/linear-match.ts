import { RE2JS } from "re2js";
import { ExpressionFault } from "./fault.ts";
import { expressionLimits } from "./limits.ts";

const maxKeptPatterns = 256;

/** CEL's `matches`: RE2 syntax, anywhere in the text, in time linear in the text. Keeps compiled patterns. */
export function createMatcher(): (text: string, pattern: string) => boolean {
  const kept = new Map<string, RE2JS>();
  return (text, pattern) => {
    if (text.length > expressionLimits.matchedLength) throw new ExpressionFault("the text for `matches` is too long");
    let compiled = kept.get(pattern);
    if (compiled === undefined) {
      compiled = compilePattern(pattern);
      if (kept.size >= maxKeptPatterns) kept.clear();
      kept.set(pattern, compiled);
    }
    return compiled.test(text);
  };
}

function compilePattern(pattern: string): RE2JS {
  if (pattern.length > expressionLimits.patternLength) throw new ExpressionFault("the pattern is too long");
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof Error) throw new ExpressionFault("the pattern for `matches` is not RE2 syntax");
    throw error;
  }
}
