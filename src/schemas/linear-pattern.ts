import { RE2JS } from "re2js";

/** Longest pattern that is compiled; longer ones are not written by people. */
const maxPatternLength = 2_000;

export interface LinearPattern {
  test(text: string): boolean;
  /** The pattern. Ajv tells compiled patterns of one instance apart by this text alone. */
  toString(): string;
}

/**
 * Compiles an ECMAScript pattern (as JSON Schema has them) for an engine whose time is linear in the
 * text. Look-around and back-references, which no such engine has, are refused.
 * Fails with `Error`; its message says what the engine does not take.
 */
export function compileLinearPattern(pattern: string): LinearPattern {
  if (pattern.length > maxPatternLength) {
    throw new Error(`the pattern has more than ${maxPatternLength} characters`);
  }
  // The translation below would take a named back-reference for the letter k.
  if (/^(?:[^\\]|\\[^k])*?\\k/.test(pattern)) throw new Error("back-references have no linear time");
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text) => compiled.test(text), toString: () => pattern };
  } catch (error) {
    throw new Error(refusal(pattern, error), { cause: error });
  }
}

function refusal(pattern: string, error: unknown): string {
  if (/\(\?<?[=!]/.test(pattern)) return "look-ahead and look-behind have no linear time";
  if (/\\[1-9]/.test(pattern)) return "back-references have no linear time";
  const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "it is no pattern";
  return `the engine for linear time does not take it: ${reason}`;
}
