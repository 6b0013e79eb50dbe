import { describe, expect, it } from "vitest";
import { rank } from "../../protocol/revisions.ts";
import type { McpError } from "../../upstreams/mcp/mcp-request.ts";
import { translateError } from "./translate-error.ts";

const modern = rank["2026-07-28"];
const legacy = rank["2025-11-25"];

function error(code: number, sender: McpError["rank"], data?: McpError["data"]): McpError {
  return { kind: "error", code, message: "words", data, rank: sender };
}

describe("translateError", () => {
  it("gives a missing resource the code of the client's era, and the URI that the client knows", () => {
    expect(translateError(error(-32002, legacy), modern, "up+x:1")).toMatchObject({
      code: -32602,
      data: { uri: "up+x:1" },
    });
    expect(translateError(error(-32602, modern, { uri: "x:1", more: 1 }), legacy, "up+x:1")).toMatchObject({
      code: -32002,
      data: { uri: "up+x:1", more: 1 },
    });
    expect(translateError(error(-32602, modern), legacy, "x:1")).toMatchObject({ code: -32602 });
  });

  it("tells no client of 2026-07-28 of a code that its revision has taken away", () => {
    expect(translateError(error(-32002, legacy, { uri: "x:1" }), modern, undefined)).toMatchObject({
      code: -32602,
      data: { uri: "x:1" },
    });
    expect(translateError(error(-32002, legacy), legacy, undefined)).toMatchObject({ code: -32002 });
  });

  it("keeps the codes of one hop to that hop", () => {
    for (const code of [-32020, -32021, -32022]) {
      expect(translateError(error(code, modern), legacy, undefined)).toMatchObject({ code: -32603 });
    }
    for (const code of [-32020, -32022]) {
      expect(translateError(error(code, modern, { supported: [] }), modern, undefined)).toEqual({
        kind: "error",
        code: -32603,
        message: "The upstream refused: words",
        data: undefined,
      });
    }
  });

  it("passes everything else on with its data", () => {
    const data = { requiredCapabilities: { sampling: {} }, n: 12345678901234567890n };
    expect(translateError(error(-32021, modern, data), modern, undefined)).toMatchObject({ code: -32021, data });
    expect(translateError(error(-32042, legacy, data), legacy, undefined)).toMatchObject({ code: -32042, data });
    expect(translateError(error(7, legacy, data), modern, undefined)).toMatchObject({
      code: 7,
      message: "words",
      data,
    });
  });
});
