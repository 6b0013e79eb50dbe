import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import { isMap, parseDocument } from "yaml";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { writeDocument } from "../write-document.ts";
import { mergeImport } from "./merge-import.ts";
import { sameValue } from "./same-value.ts";

const runs = { numRuns: 60 };

/** The documents of the examples that have tools: written by people, with comments and lines of every kind. */
const examples = exampleTexts().map((text) => ({ text, value: load(text) as JsonObject }));

test("an import again of the same description changes no byte, whatever was edited", () => {
  fc.assert(
    fc.property(anExample(), fc.array(anEdit(), { maxLength: 6 }), ({ text, value }, edits) => {
      const mine = edits.reduce((edited, edit) => edit.apply(edited), text);
      expect(mergeImport({ base: value, theirs: value, mine }).text).toBe(mine);
    }),
    runs,
  );
});

test("an unedited document becomes what the description makes now", () => {
  fc.assert(
    fc.property(anExample(), fc.array(aChange(), { maxLength: 6 }), ({ text, value }, changes) => {
      const theirs = changes.reduce((changed, change) => change(changed), plain(value));
      const mine = text.replaceAll(/^ *#.*\n|(?<=\S) # .*$/gm, "");
      const merged = load(mergeImport({ base: value, theirs, mine }).text) as JsonObject;
      expect(sortedTools(merged)).toEqual(sortedTools(theirs));
    }),
    runs,
  );
});

test("so does one that was generated, whatever its values are", () => {
  const tools = (list: JsonObject[]): JsonObject => ({
    name: "a",
    tools: list.map((tool, index) => ({ name: `t${index}`, ...tool })),
  });
  const anyTool = fc.record({
    input: fc.dictionary(fc.string(), aValue()),
    description: fc.string({ unit: "grapheme" }),
  });
  fc.assert(
    fc.property(fc.array(anyTool, { maxLength: 4 }), fc.array(anyTool, { maxLength: 4 }), (before, after) => {
      const [base, theirs] = [plain(tools(before as JsonObject[])), plain(tools(after as JsonObject[]))];
      const merged = mergeImport({ base, theirs, mine: writeDocument(base) });
      expect(sameValue(load(merged.text) as JsonObject, theirs)).toBe(true);
    }),
    runs,
  );
});

test("any edit survives an import of another description", () => {
  fc.assert(
    fc.property(
      anExample(),
      fc.array(anEdit(), { minLength: 1, maxLength: 4 }),
      fc.array(aChange(), { minLength: 1, maxLength: 6 }),
      ({ text, value }, edits, changes) => {
        const theirs = changes.reduce((changed, change) => change(changed), plain(value));
        const states = edits.reduce<string[]>((texts, edit) => [...texts, edit.apply(texts.at(-1) ?? text)], [text]);
        const mine = states.at(-1) ?? text;
        const merged = mergeImport({ base: value, theirs, mine });
        const before = load(mine) as JsonObject;
        const after = load(merged.text) as JsonObject;
        for (const edit of edits)
          if (edit.holds(before)) expect(edit.holds(after), `${edit.name}\n${merged.text}`).toBe(true);
        expect(after).toEqual(merged.document);
        for (const comment of mine.match(/# mark \d+/g) ?? []) expect(merged.text).toContain(comment);
        // Its own tools stay in the order that they have.
        const names = toolsOf(after).map(({ name }) => name);
        const own = toolsOf(before)
          .map(({ name }) => name)
          .filter((name) => names.includes(name));
        expect(names.filter((name) => own.includes(name))).toEqual(own);
      },
    ),
    { numRuns: 200 },
  );
});

interface Edit {
  readonly name: string;
  readonly apply: (text: string) => string;
  /** Whether the edit is in the document; some make no sense for some documents, and later ones undo earlier ones. */
  readonly holds: (document: JsonObject) => boolean;
}

/** What people do to a document. */
function anEdit(): fc.Arbitrary<Edit> {
  const pick = fc.nat({ max: 9 });
  const mark = fc.nat({ max: 1_000 });
  return fc.oneof(
    fc.tuple(pick, mark).map(
      ([index, id]): Edit => ({
        name: `rename tool ${index}`,
        apply: (text) => setInTool(text, index, ["name"], `renamed_${id}`),
        holds: (document) => toolsOf(document).some(({ name }) => name === `renamed_${id}`),
      }),
    ),
    fc.tuple(pick, mark).map(
      ([index, id]): Edit => ({
        name: `describe tool ${index}`,
        apply: (text) => setInTool(text, index, ["description"], `Ours ${id}.\n\nTwo: lines.`),
        holds: (document) => toolsOf(document).some(({ description }) => description === `Ours ${id}.\n\nTwo: lines.`),
      }),
    ),
    fc.tuple(pick, mark).map(
      ([index, id]): Edit => ({
        name: `bound an argument of tool ${index}`,
        apply: (text) => setInTool(text, index, ["input", "properties", "ours"], { type: "integer", maximum: id }),
        holds: (document) => JSON.stringify(toolsOf(document)).includes(`"ours":{"type":"integer","maximum":${id}}`),
      }),
    ),
    mark.map(
      (id): Edit => ({
        name: "add a tool",
        apply: (text) =>
          `${text.trimEnd()}\n`.replace(/^tools:.*\n/m, (line) =>
            line === "tools:\n" ? `tools:\n${ownTool(id)}` : line,
          ),
        holds: (document) => toolsOf(document).some(({ name }) => name === `own_${id}`),
      }),
    ),
    fc.tuple(pick, mark).map(
      ([index, id]): Edit => ({
        name: `a comment at line ${index}`,
        apply: (text) => withComment(text, index, id),
        holds: () => true,
      }),
    ),
    pick.map((index) => takeOut(index)),
    pick.map((index): Edit => ({ name: "reorder", apply: (text) => reorder(text, index), holds: () => true })),
    mark.map(
      (id): Edit => ({
        name: "an unknown key",
        apply: (text) => `${text.trimEnd()}\nx-own: { id: ${id} }\n`.replace(/^x-own: .*\n(?=[^]*^x-own)/gm, ""),
        holds: (document) => sameValue(document["x-own"], { id }),
      }),
    ),
  );
}

function takeOut(index: number): Edit {
  let name: JsonValue | undefined;
  return {
    name: `take out tool ${index}`,
    apply: (text) => {
      const document = parseDocument(text);
      const tools = toolsOf(document.toJS() as JsonObject);
      if (tools.length < 2 || index >= tools.length) return text;
      name = tools[index]?.["name"];
      document.deleteIn(["tools", index]);
      return document.toString({ lineWidth: 0 });
    },
    holds: (document) => toolsOf(document).every((tool) => tool["name"] !== name || name === undefined),
  };
}

function setInTool(text: string, index: number, path: string[], value: JsonValue): string {
  const document = parseDocument(text);
  if (!isMap(document.getIn(["tools", index]))) return text;
  for (let length = 1; length < path.length; length++) {
    const above = ["tools", index, ...path.slice(0, length)];
    if (!isMap(document.getIn(above))) document.setIn(above, document.createNode({}));
  }
  document.setIn(["tools", index, ...path], document.createNode(value));
  return document.toString({ lineWidth: 0 });
}

function ownTool(id: number): string {
  return `  - name: own_${id}   # mark ${id}\n    upstream: own\n    request: { path: /own/${id} }\n`;
}

function withComment(text: string, index: number, id: number): string {
  const places = [...text.matchAll(/^ *(?:- )?(?:name|upstream|input|request|method|type): ?[^|>\n"']*$/gm)];
  const place = places[index * 3] ?? places[0];
  if (place === undefined) return text;
  const end = place.index + place[0].length;
  return `${text.slice(0, end)} # mark ${id}${text.slice(end)}`;
}

function reorder(text: string, index: number): string {
  const document = parseDocument(text);
  const tools = toolsOf(document.toJS() as JsonObject);
  if (tools.length < 2) return text;
  const moved: unknown = document.getIn(["tools", index % tools.length], true);
  document.deleteIn(["tools", index % tools.length]);
  document.addIn(["tools"], moved);
  return document.toString({ lineWidth: 0 });
}

/** What becomes of a description. */
function aChange(): fc.Arbitrary<(document: JsonObject) => JsonObject> {
  const changeTool =
    (index: number, change: (tool: JsonObject) => JsonObject | undefined) =>
    (document: JsonObject): JsonObject => {
      const tools = toolsOf(document).flatMap((tool, at) => (at === index ? (change(tool) ?? []) : tool));
      return tools.length === 0 ? document : { ...document, tools };
    };
  const pick = fc.nat({ max: 5 });
  return fc.oneof(
    fc.tuple(pick, fc.string()).map(([index, description]) => changeTool(index, (tool) => ({ ...tool, description }))),
    fc
      .tuple(pick, aValue())
      .map(([index, value]) =>
        changeTool(index, (tool) => ({ ...tool, input: { type: "object", properties: { theirs: value } } })),
      ),
    fc.tuple(pick, aValue()).map(([index, output]) => changeTool(index, (tool) => ({ ...tool, output }))),
    pick.map((index) => changeTool(index, ({ description: _gone, ...tool }) => tool)),
    pick.map((index) => changeTool(index, () => undefined)),
    fc.nat({ max: 5 }).map((id) => (document: JsonObject): JsonObject => {
      const added = { name: `new_${id}`, description: "New.", upstream: "api", request: { path: `/new/${id}` } };
      const tools = toolsOf(document).filter(({ name }) => name !== added.name);
      return { ...document, tools: [...tools.slice(0, id), added, ...tools.slice(id)] };
    }),
    fc.string({ minLength: 1 }).map(
      (instructions) =>
        (document: JsonObject): JsonObject => ({ ...document, instructions }),
    ),
  );
}

function aValue(): fc.Arbitrary<JsonValue> {
  return fc.jsonValue({ maxDepth: 3 }).map((value) => plain(value as JsonValue));
}

function anExample(): fc.Arbitrary<(typeof examples)[number]> {
  return fc.constantFrom(...examples);
}

function exampleTexts(): string[] {
  const root = fileURLToPath(new URL("../../../examples", import.meta.url));
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => readFileSync(`${root}/${name}`, "utf8"))
    .filter((text) => /^tools:$/m.test(text) && !text.includes("\n---"));
}

function sortedTools(document: JsonObject): JsonObject {
  const tools = toolsOf(document).toSorted((a, b) =>
    JSON.stringify(a["name"]).localeCompare(JSON.stringify(b["name"])),
  );
  return { ...document, tools };
}

function toolsOf({ tools }: JsonObject): JsonObject[] {
  return Array.isArray(tools) ? tools.filter(isJsonObject) : [];
}

/** Without `-0`, which JSON has not. */
function plain<Value extends JsonValue>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
