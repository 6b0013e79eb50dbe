import { RE2JS } from "re2js";

/** Longest pattern that is compiled; longer ones are not written by people. */
const maxPatternLength = 2_000;

export interface LinearPattern {
  test(text: string): boolean;
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
  const unsupported = /\(\?(?:[=!]|<[=!])/.exec(pattern);
  if (unsupported !== null) throw new Error(`look-around "${unsupported[0]}" is not supported, it has no linear time`);
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text) => compiled.test(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "not a pattern";
    throw new Error(`the pattern cannot run in linear time: ${reason}`, { cause: error });
  }
}
