import { expect, test } from "vitest";
import { EventReader } from "./event-reader.ts";

const wire = Buffer.from(
  ": hello\n\nevent: endpoint\ndata: /message?s=1\n\n" +
    'id: 7\r\nevent: message\r\ndata: {"a":\r\ndata:1}\r\n\r\n: ping\n\ndata:last\n\n',
);

function readInPieces(cuts: readonly number[]): readonly string[] {
  const seen: string[] = [];
  const reader = new EventReader({
    onEvent: (type, data) => seen.push(`${type}=${data}`),
    onComment: () => seen.push("comment"),
  });
  let from = 0;
  for (const to of [...cuts, wire.length]) {
    reader.push(wire.subarray(from, to));
    from = to;
  }
  return seen;
}

const expected = ["comment", "endpoint=/message?s=1", 'message={"a":\n1}', "comment", "message=last"];

test("events and comments come out in order, with either line end", () => {
  expect(readInPieces([])).toEqual(expected);
});

test("the same events come out wherever the bytes are cut", () => {
  for (let cut = 1; cut < wire.length; cut++) expect(readInPieces([cut]), `cut at ${cut}`).toEqual(expected);
});
