import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { YamlConfigReader } from "./yaml-config-reader.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-reader-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function server(name: string, more = ""): string {
  return `name: ${name}\nroutes:\n  - prefix: /${name}\n${more}`;
}

async function save(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** Problems of everything in the folder as `file:line:column message (mend)`. */
async function problemLines(): Promise<string[]> {
  const { documents } = await new YamlConfigReader([folder]).read();
  return documents
    .flatMap(({ problems }) => problems)
    .map(({ file, line, column, message, mend }) => {
      const place = `${file.slice(folder.length + 1)}:${line}:${column}`;
      return `${place} ${message}${mend === undefined ? "" : ` (${mend})`}`;
    });
}

async function namesIn(...paths: string[]): Promise<(string | undefined)[]> {
  const { documents } = await new YamlConfigReader(paths).read();
  return documents.map(({ document }) => document?.name);
}

describe("what is read", () => {
  test("a folder is read with its folders, in order, without hidden and other files", async () => {
    await mkdir(join(folder, "inner", "deep"), { recursive: true });
    await mkdir(join(folder, ".hidden"));
    await save("b.yml", server("b"));
    await save("a.yaml", server("a"));
    await save("c.json", JSON.stringify({ name: "c", routes: [{ prefix: "/c" }] }, null, "\t"));
    await save("notes.txt", "not: [yaml");
    await save(".swap.yaml", "not: [yaml");
    await save("inner/deep/d.yaml", server("d"));
    await save(".hidden/e.yaml", server("e"));
    expect(await namesIn(folder)).toEqual(["a", "b", "c", "d"]);
  });

  test("a file may hold several documents, with comments, directives and empty ones between them", async () => {
    await save(
      "all.yaml",
      `# first\n---\n${server("a")}\n---\n# nothing\n---\n${server("b")}...\n%YAML 1.2\n---\n${server("c")}`,
    );
    const { documents } = await new YamlConfigReader([folder]).read();
    expect(documents.map(({ document }) => document?.name)).toEqual(["a", "b", "c"]);
    expect(documents.map(({ key }) => key.slice(folder.length + 1))).toEqual([
      "all.yaml#0",
      "all.yaml#1",
      "all.yaml#2",
    ]);
    expect(documents[1]?.locate(["routes", 0, "prefix"])).toMatchObject({ line: 12, column: 13 });
  });

  test("a mounted ConfigMap is read once, through its links", async () => {
    await mkdir(join(folder, "..2026_01"));
    await save("..2026_01/crm.yaml", server("crm"));
    await symlink("..2026_01", join(folder, "..data"));
    await symlink("..data/crm.yaml", join(folder, "crm.yaml"));
    const { documents } = await new YamlConfigReader([folder]).read();
    expect(documents.map(({ key }) => key)).toEqual([`${join(folder, "crm.yaml")}#0`]);
    expect(documents[0]?.baseDirectory).toBe(folder);
  });

  test("links that lead in a circle or to nothing are left out", async () => {
    await symlink(".", join(folder, "again"));
    await symlink("loop.yaml", join(folder, "loop.yaml"));
    await symlink("gone.yaml", join(folder, "dangling.yaml"));
    await save("a.yaml", server("a"));
    expect(await namesIn(folder)).toEqual(["a"]);
  });

  test("a file that is reached by two paths is read once", async () => {
    const path = await save("a.yaml", server("a"));
    expect(await namesIn(path, folder)).toEqual(["a"]);
  });

  test("a missing path makes the read fail", async () => {
    const reader = new YamlConfigReader([join(folder, "missing.yaml")]);
    await expect(reader.read()).rejects.toMatchObject({
      code: "invalid_configuration",
      message: `cannot read ${join(folder, "missing.yaml")}: there is no such file or folder`,
    });
  });
});

describe("what is understood", () => {
  test("integers beyond 2^53 keep every digit", async () => {
    const tool =
      "upstream: api, request: { path: / }, result: [12345678901234567890, -9007199254740993, 12345678, 0x10, 1.5]";
    await save(
      "a.yaml",
      server("a", `upstreams: { api: { kind: http, baseUrl: x } }\ntools: [{ name: t, ${tool} }]\n`),
    );
    const { documents } = await new YamlConfigReader([folder]).read();
    expect(documents[0]?.document?.tools[0]?.result).toEqual([
      12345678901234567890n,
      -9007199254740993n,
      12345678,
      16,
      1.5,
    ]);
  });

  test("anchors and merge keys save writing", async () => {
    const upstreams =
      "upstreams:\n  a: &base { kind: http, baseUrl: x, timeoutMs: 5 }\n  b: { <<: *base, baseUrl: y }\n";
    await save("a.yaml", server("a", upstreams));
    const { documents } = await new YamlConfigReader([folder]).read();
    expect(documents[0]?.document?.upstreams.b).toMatchObject({ baseUrl: "y", timeoutMs: 5 });
    expect(documents[0]?.locate(["upstreams", "b", "timeoutMs"])).toMatchObject({ line: 5, column: 49 });
  });
});

describe("what is wrong is told with its place", () => {
  test.each<[string, string, string[]]>([
    ["a mistyped key", server("a", "tool:\n  - name: x\n"), ['a.yaml:4:1 unknown key "tool" (did you mean "tools"?)']],
    ["a missing key", "name: a\n", ['a.yaml:1:1 missing key "routes" (add "routes": a list)']],
    [
      "a wrong value",
      server("a", "tools:\n  - name: t\n    upstream: api\n    request:\n      method: GTE\n      path: /\n"),
      ['a.yaml:8:15 expected one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, found "GTE" (did you mean "GET"?)'],
    ],
    [
      "duplicate keys",
      server("a", "description: x\nname: b\n"),
      ['a.yaml:5:1 duplicate key "name", first on line 1 (remove or rename one of them)'],
    ],
    [
      "a tab",
      "name: a\nroutes:\n\t- prefix: /a\n",
      ["a.yaml:3:1 not valid YAML: tab characters must not be used in indentation (indent with spaces, not with tabs)"],
    ],
    [
      "an open quote",
      "name: 'a\nroutes: []\n",
      [
        `a.yaml:2:1 not valid YAML: deficient indentation (close the quote, or double it ("''") where it belongs to the text)`,
      ],
    ],
    [
      "an expression without quotes",
      server("a", "tools: [{ name: x, result: ${response.body} }]\n"),
      [
        'a.yaml:4:29 not valid YAML: missed comma between flow collection entries (put the value that holds an expression in quotes: "${…}")',
      ],
    ],
    [
      "bad indentation",
      "name: a\nroutes:\n  - prefix: /a\n    access: public\n   origins: []\n",
      [
        "a.yaml:5:4 not valid YAML: bad indentation of a sequence entry (line it up with its neighbours: it is indented by 3 spaces, the line above by 4)",
      ],
    ],
    [
      "a bracket that is not closed",
      "name: a\nroutes: [{ prefix: /a }\n",
      ["a.yaml:3:1 not valid YAML: deficient indentation (close the bracket or brace that was opened before)"],
    ],
    [
      "a list for a document",
      "- name: a\n",
      ["a.yaml:1:1 expected a mapping, found a list (write it as `key: value` lines, without `-`)"],
    ],
    [
      "an alias within its anchor",
      "name: &n [*n]\n",
      ["a.yaml:1:11 the alias stands within its own anchor (write the value out)"],
    ],
  ])("%s", async (_what, text, expected) => {
    await save("a.yaml", text);
    expect(await problemLines()).toEqual(expected);
  });

  test("a broken document leaves the others of its file alone, and lines count from the top of the file", async () => {
    await save("all.yaml", `${server("a")}---\nname: 'b\n---\n${server("c", "pageSze: 1\n")}---\n${server("d")}`);
    expect(await namesIn(folder)).toEqual(["a", undefined, undefined, "d"]);
    expect((await problemLines()).map((line) => line.split(" (")[0])).toEqual([
      "all.yaml:6:1 not valid YAML: deficient indentation",
      'all.yaml:10:1 unknown key "pageSze"',
    ]);
  });

  test("files that are too large or not UTF-8 are refused alone", async () => {
    await save("a.yaml", server("a"));
    await save("big.yaml", Buffer.alloc(9 * 1_048_576, "#"));
    await save("latin.yaml", Uint8Array.of(0x6e, 0x3a, 0xe9));
    expect(await problemLines()).toEqual([
      "big.yaml:1:1 the file is larger than 8 MB (split it into several files)",
      "latin.yaml:1:1 the file is not UTF-8 text (save it as UTF-8)",
    ]);
  });

  test("aliases that multiply a document are refused in bounded time", async () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) =>
        `  l${i}: &l${i} [${Array(9)
          .fill(`*l${i - 1}`)
          .join(", ")}]`,
    );
    levels[0] = "  l0: &l0 [lol]";
    await save("bomb.yaml", `name: x\nroutes:\n${levels.join("\n")}\n`);
    expect(await problemLines()).toEqual([
      "bomb.yaml:1:1 aliases add more than 200000 values to the document (use fewer aliases, or several documents)",
    ]);
  });

  test("deep nesting is refused", async () => {
    await save("deep.yaml", `name: ${"[".repeat(50_000)}`);
    const [line] = await problemLines();
    expect(line).toContain("nesting exceeded maxDepth");
  });
});

