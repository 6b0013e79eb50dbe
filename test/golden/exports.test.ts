import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkDocument } from "../../src/core/config/check-document.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { clientIds } from "../../src/exports/client-ids.ts";
import { type ClientSnippet, clientSnippets, type Endpoint } from "../../src/exports/client-snippets.ts";
import { registryServerJson } from "../../src/exports/registry-server-json.ts";
import { importMcpJson } from "../../src/imports/mcp-json/import-mcp-json.ts";

const orders: Endpoint = { name: "orders", url: "http://127.0.0.1:5235/orders/mcp", needsKey: true };

function snippetOf(client: ClientSnippet["client"], endpoint: Endpoint): ClientSnippet {
  const [snippet] = clientSnippets(endpoint, [client]);
  if (snippet === undefined) throw new Error(`There is no snippet for ${client}.`);
  return snippet;
}

describe("the page about clients", () => {
  const page = readFileSync(new URL("../../docs/clients.md", import.meta.url), "utf8");

  it.each(clientIds)("shows for %s what the program prints", (client) => {
    const { title, format, text, files } = snippetOf(client, orders);
    expect(page).toContain(`## ${title}\n`);
    expect(page).toContain(`\`\`\`${format}\n${text.trimEnd()}\n\`\`\``);
    for (const { path } of files) expect(page).toContain(`\`${path}\``);
  });
});

describe("a snippet", () => {
  const configured = clientIds.filter((client) => snippetOf(client, orders).format !== "sh");

  it.each(configured)("for %s is read back by the import of clients' configuration", (client) => {
    const { text } = snippetOf(client, { ...orders, key: "a-key-of-this-test-0001" });
    const { documents, report } = importMcpJson(text, { separate: false });
    expect(report.entries.map(({ outcome }) => outcome)).not.toContain("refused");
    const upstreams = documents[0]?.["upstreams"] as JsonObject; // an import makes an object of them
    expect(upstreams["orders"]).toMatchObject({
      kind: "mcp",
      url: orders.url,
      headers: { Authorization: expect.stringMatching(/^(?:Bearer )?\$\{secrets\.\w+\}$/) },
    });
  });

  it.each(clientIds)("for %s holds the key where one is given, and a place for it where not", (client) => {
    expect(JSON.stringify(snippetOf(client, { ...orders, key: "k-123" }))).toContain("k-123");
    expect(snippetOf(client, orders).text).toMatch(/KEY|\$\{input:key\}/);
    expect(snippetOf(client, { ...orders, needsKey: false, key: "k-123" }).text).not.toMatch(
      /KEY|key|k-123|Authorization/,
    );
  });

  it("opens Cursor and VS Code with the server filled in", () => {
    const cursor = new URL(snippetOf("cursor", orders).link ?? "");
    expect(cursor.searchParams.get("name")).toBe("orders");
    expect(JSON.parse(Buffer.from(cursor.searchParams.get("config") ?? "", "base64").toString())).toStrictEqual({
      url: orders.url,
      headers: { Authorization: "Bearer KEY" },
    });
    const [, config = ""] = (snippetOf("vs-code", orders).link ?? "").split("?");
    expect(JSON.parse(decodeURIComponent(config))).toMatchObject({
      name: "orders",
      type: "http",
      url: orders.url,
      headers: { Authorization: "Bearer ${input:key}" },
      inputs: [{ id: "key", password: true }],
    });
  });

  it("quotes what a shell would read", () => {
    const { text } = snippetOf("claude-code", {
      name: "it's",
      url: "https://x.example/a/mcp",
      needsKey: true,
      key: "$HOME",
    });
    expect(text).toBe(
      String.raw`claude mcp add --transport http 'it'\''s' https://x.example/a/mcp --header 'Authorization: Bearer $HOME'`,
    );
  });
});

describe("server.json", () => {
  function documentWith(more: JsonObject) {
    const { document, problems } = checkDocument({ name: "crm", routes: [{ prefix: "/crm" }], ...more });
    expect(problems).toStrictEqual([]);
    if (document === undefined) throw new Error("The document is broken.");
    return document;
  }

  it("names each route as two remotes, with the key as a secret", () => {
    const document = documentWith({
      title: "CRM",
      description: "x".repeat(150),
      version: "2.1.0",
      websiteUrl: "https://crm.example.com",
      icons: [{ src: "https://crm.example.com/i.png", mimeType: "image/png" }, { src: "data:image/png;base64,AA==" }],
      routes: [{ prefix: "/crm" }, { prefix: "/open", access: "public" }],
    });
    const made = registryServerJson(document, { publicUrl: "https://mcp.example.com/" });
    expect(made).toMatchObject({
      name: "com.example.mcp/crm",
      title: "CRM",
      version: "2.1.0",
      websiteUrl: "https://crm.example.com",
      icons: [{ src: "https://crm.example.com/i.png", mimeType: "image/png" }],
      remotes: [
        {
          type: "streamable-http",
          url: "https://mcp.example.com/crm/mcp",
          headers: [{ name: "Authorization", isSecret: true }],
        },
        { type: "sse", url: "https://mcp.example.com/crm/sse", headers: [{ name: "Authorization", isRequired: true }] },
        { type: "streamable-http", url: "https://mcp.example.com/open/mcp" },
        { type: "sse", url: "https://mcp.example.com/open/sse" },
      ],
    });
    expect(made["description"]).toHaveLength(100);
    expect(made).not.toHaveProperty("repository");
    expect((made["remotes"] as readonly JsonObject[])[2]).not.toHaveProperty("headers"); // it is a list of objects
  });

  it.each<[JsonObject, string, string | undefined, string]>([
    [{}, "http://127.0.0.1:5235", undefined, "give the whole name"],
    [{}, "http://localhost:5235", undefined, "give the whole name"],
    [{}, "https://mcp.example.com", "crm", "is no name of a registry"],
    [{ version: "latest" }, "https://mcp.example.com", undefined, "no single version"],
    [{ version: "^1.2.3" }, "https://mcp.example.com", undefined, "no single version"],
  ])("is refused for what no registry takes: %j %s %s", (more, publicUrl, name, message) => {
    expect(() => registryServerJson(documentWith(more), { publicUrl, name })).toThrow(message);
  });
});
