import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import webManifest from "../web/package.json" with { type: "json" };
import { TextConfigReader } from "../src/adapters/yaml/text-config-reader.ts";
import { YamlConfigReader } from "../src/adapters/yaml/yaml-config-reader.ts";
import { checkDocuments } from "../src/compose/check.ts";
import { sameForAll, type SourceDocument } from "../src/core/config-source.ts";
import { resolveSettings } from "../src/settings.ts";
import { type CodeBlock, filesBelow, type MarkdownPage, readPages, root } from "./fixtures/markdown.ts";
import { type PeerKind, peerKinds } from "./fixtures/sdk-peers.ts";
import { startOver } from "./fixtures/test-gateway.ts";

/*
 * What the pages show must be true. Info strings of YAML blocks: `yaml` is a whole server document,
 * `yaml fragment` some of its top-level keys, `yaml settings` a settings file; others are not allowed.
 */

const pages = readPages();

interface Found {
  readonly page: MarkdownPage;
  readonly block: CodeBlock;
}

function blocksIn(language: string, ...marks: readonly string[]): [string, Found][] {
  return pages.flatMap((page) =>
    page.blocks
      .filter((block) => block.language === language && block.marks.join(" ") === marks.join(" "))
      .map((block): [string, Found] => [`${page.name}:${block.line}`, { page, block }]),
  );
}

/** What a fragment leaves out; its own keys come instead of these. */
const skeleton: Readonly<Record<string, string>> = {
  name: "name: example\n",
  routes: "routes: [{ prefix: /example }]\n",
  upstreams: "upstreams: { api: { kind: http, baseUrl: https://api.example.com } }\n",
};

function completed(fragment: string): string {
  const missing = Object.entries(skeleton).filter(([key]) => !new RegExp(`^${key}:`, "m").test(fragment));
  return fragment + missing.map(([, text]) => text).join("");
}

async function problemsOf(name: string, text: string): Promise<string[]> {
  const { documents } = await new TextConfigReader({ name, text, baseDirectory: root }).read();
  expect(documents.length).toBeGreaterThan(0);
  return describeProblems(documents);
}

function describeProblems(documents: readonly SourceDocument[]): string[] {
  return checkDocuments(documents, sameForAll({ get: () => "a secret" })).map(
    ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
  );
}

describe("documents on the pages pass `passerelle check`", () => {
  test.each(blocksIn("yaml"))("the document at %s", async (place, { block }) => {
    expect(await problemsOf(place, block.text)).toStrictEqual([]);
  });

  test.each(blocksIn("yaml", "fragment"))("the fragment at %s", async (place, { block }) => {
    expect(await problemsOf(place, completed(block.text))).toStrictEqual([]);
  });

  test.each(blocksIn("yaml", "settings"))("the settings at %s", (_place, { block }) => {
    const flags = { settings: "settings.yaml" };
    expect(resolveSettings({ flags, environment: {}, readFile: () => block.text })).toMatchObject({ kind: "settings" });
  });

  test("YAML blocks are documents, fragments or settings", () => {
    const marks = pages.flatMap(({ blocks }) => blocks.filter(({ language }) => /^ya?ml$/.test(language)));
    expect(marks.length).toBeGreaterThan(20);
    const strange = marks.filter((block) => !["", "fragment", "settings"].includes(block.marks.join(" ")));
    expect(strange).toStrictEqual([]);
  });

  test("a block that breaks the schema would be noticed", async () => {
    expect(await problemsOf("x", completed("tools: [{ name: a, upstream: nobody, request: { path: / } }]\n"))).toEqual([
      expect.stringContaining('unknown upstream "nobody"'),
    ]);
  });
});

