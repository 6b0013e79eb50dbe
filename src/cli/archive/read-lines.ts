import type { Readable } from "node:stream";
import { problemLine } from "./problem-line.ts";

export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** Longest line: the largest text of a document, every character escaped. */
const maxLineBytes = 64 * 1_048_576;

/** The lines of a stream, which is read as fast as they are taken. The last one may lack its end. */
export async function* readLines(stream: Readable): AsyncGenerator<NumberedLine> {
  let pieces: Buffer[] = [];
  let size = 0;
  let number = 0;
  const take = (): NumberedLine => {
    const text = decode(Buffer.concat(pieces), number + 1);
    [pieces, size] = [[], 0];
    return { number: ++number, text };
  };
  for await (const chunk of stream) {
    // Streams of bytes, as files and standard input are.
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      pieces.push(bytes.subarray(start, end));
      yield take();
      start = end + 1;
    }
    pieces.push(bytes.subarray(start));
    size += bytes.length - start;
    if (size > maxLineBytes) throw problemLine(number + 1, `it is longer than ${maxLineBytes / 1_048_576} MB`);
  }
  if (size > 0) yield take();
}

function decode(bytes: Buffer, number: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw problemLine(number, "it is not UTF-8 text", cause);
  }
}
