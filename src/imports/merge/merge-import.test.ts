import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { writeDocument } from "../write-document.ts";
import { mergeImport } from "./merge-import.ts";

const getPet = tool("get_pet", "GET", "/pets/{id}", { id: { type: "integer" }, full: { type: "boolean" } });
const listPets = tool("list_pets", "GET", "/pets", { limit: { type: "integer", maximum: 100 } });
const addPet = tool("add_pet", "POST", "/pets", { name: { type: "string" } });
const base = document([getPet, listPets]);
const text = writeDocument(base, ["Made from pets.yaml."]);

describe("what only the description has changed", () => {
  test("nothing: every byte stays, however the text is written", () => {
    const mine = `${text.replace("type: object", "type:    object   # as it was")}\n\n# the end`;
    const merged = mergeImport({ base, theirs: base, mine });
    expect(merged.text).toBe(mine);
    expect(merged.isChanged).toBe(false);
  });

  test("a description and a limit are written where they stand, and nothing else is", () => {
    const theirs = document([
      { ...getPet, description: "Finds a pet." },
      tool("list_pets", "GET", "/pets", { limit: { type: "integer", maximum: 50 } }),
    ]);
    const mine = text.replace("    upstream: api", "    upstream:   api # ours");
    const { text: merged, diff } = mergeImport({ base, theirs, mine });
    expect(merged).toBe(
      mine.replace("description: Does get_pet.", "description: Finds a pet.").replace("maximum: 100", "maximum: 50"),
    );
    expect(diff.changed).toStrictEqual([
      { tool: "get_pet", operation: "GET /pets/{id}", keys: ["description"] },
      { tool: "list_pets", operation: "GET /pets", keys: ["input.properties.limit.maximum"] },
    ]);
    expect(diff.conflicts).toStrictEqual([]);
  });

  test("a new operation stands where it stands in the description, in the manner of the list", () => {
    const mine = text.replaceAll(/^ {2}(?=[- ] )/gm, "");
    const { text: merged, diff } = mergeImport({ base, theirs: document([getPet, addPet, listPets]), mine });
    expect(namesIn(merged)).toStrictEqual(["get_pet", "add_pet", "list_pets"]);
    expect(merged).toContain("\n- name: add_pet\n  description: Does add_pet.\n");
    expect(diff.added).toStrictEqual([{ tool: "add_pet", operation: "POST /pets" }]);
  });

  test("an operation that is gone takes its tool along", () => {
    const { text: merged, diff } = mergeImport({ base, theirs: document([listPets]), mine: text });
    expect(merged).toBe(writeDocument(document([listPets]), ["Made from pets.yaml."]));
    expect(diff.removed).toStrictEqual([{ tool: "get_pet", operation: "GET /pets/{id}" }]);
  });

  test("all operations are gone, and one comes", () => {
    const merged = mergeImport({ base, theirs: document([addPet]), mine: text });
    expect(load(merged.text)).toStrictEqual(document([addPet]));
  });

  test("a text of several lines takes the place of one line, and the other way round", () => {
    const long = document([{ ...getPet, description: "Finds a pet.\n\nBy its id: `id`." }, listPets]);
    const there = mergeImport({ base, theirs: long, mine: text });
    expect(load(there.text)).toStrictEqual(long);
    expect(there.text).toContain("    description: |-\n      Finds a pet.\n\n");
    expect(mergeImport({ base: long, theirs: base, mine: there.text }).text).toBe(text);
  });

  test("a document in JSON stays one", () => {
    const theirs = document([{ ...getPet, title: "Pet" }, addPet]);
    const { text: merged } = mergeImport({ base, theirs, mine: JSON.stringify(base, undefined, 2) });
    expect(JSON.parse(merged)).toStrictEqual(theirs);
  });
});

