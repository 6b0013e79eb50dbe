/** Bounds on what one expression may be and do. They stop accidents and attacks, not honest use. */
export const expressionLimits = {
  sourceLength: 8_192,
  syntaxNodes: 2_000,
  syntaxDepth: 60,
  literalEntries: 1_000,
  /** Turns of all macros (`map`, `filter`, `all`, …) of one evaluation together. */
  turns: 200_000,
  /** Time that macros may take in one evaluation, looked at every 16 turns. */
  milliseconds: 100,
  /** Length of a text that an expression builds. */
  textLength: 16_777_216,
  /** Elements of a list that an expression builds. */
  listLength: 1_000_000,
  /** Characters of the text and of the pattern that `matches` takes. */
  matchedLength: 100_000,
  patternLength: 1_000,
  /** Characters of the text that `duration` takes: reading it is not linear. */
  durationLength: 48,
} as const;
