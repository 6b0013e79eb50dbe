import { describe, expect, it } from "vitest";
import { filterBlock, filterStructured, filterTool } from "./revision-filter.ts";
import { rank } from "./revisions.ts";

const tool = {
  name: "t",
  title: "T",
  inputSchema: { type: "object" },
  outputSchema: { type: "array", items: { $ref: "#/$defs/row" }, $defs: { row: { type: "string" } } },
  annotations: { readOnlyHint: true },
  icons: [],
  _meta: { a: 1 },
  vendor: "kept",
};

describe("filterTool", () => {
  it("shows each revision the fields that it knows, and vendor fields to all", () => {
    expect(Object.keys(filterTool(tool, rank["2024-11-05"]))).toEqual(["name", "inputSchema", "vendor"]);
    expect(Object.keys(filterTool(tool, rank["2025-03-26"]))).toEqual(["name", "inputSchema", "annotations", "vendor"]);
    expect(filterTool(tool, rank["2025-03-26"])["annotations"]).toEqual({ title: "T", readOnlyHint: true });
    expect(Object.keys(filterTool(tool, rank["2025-06-18"]))).not.toContain("icons");
    expect(filterTool(tool, rank["2026-07-28"])).toEqual(tool);
  });

  it("keeps the tasks of 2025-11-25 from 2026-07-28, whose tasks are others", () => {
    const execution = { taskSupport: "optional" };
    expect(filterTool({ ...tool, execution }, rank["2026-07-28"])).toEqual(tool);
    expect(filterTool({ ...tool, execution: { ...execution, vendor: 1 } }, rank["2026-07-28"])).toEqual({
      ...tool,
      execution: { vendor: 1 },
    });
    expect(filterTool({ ...tool, execution }, rank["2025-11-25"])["execution"]).toEqual(execution);
  });

  it("wraps an output schema that is no object for the legacy era, references included", () => {
    expect(filterTool(tool, rank["2025-11-25"])["outputSchema"]).toEqual({
      type: "object",
      properties: {
        result: {
          type: "array",
          items: { $ref: "#/properties/result/$defs/row" },
          $defs: { row: { type: "string" } },
        },
      },
      required: ["result"],
    });
  });
});

describe("filterStructured", () => {
  it("keeps, wraps or leaves out by revision", () => {
    expect(filterStructured("[1]", rank["2026-07-28"])).toBe("[1]");
    expect(filterStructured("[1]", rank["2025-06-18"])).toBe('{"result":[1]}');
    expect(filterStructured('{"a":1}', rank["2025-06-18"])).toBe('{"a":1}');
    expect(filterStructured('{"a":1}', rank["2025-03-26"])).toBeUndefined();
  });
});

describe("filterBlock", () => {
  it("puts audio and links into what older revisions know", () => {
    const audio = { type: "audio", data: "AA==", mimeType: "audio/wav" };
    expect(filterBlock(audio, rank["2025-03-26"])).toBe(audio);
    expect(filterBlock(audio, rank["2024-11-05"])).toEqual({
      type: "resource",
      resource: { uri: "audio:inline", mimeType: "audio/wav", blob: "AA==" },
    });
    const link = { type: "resource_link", uri: "a://b", name: "B", description: "About B." };
    expect(filterBlock(link, rank["2025-06-18"])).toBe(link);
    expect(filterBlock(link, rank["2025-03-26"])).toEqual({ type: "text", text: "B\na://b\nAbout B." });
  });
});