describe("examples", () => {
  test.each(filesBelow("examples", ".yaml"))("%s has no problem", async (name) => {
    const { documents } = await new YamlConfigReader([join(root, name)]).read();
    expect(documents.length).toBeGreaterThan(0);
    expect(describeProblems(documents)).toStrictEqual([]);
  });

  test.each(filesBelow("examples", "README.md"))(
    "%s is run by its reader with commands that name real files",
    (name) => {
      const page = pages.find((candidate) => candidate.name === name);
      const commands = page?.blocks.filter(({ language }) => language === "sh").map(({ text }) => text) ?? [];
      const named = commands.join("\n").match(/\bexamples\/[^\s"']+/g) ?? [];
      expect(named.length).toBeGreaterThan(1);
      expect(named.filter((path) => !existsSync(join(root, path)))).toStrictEqual([]);
    },
  );
});

describe("other blocks", () => {
  test.each(blocksIn("json"))("the JSON at %s can be parsed", (_place, { block }) => {
    expect(() => JSON.parse(block.text)).not.toThrow();
  });

  test("every block says its language", () => {
    const silent = pages.flatMap(({ name, blocks }) =>
      blocks.filter(({ language }) => language === "").map(({ line }) => `${name}:${line}`),
    );
    expect(silent).toStrictEqual([]);
  });
});

describe("links", () => {
  const anchors = new Map(pages.map(({ name, text }) => [name, new Set(anchorsOf(text))]));

  test.each(pages.map((page): [string, MarkdownPage] => [page.name, page]))("of %s lead somewhere", (name, page) => {
    const broken = linksOf(page.text).filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? name : relative(root, join(root, dirname(name), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && anchors.get(target)?.has(anchor) !== true;
    });
    expect(broken).toStrictEqual([]);
  });
});

describe("source files that pages name", () => {
  const sources = ["src", "test", "scripts", "bench", "web/src"].flatMap((folder) => filesBelow(folder, ".ts"));
  const naming = pages.filter(({ text }) => namedFiles(text).length > 0);

  test.each(naming.map((page): [string, MarkdownPage] => [page.name, page]))("%s", (_name, { text }) => {
    const missing = namedFiles(text).filter((name) => !sources.some((source) => `/${source}`.endsWith(`/${name}`)));
    expect(missing).toStrictEqual([]);
  });

  test("are many", () => {
    expect(naming.flatMap(({ text }) => namedFiles(text)).length).toBeGreaterThan(40);
  });
});

/** Names of TypeScript files in prose, such as `gateway/listener.ts`. */
function namedFiles(markdown: string): string[] {
  return [...markdown.matchAll(/`([\w./-]+\.ts)`/g)]
    .map(([, name]) => name ?? "")
    .filter((name) => name !== "name.test.ts");
}

/** Targets of links inside of the repository. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? "")
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors of headings, as code hosts make them. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

describe("the page about configuration", () => {
  const page = pages.find(({ name }) => name === "docs/configuration.md");
  const shown = page?.blocks.filter(({ language }) => language === "yaml").map(({ text }) => text) ?? [];
  const schema: unknown = JSON.parse(readFileSync(join(root, "schema/server.schema.json"), "utf8"));

  test.each([...keysOf(schema)])("shows the key %s in an example", (key) => {
    expect(shown.join("\n")).toMatch(new RegExp(`(^|[\\s{,-])${key}:`, "m"));
  });
});

/** The names of all keys that the schema of documents knows. */
function keysOf(schema: unknown): ReadonlySet<string> {
  const keys = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (name === "properties") for (const key of Object.keys(member ?? {})) keys.add(key);
      visit(member);
    }
  };
  visit(schema);
  return keys;
}

test("the page about dependencies has a line for each package, and no other", () => {
  const page = pages.find(({ name }) => name === "docs/decisions/dependencies.md")?.text ?? "";
  const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  const { dependencies, devDependencies } = manifest;
  const groups = [dependencies, devDependencies, webManifest.devDependencies];
  expect(listed).toStrictEqual(groups.flatMap((group) => Object.keys(group).sort()));
});

describe("the page about clients", () => {
  const page = pages.find(({ name }) => name === "docs/clients.md")?.text ?? "";
  const transports = { http: "Streamable HTTP", sse: "HTTP+SSE" };

  test.each(peerKinds.map((kind): [string, PeerKind] => [`${kind.name} over ${kind.transport}`, kind]))(
    "has a row for %s, which is tested",
    (_label, { name, transport, revision }) => {
      const version = /\d+\.\d+\.\d+/.exec(name)?.[0] ?? "no version";
      const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(version));
      expect(row).toContain(transports[transport]);
      expect(row).toContain(revision);
    },
  );
});

describe("the page about operations", () => {
  const page = pages.find(({ name }) => name === "docs/operations.md")?.text ?? "";

  test("lists every metric, and none that is not there", async () => {
    const gateway = await startOver([join(root, "examples/hello-rest/hello.yaml")]);
    try {
      const exposition = await (await fetch(`${gateway.opsUrl ?? ""}/metrics`)).text();
      const served = [...exposition.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
      const listed = [...page.matchAll(/^\| `((?:passerelle|process|nodejs)_\w+)/gm)].map(([, name]) => name);
      expect(listed.sort()).toStrictEqual(served.sort());
    } finally {
      await gateway.close();
    }
  });

  test("is right that labels come from configuration alone", async () => {
    const gateway = await startOver([join(root, "examples/hello-rest/hello.yaml")]);
    try {
      for (const method of ["tools/call", "canary/method"]) {
        const params = { name: "canary", arguments: { canary: 1 }, _meta: modernMeta };
        const headers = {
          "Content-Type": "application/json",
          "MCP-Protocol-Version": "2026-07-28",
          "Mcp-Method": method,
          "Mcp-Name": "canary",
        };
        const body = JSON.stringify({ jsonrpc: "2.0", id: "canary", method, params });
        const answer = await fetch(`${gateway.url}/hello/mcp?canary`, { method: "POST", headers, body });
        expect(await answer.json()).toMatchObject({ id: "canary", error: {} });
      }
      const exposition = await (await fetch(`${gateway.opsUrl ?? ""}/metrics`)).text();
      expect(exposition).toContain("passerelle_http_requests_total 2");
      expect(exposition).not.toContain("canary");
    } finally {
      await gateway.close();
    }
  });
});

const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
