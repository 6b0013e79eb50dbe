import { describe, expect, it } from "vitest";
import { encodeError, encodeId, RpcError, readMessage, responseHead } from "./json-rpc.ts";

const refusal = (value: unknown): RpcError => {
  try {
    readMessage(value);
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error("accepted");
};

describe("readMessage", () => {
  it("tells requests, notifications and responses apart", () => {
    expect(readMessage({ jsonrpc: "2.0", id: 0, method: "ping" })).toMatchObject({
      kind: "request",
      id: 0,
      params: {},
    });
    expect(readMessage({ jsonrpc: "2.0", id: "", method: "ping" })).toMatchObject({ kind: "request", id: "" });
    expect(readMessage({ jsonrpc: "2.0", method: "notifications/x" })).toMatchObject({ kind: "notification" });
    expect(readMessage({ jsonrpc: "2.0", id: 1, result: {} })).toMatchObject({ kind: "response", id: 1 });
    expect(readMessage({ jsonrpc: "2.0", id: 1, error: { code: 1 } })).toMatchObject({ kind: "response" });
  });

  it.each([
    ["a text", "ping"],
    ["null", null],
    ["no version", { id: 1, method: "ping" }],
    ["another version", { jsonrpc: "1.0", id: 1, method: "ping" }],
    ["a null id", { jsonrpc: "2.0", id: null, method: "ping" }],
    ["an object id", { jsonrpc: "2.0", id: {}, method: "ping" }],
    ["positional params", { jsonrpc: "2.0", id: 1, method: "ping", params: [] }],
    ["a method that is no text", { jsonrpc: "2.0", id: 1, method: 7 }],
    ["neither method nor result", { jsonrpc: "2.0", id: 1 }],
    ["both result and error", { jsonrpc: "2.0", id: 1, result: {}, error: {} }],
    ["a key in another case", { jsonrpc: "2.0", id: 1, method: "tools/list", Method: "tools/call" }],
    ["a parameter in another case", { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "a", Name: "b" } }],
  ])("refuses %s", (_what, value) => {
    expect(refusal(value).code).toBe("invalid_request");
  });

  it("carries the id of a refused request when it can be read", () => {
    expect(refusal({ jsonrpc: "2.0", id: "x", method: 7 }).requestId).toBe("x");
    expect(refusal({ jsonrpc: "2.0", id: null, method: "ping" }).requestId).toBeUndefined();
  });
});

describe("the response encoders", () => {
  it("echo ids with their type and digits", () => {
    expect(encodeId(1)).toBe("1");
    expect(encodeId("1")).toBe('"1"');
    expect(encodeId('a"b')).toBe('"a\\"b"');
    expect(encodeId(9007199254740993n)).toBe("9007199254740993");
    expect(JSON.parse(`${responseHead("a")}{}}`)).toEqual({ jsonrpc: "2.0", id: "a", result: {} });
  });

  it("leave out data that is not there", () => {
    expect(JSON.parse(encodeError(1, -32601, "no"))).toEqual({
      jsonrpc: "2.0",
      id: 1,
      error: { code: -32601, message: "no" },
    });
    expect(JSON.parse(encodeError(1, -32602, "no", { uri: "x" })).error.data).toEqual({ uri: "x" });
  });
});
