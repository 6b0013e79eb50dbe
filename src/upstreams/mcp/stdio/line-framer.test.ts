import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineFramer } from "./line-framer.ts";
import { withinMs } from "../../../../test/fixtures/time-limit.ts";

interface Framed {
  readonly messages: readonly string[];
  readonly garbage: readonly string[];
  /** Of each chunk: whether more may follow. */
  readonly accepted: readonly boolean[];
}

function frame(chunks: readonly Buffer[], maxBytes = 1_000): Framed {
  const messages: string[] = [];
  const garbage: string[] = [];
  const framer = new LineFramer(maxBytes, {
    onMessage: (text) => messages.push(text),
    onGarbage: (line) => garbage.push(line.toString()),
  });
  return { messages, garbage, accepted: chunks.map((chunk) => framer.feed(chunk)) };
}

/** The bytes in pieces of these lengths, again and again. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0, index = 0; start < bytes.length; index += 1) {
    const end = start + (lengths[index % lengths.length] ?? 1);
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
}

describe("lines of a child", () => {
  test("are the same however they are cut into chunks", () => {
    const value = fc.dictionary(fc.string(), fc.string({ unit: "binary" }), { maxKeys: 4 });
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(value), lengths, fc.constantFrom("\n", "\r\n", "\n\n"), (values, pieces, ending) => {
        const lines = values.map((each) => JSON.stringify(each));
        const bytes = Buffer.from(lines.map((line) => line + ending).join(""));
        const expected = lines.map((line) => Buffer.from(line).toString()); // lone surrogates have no bytes
        expect(frame(cut(bytes, pieces)).messages).toEqual(expected);
      }),
    );
  });

  test("that are blank are skipped, others that are no JSON are garbage", () => {
    const { messages, garbage } = frame([
      Buffer.from('\n\r\n  \t\nnpm warn old\n {"a":1} \r\n[1]\n"text"\n\ufeff{}\n'),
    ]);
    expect(messages).toEqual(['{"a":1}', "[1]"]);
    expect(garbage).toEqual(["npm warn old", '"text"', "\ufeff{}"]);
  });

  test("hold no carriage return, which event streams take for the end of a line", () => {
    expect(frame([Buffer.from('{"a":1,\r\r"b":"x\\r"}\r\n')]).messages).toEqual(['{"a":1,  "b":"x\\r"}']);
  });

  test("may be as long as the limit and no longer, whether their end has come or not", () => {
    const whole = `[${"1".repeat(8)}]`;
    const long = `[${"1".repeat(9)}]`;
    const halves = (line: string): Buffer[] => cut(Buffer.from(line), [6]);
    expect(frame(halves(`${whole}\n${whole}\n`), 10).messages).toEqual([whole, whole]);
    for (const chunks of [[Buffer.from(`${long}\n`)], [Buffer.from(long)], halves(`${long}\n`), halves(long)]) {
      const { messages, accepted } = frame(chunks, 10);
      expect(messages).toEqual([]);
      expect(accepted.at(-1)).toBe(false);
    }
  });

  test("that come byte by byte are not copied again with every byte", () => {
    const bytes = Buffer.from(`["${"x".repeat(400_000)}"]\n`);
    const begunAt = performance.now();
    expect(frame(cut(bytes, [1]), 1_000_000).messages).toEqual([bytes.toString().trim()]);
    expect(performance.now() - begunAt).toBeLessThan(withinMs(2_000)); // 80 GB of copies otherwise
  });
});
