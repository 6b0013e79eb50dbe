/** Tells whether a whole text matches. */
export type Glob = (text: string) => boolean;

/**
 * Compiles a glob: `*` stands for any characters (also `/`, also none), `?` for exactly one, everything
 * else for itself. Never backtracks: the time is at most the product of both lengths.
 */
export function compileGlob(pattern: string): Glob {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return (text) => text.length === first.length && matchesAt(text, first, 0);
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !matchesAt(text, first, 0) || !matchesAt(text, last, end)) return false;
    let at = first.length;
    // Taking each piece where it first fits leaves the most room for those that follow.
    for (const piece of rest) {
      while (at + piece.length <= end && !matchesAt(text, piece, at)) at++;
      at += piece.length;
      if (at > end) return false;
    }
    return true;
  };
}

function matchesAt(text: string, piece: string, start: number): boolean {
  for (let i = 0; i < piece.length; i++) {
    const expected = piece.charCodeAt(i);
    if (expected !== questionMark && expected !== text.charCodeAt(start + i)) return false;
  }
  return true;
}

const questionMark = 0x3f;