describe("what was done by hand", () => {
  test("a renamed tool is found by its request, and gets what changed", () => {
    const mine = text.replace("name: get_pet", "name: find_pet");
    const theirs = document([{ ...getPet, description: "Finds a pet." }, listPets]);
    const { text: merged, diff } = mergeImport({ base, theirs, mine });
    expect(merged).toBe(mine.replace("Does get_pet.", "Finds a pet."));
    expect(diff.kept).toContainEqual({ kind: "renamed", tool: "find_pet", path: "" });
    expect(diff.added).toStrictEqual([]);
  });

  test("two tools that swapped names are told apart by their requests", () => {
    const mine = text
      .replace("name: get_pet", "name: x")
      .replace("name: list_pets", "name: get_pet")
      .replace("name: x", "name: list_pets");
    const theirs = document([{ ...getPet, title: "One" }, listPets]);
    expect(toolsIn(mergeImport({ base, theirs, mine }).text)[0]).toMatchObject({ name: "list_pets", title: "One" });
  });

  test("a tool that was taken out stays out, and comes back when that is asked for", () => {
    const mine = writeDocument(document([listPets]));
    const theirs = document([{ ...getPet, title: "Pet" }, listPets]);
    const stays = mergeImport({ base, theirs, mine });
    expect(stays.text).toBe(mine);
    expect(stays.diff.leftOut).toStrictEqual([{ tool: "get_pet", operation: "GET /pets/{id}" }]);
    const back = mergeImport({ base, theirs, mine }, { restoresRemoved: true });
    expect(namesIn(back.text)).toStrictEqual(["get_pet", "list_pets"]);
  });

  test("an edited tool stays when its operation is gone, and so does one with a comment", () => {
    const edited = text.replace("Does get_pet.", "Ours.").replace("    input:\n", "    # ask Ann first\n    input:\n");
    for (const mine of [
      edited,
      text.replace("  - name: get_pet", "  # ours\n  - name: get_pet").replace("Does list", "Lists"),
    ]) {
      const { text: merged, diff } = mergeImport({ base, theirs: document([]), mine });
      expect(namesIn(merged)).toContain("get_pet");
      expect(diff.conflicts.map(({ kind, path }) => ({ kind, path }))).toContainEqual({
        kind: "removed-but-edited",
        path: "",
      });
    }
  });

  test("where both changed a key, the document's side stays, and the conflict names all three", () => {
    const mine = text.replace("Does get_pet.", "Ours.");
    const theirs = document([{ ...getPet, description: "Theirs." }, listPets]);
    const { text: merged, diff } = mergeImport({ base, theirs, mine });
    expect(merged).toBe(mine);
    expect(diff.conflicts).toStrictEqual([
      {
        kind: "both-changed",
        tool: "get_pet",
        path: "description",
        base: "Does get_pet.",
        mine: "Ours.",
        theirs: "Theirs.",
        taken: "mine",
        message: "It was edited by hand, and the description has changed it too. The document stays as it is.",
      },
    ]);
    const other = mergeImport({ base, theirs, mine }, { prefer: "theirs" });
    expect(other.text).toBe(text.replace("Does get_pet.", "Theirs."));
    expect(other.diff.conflicts[0]?.taken).toBe("theirs");
  });

  test("lists of names are merged as sets", () => {
    const sided = (required: JsonValue): JsonObject => document([{ ...getPet, input: { type: "object", required } }]);
    const merged = mergeImport({
      base: sided(["id", "full"]),
      theirs: sided(["id", "kind"]),
      mine: writeDocument(sided(["full", "owner", "id"])),
    });
    expect(merged.document).toStrictEqual(sided(["owner", "id", "kind"]));
    expect(merged.diff.conflicts).toStrictEqual([]);
  });

  test("a new operation does not take the name of a tool that was renamed to it", () => {
    const mine = text.replace("name: get_pet", "name: add_pet");
    const { text: merged, diff } = mergeImport({ base, theirs: document([getPet, listPets, addPet]), mine });
    expect(merged).toBe(mine);
    expect(diff.conflicts).toMatchObject([{ kind: "name-taken", tool: "add_pet" }]);
  });

  test("keys of one's own stay, at the document, the upstream and the tool", () => {
    const mine = text
      .replace("  api: { ", "  # slow\n  api: { timeoutMs: 5000,  ")
      .replace("    upstream: api", "    timeoutMs: 9\n    upstream: api");
    const theirs = { ...document([{ ...getPet, title: "Pet" }, listPets]), instructions: "New." };
    const merged = mergeImport({ base, theirs, mine });
    expect(merged.text).toContain("  # slow\n  api: { timeoutMs: 5000,  kind: http,");
    expect(toolsIn(merged.text)[0]).toMatchObject({ title: "Pet", timeoutMs: 9 });
    expect(merged.diff.documentKeys).toStrictEqual(["instructions"]);
  });

  test("numbers beyond 2^53 stay exact", () => {
    const mine = text.replace("maximum: 100", "maximum: 9007199254740993");
    const theirs = document([{ ...getPet, title: "Pet" }, listPets]);
    expect(mergeImport({ base, theirs, mine }).text).toContain("maximum: 9007199254740993");
  });
});

describe("texts that are hard to change", () => {
  test("what is shared by an anchor is not changed by half", () => {
    const mine = `${text}x-shared: &shared { a: 1 }\nx-other: *shared\n`;
    const sided = (a: number): JsonObject => ({ ...base, "x-shared": { a }, "x-other": { a: 1 } });
    expect(() => mergeImport({ base: sided(1), theirs: sided(2), mine })).toThrow(/anchors \(&name\)/);
    expect(mergeImport({ base: sided(1), theirs: { ...sided(1), title: "T" }, mine }).text).toContain("*shared");
  });

  test("Windows line breaks stay", () => {
    const mine = text.replaceAll("\n", "\r\n");
    const merged = mergeImport({ base, theirs: document([getPet, addPet, listPets]), mine });
    expect(merged.text.replaceAll("\r\n", "")).not.toContain("\n");
  });

  test.each([
    ["name: [", /line 1/],
    ["a: 1\n---\nb: 2\n", /cannot be read/],
    ["- a\n", /no mapping/],
    ["tools: { a: 1 }\n", /`tools` of the document is no list/],
  ])("%j is refused with the reason", (mine, message) => {
    expect(() => mergeImport({ base, theirs: base, mine })).toThrow(message);
  });
});

function document(tools: JsonObject[]): JsonObject {
  return {
    name: "pets",
    routes: [{ prefix: "/pets" }],
    upstreams: { api: { kind: "http", baseUrl: "https://pets.example/v1" } },
    tools,
  };
}

function tool(name: string, method: string, path: string, properties: JsonObject): JsonObject {
  return {
    name,
    description: `Does ${name}.`,
    upstream: "api",
    input: { type: "object", properties, additionalProperties: false },
    request: { method, path },
  };
}

function toolsIn(yaml: string): JsonObject[] {
  return (load(yaml) as { tools: JsonObject[] }).tools;
}

function namesIn(yaml: string): unknown[] {
  return toolsIn(yaml).map(({ name }) => name);
}
