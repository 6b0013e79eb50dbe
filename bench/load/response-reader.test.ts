import { expect, test } from "vitest";
import { ResponseReader } from "./response-reader.ts";

const wire = Buffer.from(
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" +
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n" +
    "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n" +
    "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\n\r\n",
);

function readInPieces(cuts: readonly number[]): readonly string[] {
  const answers: string[] = [];
  let current = "";
  const reader = new ResponseReader({
    onHead: (status) => {
      current = `${status} `;
    },
    onBody: (piece) => {
      current += piece.toString();
    },
    onEnd: () => answers.push(current),
  });
  let from = 0;
  for (const to of [...cuts, wire.length]) {
    reader.push(wire.subarray(from, to));
    from = to;
  }
  return answers;
}

const expected = ["200 hello", "200 abc0123456789", "202 ", "404 "];

test("answers that follow each other are told apart by length, chunks or absence of a body", () => {
  expect(readInPieces([])).toEqual(expected);
});

test("the same answers come out wherever the bytes are cut", () => {
  for (let cut = 1; cut < wire.length; cut++) expect(readInPieces([cut]), `cut at ${cut}`).toEqual(expected);
});

test("the same answers come out of single bytes", () => {
  expect(readInPieces(Array.from({ length: wire.length - 1 }, (_, index) => index + 1))).toEqual(expected);
});

test("bytes that are no response are refused", () => {
  const reader = new ResponseReader({ onHead: () => {}, onBody: () => {}, onEnd: () => {} });
  expect(() => reader.push(Buffer.from("SSH-2.0-server\r\n\r\n"))).toThrow("Not a response");
});