describe("reading again", () => {
  test("an unchanged document is the same object, a changed one is not, and the revision tells", async () => {
    await save("all.yaml", `${server("a")}---\n${server("b")}`);
    const reader = new YamlConfigReader([folder]);
    const first = await reader.read();
    const second = await reader.read();
    expect(second.revision).toBe(first.revision);
    expect(second.documents).toEqual(first.documents);
    expect(second.documents[0]).toBe(first.documents[0]);

    await save("all.yaml", `${server("a", "title: A\n")}---\n${server("b")}`);
    const third = await reader.read();
    expect(third.revision).not.toBe(first.revision);
    expect(third.documents[0]?.document?.title).toBe("A");
    expect(third.documents[1]?.document).toBe(first.documents[1]?.document);
    expect(third.documents[1]?.locate([])).toMatchObject({ line: 6 });
  });

  test("every document of a file that has become unreadable counts as broken, not as removed", async () => {
    await save("all.yaml", `${server("a")}---\n${server("b")}`);
    const reader = new YamlConfigReader([folder]);
    const before = await reader.read();
    await save("all.yaml", Uint8Array.of(0xff, 0xfe));
    const after = await reader.read();
    expect(after.documents.map(({ key }) => key)).toEqual(before.documents.map(({ key }) => key));
    expect(after.documents.map(({ problems }) => problems.length)).toEqual([1, 1]);
  });

  test("a file that was moved away is gone", async () => {
    const path = await save("a.yaml", server("a"));
    await save("b.yaml", server("b"));
    const reader = new YamlConfigReader([folder]);
    await reader.read();
    await rename(path, join(folder, "a.txt"));
    const { documents } = await reader.read();
    expect(documents.map(({ document }) => document?.name)).toEqual(["b"]);
  });
});
