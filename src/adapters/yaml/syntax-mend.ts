interface Hint {
  readonly pattern: RegExp;
  readonly mend: string;
}

/** Tried on the line of the error and on the one before, because YAML takes these for text that goes on. */
const separatorHints: readonly Hint[] = [
  { pattern: /^\s*(?:- )?[^\s"'#:]+:[^\s/"']/, mend: "put a space after the colon" },
  { pattern: /^\s*-[^\s-]/, mend: "put a space after the dash" },
];

/** Tried in turn on the line of the error. */
const hints: readonly Hint[] = [
  { pattern: /^ *\t/, mend: "indent with spaces, not with tabs" },
  { pattern: /(?:^|[\s:,[{-])\$\{/, mend: 'put the value that holds an expression in quotes: "${…}"' },
  { pattern: /:\s+[@`%]/, mend: "put the value in quotes: it begins with a character that YAML reserves" },
  { pattern: /:\s+\*(?![\w-])/, mend: "put the value in quotes: `*` refers to an anchor" },
  { pattern: /^\s*(?:- )?[^\s"':]+:\s+[^"'[{|>\s#].*:(?:\s|$)/, mend: "put a value that holds a colon in quotes" },
  { pattern: /:\s+'(?:[^']|'')*'\s*[^\s,\]}#]/, mend: "double a quote that belongs to the text: ''" },
  { pattern: /:\s+"(?:[^"\\]|\\.)*"\s*[^\s,\]}#]/, mend: "quote the whole value, not a part of it" },
  { pattern: /"[^"]*\\[^"\\/0abefnrtvNLPuxU_ ][^"]*"/, mend: "use single quotes where a text has backslashes" },
];

/**
 * How a text that is not YAML can probably be mended, judged by what stands around the error.
 * Absent when nothing is recognised.
 */
export function syntaxMend(text: string, offset: number): string | undefined {
  const before = text.slice(Math.max(0, offset - 20_000), offset).split(/\r\n|\r|\n/);
  const rest = text.slice(offset, offset + 2_000).split(/\r\n|\r|\n/)[0] ?? "";
  const line = ((before.at(-1) ?? "") + rest).slice(0, 2_000);
  const previous = before
    .slice(0, -1)
    .filter((candidate) => /^\s*[^\s#]/.test(candidate))
    .at(-1)
    ?.slice(0, 2_000);
  for (const candidate of [line, previous ?? ""]) {
    if (hasOpenQuote(candidate)) return "close the quote, or double it (\"''\") where it belongs to the text";
  }
  const hint = hints.find(({ pattern }) => pattern.test(line));
  if (hint !== undefined) return hint.mend;
  const separator = separatorHints.find(({ pattern }) => pattern.test(line) || pattern.test(previous ?? ""));
  if (separator !== undefined) return separator.mend;
  if (hasOpenBracket(before.join("\n"))) return "close the bracket or brace that was opened before";
  if (previous === undefined) return undefined;
  return indentationMend(previous, line);
}

function indentationMend(previous: string, line: string): string | undefined {
  const above = indentation(previous);
  const here = indentation(line);
  if (line.trim() === "" || previous.trimEnd().endsWith(":")) return undefined;
  if (here === above) return undefined;
  return `line it up with its neighbours: it is indented by ${here} spaces, the line above by ${above}`;
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}

/** Whether a value on this line begins with a quote that does not end on it. */
function hasOpenQuote(line: string): boolean {
  const single = /(?:^|[:[{,-]\s*)'(?:[^']|'')*$/.test(line);
  const double = /(?:^|[:[{,-]\s*)"(?:[^"\\]|\\.)*$/.test(line);
  return (single && !line.includes('"')) || (double && !line.includes("'"));
}

function hasOpenBracket(text: string): boolean {
  let depth = 0;
  for (const sign of text.replace(/"(?:[^"\\]|\\.)*"|'[^']*'|#.*/g, "")) {
    if (sign === "[" || sign === "{") depth++;
    else if (sign === "]" || sign === "}") depth = Math.max(0, depth - 1);
  }
  return depth > 0;
}
