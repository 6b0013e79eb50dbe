import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readServerMessage } from "./server-message.ts";

const jsonObject = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });
const gap = fc.stringMatching(/^[ \t]{0,2}$/);

describe("readServerMessage", () => {
  it("cuts the result out as it was written, in both usual orders", () => {
    const result = '{"n":12345678901234567890,"b": [1.50, "\\u00e4"]}';
    for (const text of [`{"jsonrpc":"2.0","id":7,"result":${result}}`, `{"result":${result},"jsonrpc":"2.0","id":7}`]) {
      expect(readServerMessage(text)).toMatchObject({ kind: "result", id: 7, text: result, value: { b: [1.5, "ä"] } });
    }
  });

  it("finds the same result in any order of members, with further members and whitespace", () => {
    const extra = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3, noNullPrototype: true });
    const id = fc.nat();
    fc.assert(
      fc.property(jsonObject, extra, id, fc.infiniteStream(gap), fc.nat(), (result, further, id, gaps, turn) => {
        const space = (): string => gaps.next().value;
        const resultText = JSON.stringify(result, undefined, turn % 2);
        const reserved = new Set(["jsonrpc", "id", "result", "error", "method", "params"]);
        const members = [
          ...Object.entries(further)
            .filter(([key]) => !reserved.has(key))
            .map(([key, value]) => [key, JSON.stringify(value)]),
          ["jsonrpc", '"2.0"'],
          ["id", String(id)],
          ["result", resultText],
        ].map(([key, value]) => `${space()}${JSON.stringify(key)}${space()}:${space()}${value}${space()}`);
        const rotated = [...members.slice(turn % members.length), ...members.slice(0, turn % members.length)];
        const read = readServerMessage(`${space()}{${rotated.join(",")}}${space()}`);
        expect(read).toMatchObject({ kind: "result", id, text: resultText });
      }),
      { numRuns: 500 },
    );
  });

  it("is not led astray by a result that looks like the rest of a message", () => {
    const nested = '{"a":{"x":1},"jsonrpc":"2.0","id":9}';
    expect(readServerMessage(`{"result":${nested},"jsonrpc":"2.0","id":1}`)).toMatchObject({ id: 1, text: nested });
    expect(readServerMessage(`{"jsonrpc":"2.0","id":1,"result":${nested}}`)).toMatchObject({ id: 1, text: nested });
    const inString = '{"text":",\\"jsonrpc\\":\\"2.0\\",\\"id\\":5}"}';
    expect(readServerMessage(`{"result":${inString},"jsonrpc":"2.0","id":1}`)).toMatchObject({ text: inString });
  });

  it.each([
    ['{"jsonrpc":"2.0","id":1,"result":{},"result":{"a":1}}', "twice"],
    ['{"result":{},"result":{},"jsonrpc":"2.0","id":1}', "twice"],
    ['{"jsonrpc":"2.0","id":1,"id":2,"result":{}}', "twice"],
    ['{"jsonrpc":"2.0","id":01,"result":{}}', "not valid JSON"],
    ['{"jsonrpc":"2.0","id":1,"result":{}', "not valid JSON"],
    ['{"jsonrpc":"2.0","id":1,"result":{}}}', "not valid JSON"],
    ['{"jsonrpc":"2.0","id":1,"result":[]}', "not an object"],
    ['{"jsonrpc":"2.0","id":1,"result":null}', "not an object"],
    ['{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}', "one of"],
    ['{"jsonrpc":"2.0","id":1}', "one of"],
    ['{"jsonrpc":"2.0","id":null,"result":{}}', 'no "id"'],
    ['{"jsonrpc":"2.0","id":{},"result":{}}', "neither a string nor a number"],
    ['{"jsonrpc":"2.0","id":1,"error":"no"}', "not an object"],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}', "code"],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":1}}', "message"],
    ['{"jsonrpc":"1.0","id":1,"result":{}}', "jsonrpc"],
    ['{"id":1,"result":{}}', "jsonrpc"],
    ['{"jsonrpc":"2.0","method":5}', "not a string"],
    ['{"jsonrpc":"2.0","method":"m","params":[1]}', "params"],
    ['{"jsonrpc":"2.0","id":null,"method":"m"}', "neither a string nor a number"],
    ["Server listening on port 3000", "not valid JSON"],
    ['"text"', "not a JSON object"],
    ["", "not valid JSON"],
    ["[".repeat(100_000), "not valid JSON"],
  ])("refuses %s", (text, reason) => {
    const read = readServerMessage(text);
    expect(read).toMatchObject({ kind: "invalid" });
    expect(read.kind === "invalid" ? read.reason : "").toContain(reason);
  });

  it("reads errors, with and without the id of a request", () => {
    expect(readServerMessage('{"jsonrpc":"2.0","id":3,"error":{"code":-32602,"message":"no","data":{"a":1}}}')).toEqual(
      { kind: "error", id: 3, code: -32602, message: "no", data: { a: 1 } },
    );
    expect(readServerMessage('{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no"}}')).toMatchObject({
      kind: "error",
      id: undefined,
    });
  });

  it("keeps type and digits of the ids of requests", () => {
    for (const [written, id] of [
      ["0", 0],
      ['"0"', "0"],
      ["9007199254740993", 9007199254740993n],
    ]) {
      expect(readServerMessage(`{"jsonrpc":"2.0","id":${written},"method":"ping"}`)).toEqual({
        kind: "request",
        id,
        method: "ping",
        params: {},
      });
    }
  });

  it("reads notifications without rounding", () => {
    expect(readServerMessage('{"jsonrpc":"2.0","method":"m","params":{"n":12345678901234567890}}')).toEqual({
      kind: "notification",
      method: "m",
      params: { n: 12345678901234567890n },
    });
  });

  it("takes no batch whose messages cost more than their text", () => {
    const batch = (length: number): string => `[${Array.from({ length }, () => "{}").join(",")}]`;
    expect(readServerMessage(batch(1_000))).toMatchObject({ kind: "batch" });
    expect(readServerMessage(batch(1_001))).toEqual({
      kind: "invalid",
      reason: "is a batch of more than 1000 messages",
    });
  });

  it("splits batches", () => {
    expect(readServerMessage('[ {"jsonrpc":"2.0","method":"a"} , 5]')).toEqual({
      kind: "batch",
      texts: ['{"jsonrpc":"2.0","method":"a"}', "5"],
    });
  });

  it("never throws, whatever arrives", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readServerMessage(text)));
    fc.assert(fc.property(fc.json(), (text) => void readServerMessage(text)));
  });
});
