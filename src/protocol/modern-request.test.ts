import { describe, expect, it } from "vitest";
import { AppError, errorCatalogue } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { RpcRequest } from "./json-rpc.ts";
import { checkArgumentHeaders, checkEnvelope, checkNameHeader, findMirroredArguments } from "./modern-request.ts";

const meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const request = (params: JsonObject, method = "tools/call"): RpcRequest => ({ kind: "request", id: 1, method, params });
const headers = { protocolVersion: "2026-07-28", method: "tools/call", name: undefined };

const codeOf = (check: () => unknown): number | "passes" => {
  try {
    check();
  } catch (error) {
    if (error instanceof AppError) return errorCatalogue[error.code].rpcCode;
    throw error;
  }
  return "passes";
};

describe("checkEnvelope", () => {
  it.each<[string, JsonObject, Partial<Record<"protocolVersion" | "method", string | undefined>>, number | "passes"]>([
    ["a whole envelope", { _meta: meta }, {}, "passes"],
    ["no _meta", {}, {}, -32602],
    ["a version that is no text", { _meta: { ...meta, "io.modelcontextprotocol/protocolVersion": 1 } }, {}, -32602],
    ["no capabilities", { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }, {}, -32602],
    ["client info that is no object", { _meta: { ...meta, "io.modelcontextprotocol/clientInfo": "x" } }, {}, -32602],
    ["no version header", { _meta: meta }, { protocolVersion: undefined }, -32020],
    ["another version header", { _meta: meta }, { protocolVersion: "2025-11-25" }, -32020],
    ["no method header", { _meta: meta }, { method: undefined }, -32020],
    ["another method header", { _meta: meta }, { method: "tools/list" }, -32020],
    ["a method header in another case", { _meta: meta }, { method: "Tools/Call" }, -32020],
    [
      "white space around header values",
      { _meta: meta },
      { method: " tools/call ", protocolVersion: "2026-07-28 " },
      "passes",
    ],
  ])("%s", (_what, params, changed, expected) => {
    expect(codeOf(() => checkEnvelope(request(params), { ...headers, ...changed }))).toBe(expected);
  });

  it("names what it serves when the version is another", () => {
    const other = { ...meta, "io.modelcontextprotocol/protocolVersion": "2027-01-01" };
    const check = (): unknown =>
      checkEnvelope(request({ _meta: other }), { ...headers, protocolVersion: "2027-01-01" });
    expect(check).toThrow(expect.objectContaining({ data: { supported: ["2026-07-28"], requested: "2027-01-01" } }));
  });
});

describe("checkNameHeader", () => {
  const encoded = `=?base64?${Buffer.from("grüße").toString("base64")}?=`;
  it.each<[string, JsonObject, string | undefined, number | "passes"]>([
    ["the same name", { name: "a" }, "a", "passes"],
    ["the name in base64", { name: "grüße" }, encoded, "passes"],
    ["another name", { name: "a" }, "b", -32020],
    ["no header", { name: "a" }, undefined, -32020],
    ["broken base64", { name: "a" }, "=?base64?%%%?=", -32020],
    ["markers in another case", { name: "grüße" }, encoded.replace("base64", "BASE64"), -32020],
    ["a header without a name in the body", {}, "a", -32020],
  ])("%s", (_what, params, header, expected) => {
    expect(codeOf(() => checkNameHeader(request(params), header))).toBe(expected);
  });

  it("asks nothing of methods that have no name", () => {
    expect(codeOf(() => checkNameHeader(request({}, "tools/list"), undefined))).toBe("passes");
  });
});

describe("mirrored arguments", () => {
  const schema = {
    type: "object",
    properties: {
      region: { type: "string", "x-mcp-header": "Region" },
      page: { type: "object", properties: { size: { type: "integer", "x-mcp-header": "Page-Size" } } },
      dry: { type: "boolean", "x-mcp-header": "Dry" },
    },
  };
  const { mirrored } = findMirroredArguments(schema);

  it.each<[string, JsonObject, Record<string, string>, number | "passes"]>([
    ["nothing given", {}, {}, "passes"],
    ["null given", { region: null }, {}, "passes"],
    [
      "all the same",
      { region: "eu", page: { size: 10 }, dry: true },
      { region: "eu", "page-size": "10.0", dry: "true" },
      "passes",
    ],
    ["a missing header", { region: "eu" }, {}, -32020],
    ["a header without argument", {}, { region: "eu" }, -32020],
    ["another value", { region: "eu" }, { region: "us" }, -32020],
    ["another number", { page: { size: 10 } }, { "page-size": "11" }, -32020],
    ["a number as text", { region: "1" }, { region: "1" }, "passes"],
    ["an encoded value", { region: "é" }, { region: `=?base64?${Buffer.from("é").toString("base64")}?=` }, "passes"],
  ])("%s", (_what, args, given, expected) => {
    const all = Object.fromEntries(Object.entries(given).map(([name, value]) => [`mcp-param-${name}`, value]));
    expect(codeOf(() => checkArgumentHeaders(mirrored, args, all))).toBe(expected);
  });

  it("are found anywhere below properties and nowhere else", () => {
    expect(mirrored.map(({ header, path }) => [header, path.join(".")])).toEqual([
      ["mcp-param-region", "region"],
      ["mcp-param-page-size", "page.size"],
      ["mcp-param-dry", "dry"],
    ]);
  });

  it("must be tokens, unique and of a scalar type", () => {
    const faulty = {
      properties: {
        a: { type: "string", "x-mcp-header": "A" },
        b: { type: "string", "x-mcp-header": "a" },
        c: { type: "array", "x-mcp-header": "C" },
        d: { type: "string", "x-mcp-header": "no space" },
        e: { type: "string", "x-mcp-header": "" },
      },
    };
    const { mirrored: kept, faults } = findMirroredArguments(faulty);
    expect(kept.map(({ path }) => path)).toEqual([["a"]]);
    expect(faults).toHaveLength(4);
  });
});
