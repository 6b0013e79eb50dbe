type CountTokens = (text: string, options: { readonly disallowedSpecial: Set<string> }) => number;

/** Text is taken in pieces of about this size, with a look at the clock between them. */
const pieceLength = 16_384;
/** The event loop is held for about this long at once. */
const sliceMs = 10;

/**
 * Runs of one kind are cut here: the tokeniser needs the square of their length in time, and no text that means
 * something has such runs. It costs a token more per cut at most.
 */
const longRun = /[\p{L}\p{M}]{256}|\s{256}|[^\s\p{L}\p{M}\p{N}]{256}/gu;

let loading: Promise<CountTokens> | undefined;

/** Tokens of `o200k_base` in a text. Loads the encoding at first use: 0.4 s and some ten megabytes. */
export async function countTokens(text: string): Promise<number> {
  loading ??= import("gpt-tokenizer/encoding/o200k_base").then((encoding) => encoding.countTokens);
  const count = await loading;
  let tokens = 0;
  let sliceEndsAt = performance.now() + sliceMs;
  for (const piece of pieces(text)) {
    tokens += count(piece, asPlainText);
    if (performance.now() < sliceEndsAt) continue;
    await new Promise((resolve) => setImmediate(resolve));
    sliceEndsAt = performance.now() + sliceMs;
  }
  return tokens;
}

/** What looks like a control token of the model is text like any other. */
const asPlainText = { disallowedSpecial: new Set<string>() };

function* pieces(text: string): Iterable<string> {
  for (let start = 0; start < text.length; ) {
    // Tokens begin at spaces and quotes as a rule, so that a cut before one changes nothing.
    const limit = start + pieceLength;
    const cut =
      limit >= text.length ? text.length : Math.max(text.lastIndexOf(" ", limit), text.lastIndexOf('"', limit));
    const end = cut > start ? cut : limit;
    yield* short(text.slice(start, end));
    start = end;
  }
}

function* short(text: string): Iterable<string> {
  let start = 0;
  for (const { index, 0: run } of text.matchAll(longRun)) {
    yield text.slice(start, index + run.length);
    start = index + run.length;
  }
  if (start < text.length) yield text.slice(start);
}
