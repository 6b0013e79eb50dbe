import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { type Rank, rank } from "../../protocol/revisions.ts";
import type { UriNamespace } from "../catalogue/server-view.ts";
import { type ProxiedMethod, translateResult } from "./translate-result.ts";

const modernMeta = ',"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"gw"}}';
const modern = rank["2026-07-28"];
const legacy = rank["2025-11-25"];

interface Case {
  readonly from: Rank;
  readonly to: Rank;
  readonly method?: ProxiedMethod;
  readonly namespace?: UriNamespace;
}

function translate(text: string, { from, to, method = "tools/call", namespace }: Case): string {
  const value = JSON.parse(text) as JsonObject; // test data
  // Of a server only this is read.
  const server = { modernMeta } as Parameters<typeof translateResult>[0]["exchange"]["server"];
  const reader = { exchange: { rank: to, server }, method, namespace };
  return translateResult(reader, { kind: "result", text, value, rank: from });
}

const content = '"content":[{"type":"text","text":"a\\u00e9","vendor":{"n":12345678901234567890}}]';

describe("translateResult", () => {
  it("hands the same text on where both sides speak alike", () => {
    const old = `{ ${content}, "vendorTop": 1.0 }`;
    expect(translate(old, { from: legacy, to: legacy })).toBe(old);
    expect(translate(old, { from: rank["2024-11-05"], to: rank["2024-11-05"] })).toBe(old);
    const fresh = `{${content},"resultType":"complete","_meta":{}}`;
    expect(translate(fresh, { from: modern, to: modern })).toBe(fresh);
  });

  it("stamps what 2026-07-28 wants on results of older servers", () => {
    expect(translate(`{${content}}`, { from: legacy, to: modern })).toBe(
      `{${content},"resultType":"complete"${modernMeta}}`,
    );
    expect(translate("{}", { from: legacy, to: modern })).toBe(`{"content":[],"resultType":"complete"${modernMeta}}`);
    expect(translate('{"_meta":{"a":1},"contents":[]}', { from: legacy, to: modern, method: "resources/read" })).toBe(
      '{"_meta":{"a":1},"contents":[],"resultType":"complete","ttlMs":0,"cacheScope":"private"}',
    );
  });

  it("takes from older clients what only 2026-07-28 has", () => {
    const meta = '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"up"},"com.x/k":[1.0]}';
    const fresh = `{"resultType":"complete",${content},"ttlMs":5,"cacheScope":"public",${meta}}`;
    expect(translate(fresh, { from: modern, to: legacy })).toBe(`{${content},"_meta":{"com.x/k":[1.0]}}`);
    const bare = `{"resultType":"complete",${content}${modernMeta}}`;
    expect(translate(bare, { from: modern, to: legacy })).toBe(`{${content}}`);
  });

  it("wraps structured content that is no object, and says it as text where there is none", () => {
    const list = '{"resultType":"complete","content":[],"structuredContent":[12345678901234567890]}';
    expect(translate(list, { from: modern, to: legacy })).toBe(
      '{"content":[],"structuredContent":{"result":[12345678901234567890]}}',
    );
    expect(
      translate('{"structuredContent":{"a":12345678901234567890}}', { from: legacy, to: rank["2025-03-26"] }),
    ).toBe('{"content":[{"type":"text","text":"{\\"a\\":12345678901234567890}"}]}');
  });

  it("puts blocks that a revision does not know in words or kinds that it does", () => {
    const blocks =
      '{"content":[{"type":"audio","data":"AA==","mimeType":"audio/wav"},{"type":"resource_link","uri":"x:1","name":"One"},{"type":"text","text":"t"}]}';
    const at = (to: Rank): unknown => JSON.parse(translate(blocks, { from: legacy, to }));
    expect(at(rank["2024-11-05"])).toMatchObject({
      content: [{ type: "resource", resource: { blob: "AA==" } }, { type: "text", text: "One\nx:1" }, { text: "t" }],
    });
    expect(at(rank["2025-03-26"])).toMatchObject({ content: [{ type: "audio" }, { type: "text" }, { type: "text" }] });
    expect(translate(blocks, { from: legacy, to: rank["2025-06-18"] })).toBe(blocks);
    const prompt = '{"messages":[{"role":"user","content":{"type":"resource_link","uri":"x:1","name":"One"}}]}';
    expect(translate(prompt, { from: legacy, to: rank["2025-03-26"], method: "prompts/get" })).toBe(
      '{"messages":[{"role":"user","content":{"type":"text","text":"One\\nx:1"}}]}',
    );
  });

  it("keeps kinds of blocks that nobody knows", () => {
    const video = '{"content":[{"type":"video","data":"AA=="}]}';
    for (const to of Object.values(rank)) {
      expect(JSON.parse(translate(video, { from: legacy, to }))).toMatchObject(JSON.parse(video) as object);
    }
  });

  it("writes URIs as clients know them, wherever they stand", () => {
    const namespace: UriNamespace = { toClient: (uri) => `up+${uri}`, toUpstream: (uri) => uri.slice(3) };
    const read = '{"contents":[{"uri":"x:1","text":"","n":12345678901234567890}]}';
    expect(translate(read, { from: legacy, to: legacy, method: "resources/read", namespace })).toBe(
      '{"contents":[{"uri":"up+x:1","text":"","n":12345678901234567890}]}',
    );
    const called =
      '{"content":[{"type":"resource_link","uri":"x:1","name":"n"},{"type":"resource","resource":{"uri":"x:2","text":""}},{"type":"text","text":"x:3"}]}';
    expect(translate(called, { from: legacy, to: legacy, namespace })).toBe(
      called.replace("x:1", "up+x:1").replace("x:2", "up+x:2"),
    );
    expect(JSON.parse(translate(called, { from: legacy, to: rank["2024-11-05"], namespace }))).toMatchObject({
      content: [{ type: "text", text: "n\nup+x:1" }, { resource: { uri: "up+x:2" } }, {}],
    });
  });
});
