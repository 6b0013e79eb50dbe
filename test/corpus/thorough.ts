/** Set by `npm run corpus`. */
export const thoroughVariable = "PASSERELLE_TEST_CORPUS";

/** Whether `npm run corpus` runs: large descriptions too, more of each, tokens counted. */
export function isThorough(): boolean {
  return process.env[thoroughVariable] === "thorough";
}

/** Whether a page is written, which tells tokens: counting them takes most of the time. */
export function isWritten(): boolean {
  return process.env[thoroughVariable] !== undefined;
}

/** So many of the items, evenly spread; the same ones each time. */
export function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]).filter(
    (item): item is T => item !== undefined,
  );
}
