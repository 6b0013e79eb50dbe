import { describe, expect, it } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { filterInput } from "./input-filter.ts";
import { type Rank, rank, type Revision } from "./revisions.ts";

const everything: JsonObject = { roots: {}, sampling: { tools: {} }, elicitation: { form: {}, url: {} } };
const revisions = Object.keys(rank) as Revision[]; // the table's own keys

function filter(method: string, params: JsonObject, receiver: Rank, capabilities = everything) {
  return filterInput({ method, params }, { rank: receiver, capabilities }, () => "made-up");
}

/** The revisions that are asked. */
function asked(method: string, params: JsonObject, capabilities = everything): Revision[] {
  return revisions.filter((revision) => filter(method, params, rank[revision], capabilities).kind === "request");
}

const form: JsonObject = { message: "Who?", requestedSchema: { type: "object", properties: {} } };
const url: JsonObject = { mode: "url", message: "Log in", url: "https://example.com/x" };
const text = (value: string): JsonObject => ({ type: "text", text: value });

describe("filterInput", () => {
  it("asks for what the revision has", () => {
    expect(asked("roots/list", {})).toEqual(revisions);
    expect(asked("sampling/createMessage", { messages: [], maxTokens: 1 })).toEqual(revisions);
    expect(asked("sampling/createMessage", { messages: [], tools: [] })).toEqual(["2025-11-25", "2026-07-28"]);
    expect(asked("elicitation/create", form)).toEqual(["2025-06-18", "2025-11-25", "2026-07-28"]);
    expect(asked("elicitation/create", url)).toEqual(["2025-11-25", "2026-07-28"]);
    expect(asked("completion/complete", {})).toEqual([]);
  });

  it("asks for nothing that the client has not declared, and names it", () => {
    const lacks = (method: string, params: JsonObject, capabilities: JsonObject): unknown => {
      const filtered = filter(method, params, rank["2026-07-28"], capabilities);
      return filtered.kind === "refused" ? filtered.lacks : filtered;
    };
    expect(lacks("roots/list", {}, {})).toEqual({ roots: {} });
    expect(lacks("sampling/createMessage", {}, { elicitation: {} })).toEqual({ sampling: {} });
    expect(lacks("sampling/createMessage", { tools: [] }, { sampling: {} })).toEqual({ sampling: { tools: {} } });
    expect(lacks("elicitation/create", form, {})).toEqual({ elicitation: {} });
    expect(lacks("elicitation/create", form, { elicitation: { url: {} } })).toEqual({ elicitation: { form: {} } });
    expect(lacks("elicitation/create", url, { elicitation: {} })).toEqual({ elicitation: { url: {} } });
  });

  it("takes an empty elicitation capability for forms", () => {
    expect(asked("elicitation/create", { mode: "form", ...form }, { elicitation: {} })).toContain("2025-11-25");
  });

  it("gives 2025-11-25 an elicitationId, keeps the server's, and takes it from 2026-07-28", () => {
    const idFor = (params: JsonObject, receiver: Rank): unknown => {
      const filtered = filter("elicitation/create", params, receiver);
      return filtered.kind === "request" ? filtered.request.params["elicitationId"] : filtered;
    };
    expect(idFor(url, rank["2025-11-25"])).toBe("made-up");
    expect(idFor({ ...url, elicitationId: "theirs" }, rank["2025-11-25"])).toBe("theirs");
    expect(idFor({ ...url, elicitationId: "theirs" }, rank["2026-07-28"])).toBeUndefined();
  });

  it("says the URL where the client cannot open it", () => {
    const filtered = filter("elicitation/create", url, rank["2025-06-18"]);
    expect(filtered).toMatchObject({ kind: "refused", message: expect.stringContaining("https://example.com/x") });
  });

  it("writes forms as 2025-06-18 knows them", () => {
    const requestedSchema: JsonObject = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        name: { type: "string", default: "Ann", maxLength: 5 },
        age: { type: "integer", default: 7 },
        sure: { type: "boolean", default: true },
        colour: { type: "string", oneOf: [{ const: "r", title: "Red" }, { const: "g" }], default: "r" },
        tags: { type: "array", items: { type: "string", enum: ["a"] } },
      },
      required: ["name"],
    };
    const filtered = filter("elicitation/create", { mode: "form", message: "m", requestedSchema }, rank["2025-06-18"]);
    expect(filtered).toEqual({
      kind: "request",
      request: {
        method: "elicitation/create",
        params: {
          message: "m",
          requestedSchema: {
            type: "object",
            properties: {
              name: { type: "string", maxLength: 5 },
              age: { type: "integer" },
              sure: { type: "boolean", default: true },
              colour: { type: "string", enum: ["r", "g"], enumNames: ["Red", "g"] },
            },
            required: ["name"],
          },
        },
      },
    });
    const needsList = { ...requestedSchema, required: ["tags"] };
    expect(
      filter("elicitation/create", { message: "m", requestedSchema: needsList }, rank["2025-06-18"]),
    ).toMatchObject({
      kind: "refused",
      code: -32602,
    });
    expect(filter("elicitation/create", { message: "m", requestedSchema }, rank["2025-11-25"])).toMatchObject({
      request: { params: { requestedSchema } },
    });
  });

  it("splits messages of several blocks before 2025-11-25, and refuses blocks that are not known there", () => {
    const params: JsonObject = {
      maxTokens: 5,
      messages: [
        { role: "user", content: [text("a"), text("b")] },
        { role: "assistant", content: text("c") },
      ],
    };
    expect(filter("sampling/createMessage", params, rank["2025-06-18"])).toMatchObject({
      request: {
        params: {
          maxTokens: 5,
          messages: [
            { role: "user", content: text("a") },
            { role: "user", content: text("b") },
            { role: "assistant", content: text("c") },
          ],
        },
      },
    });
    const spoken: JsonObject = { messages: [{ role: "user", content: { type: "audio", data: "", mimeType: "a/b" } }] };
    expect(asked("sampling/createMessage", spoken)).toEqual(revisions.slice(1));
    const used: JsonObject = { messages: [{ role: "assistant", content: [{ type: "tool_use", id: "1" }] }] };
    expect(asked("sampling/createMessage", used)).toEqual(["2025-11-25", "2026-07-28"]);
  });

  it("keeps fields that nobody knows, and takes the wish for a task away", () => {
    const filtered = filter("elicitation/create", { ...form, task: { ttl: 1 }, "com.x/y": 7n }, rank["2025-11-25"]);
    expect(filtered).toEqual({
      kind: "request",
      request: { method: "elicitation/create", params: { ...form, "com.x/y": 7n } },
    });
  });
});
