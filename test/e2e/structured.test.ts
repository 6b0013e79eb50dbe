import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peerKinds } from "../fixtures/sdk-peers.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";

const tools = `tools:
  - name: record_output
    description: Returns an object that its schema describes.
    upstream: api
    request: { path: /records/7 }
    output: { type: object, required: [id], properties: { id: { type: string } } }
  - name: list_output
    description: Returns a list that its schema describes.
    upstream: api
    request: { path: /records/7 }
    result: ["\${response.body.id}", 7]
    output: { type: array, items: { type: [string, integer] } }
  - name: wrong_output
    description: Returns an object that its schema does not describe.
    upstream: api
    request: { path: /records/7 }
    output: { type: object, required: [price], properties: { price: { type: number } } }
  - name: link_output
    description: Returns a link.
    upstream: api
    request: { path: /records/7 }
    content:
      - resourceLink: { uri: "test://template/\${response.body.id}/data", name: "Record \${response.body.id}" }
`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openTestGateway((document) => document.replace("tools:\n", tools));
});

afterAll(() => gateway.close());

describe.each(peerKinds)("results, $name over $transport ($revision)", (kind) => {
  const knowsStructured = kind.revision >= "2025-06-18";

  /** The clients of later revisions hold results against the schemas that they listed. */
  async function call(name: string): Promise<unknown> {
    const peer = await kind.connect(gateway.prefix);
    try {
      await peer.listTools();
      return await peer.callTool(name);
    } finally {
      await peer.close();
    }
  }

  it("that are objects come as text, and structured where the revision knows it", async () => {
    const result = await call("record_output");
    expect(result).toMatchObject({ content: [{ type: "text", text: expect.stringContaining('"id":"7"') }] });
    if (knowsStructured) expect(result).toMatchObject({ structuredContent: { id: "7", templateTest: true } });
    else expect(result).not.toHaveProperty("structuredContent");
  });

  it("that are lists are wrapped before 2026-07-28, which knows no other than objects", async () => {
    const result = await call("list_output");
    expect(result).toMatchObject({ content: [{ type: "text", text: '["7",7]' }] });
    if (kind.era === "modern") expect(result).toMatchObject({ structuredContent: ["7", 7] });
    else if (knowsStructured) expect(result).toMatchObject({ structuredContent: { result: ["7", 7] } });
    else expect(result).not.toHaveProperty("structuredContent");
  });

  it("that break their schema are passed on with a warning", async () => {
    const result = await call("wrong_output");
    expect(JSON.stringify(result)).toContain("Data for ID: 7");
    expect(JSON.stringify(result)).toContain("price");
  });

  it("that are links become something that the revision knows", async () => {
    const text = JSON.stringify(await call("link_output"));
    expect(text).toContain("test://template/7/data");
    expect(text.includes('"resource_link"')).toBe(knowsStructured);
  });
});
