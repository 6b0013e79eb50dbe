/** Cuts a text that is longer than a limit: after a sentence where one ends late enough, else at a word, with `…`. */
export function trimText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const room = text.slice(0, maxLength);
  const least = maxLength / 3;
  for (const [pattern, tail] of endings) {
    let end = -1;
    for (const { index } of room.matchAll(pattern)) end = index;
    if (end >= least) return room.slice(0, end).trimEnd() + tail;
  }
  return `${cutBetweenCharacters(text, maxLength - 1)}…`;
}

/** Where a text may end: after a sentence, after a paragraph, before a word. */
const endings: readonly (readonly [RegExp, string])[] = [
  [/(?<=[.!?。！？])(?=\s)|(?<=[。！？])/g, ""],
  [/\n\n/g, ""],
  [/\s(?=\S)/g, " …"],
];

function cutBetweenCharacters(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  // Half of a pair is no character.
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
