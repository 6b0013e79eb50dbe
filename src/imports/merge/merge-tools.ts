import { AppError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { type ListedTool, listTools, matchTools } from "./match-tools.ts";
import type { MergeContext } from "./merge-context.ts";
import { mergeMembers, type MergedObjects } from "./merge-members.ts";
import type { ChangedTool, DiffedTool } from "./merge-result.ts";
import { sameValue } from "./same-value.ts";

export interface MergedTools {
  /** The merged list; undefined when the document has none and gets none. */
  readonly tools: readonly JsonValue[] | undefined;
  readonly added: readonly DiffedTool[];
  readonly removed: readonly DiffedTool[];
  readonly changed: readonly ChangedTool[];
  readonly leftOut: readonly DiffedTool[];
}

/** Merges the lists of tools and leaves the edits in the context. The order of the tools that are there stays. */
export function mergeTools(documents: MergedObjects, context: MergeContext, restoresRemoved: boolean): MergedTools {
  const merge = new ToolMerge(documents, context);
  merge.mergeKnown(restoresRemoved);
  merge.addNew();
  return merge.finish();
}

class ToolMerge {
  readonly #documents: MergedObjects;
  readonly #context: MergeContext;
  readonly #base: readonly ListedTool[];
  readonly #theirs: readonly ListedTool[];
  readonly #mine: readonly ListedTool[];
  /** What stands at each index of the document's list after the merge. */
  readonly #slots: (JsonValue | undefined)[];
  readonly #insertions: { readonly before: number; readonly tool: JsonObject }[] = [];
  /** Where the tools of the description stand in the document. */
  readonly #placeOf = new Map<ListedTool, number>();
  readonly #wanted = new Set<ListedTool>();
  readonly #added: DiffedTool[] = [];
  readonly #removed: DiffedTool[] = [];
  readonly #changed: ChangedTool[] = [];
  readonly #leftOut: DiffedTool[] = [];

  constructor(documents: MergedObjects, context: MergeContext) {
    this.#documents = documents;
    this.#context = context;
    this.#base = listTools(documents.base);
    this.#theirs = listTools(documents.theirs);
    this.#mine = listTools(documents.mine);
    const { tools } = documents.mine;
    if (tools !== undefined && tools !== null && !Array.isArray(tools)) {
      throw new AppError("unprocessable", "`tools` of the document is no list, so nothing was merged into it.");
    }
    // `Array.isArray` widens to any[].
    this.#slots = Array.isArray(tools) ? [...(tools as readonly JsonValue[])] : [];
  }

  /** What the description of then had. */
  mergeKnown(restoresRemoved: boolean): void {
    const inTheirs = matchTools(this.#base, this.#theirs);
    const inMine = matchTools(this.#base, this.#mine);
    for (const tool of this.#theirs) this.#wanted.add(tool);
    for (const old of this.#base) {
      const [their, my] = [inTheirs.get(old), inMine.get(old)];
      if (their !== undefined) this.#wanted.delete(their);
      if (my !== undefined && their !== undefined) this.#mergeTool(old, their, my);
      else if (my !== undefined) this.#dropTool(old, my);
      else if (their !== undefined && restoresRemoved) this.#wanted.add(their);
      else if (their !== undefined) this.#leftOut.push(told(their));
    }
    const known = new Set(inMine.values());
    for (const { name, index } of this.#mine.filter((tool) => !known.has(tool))) {
      this.#context.inTool(name, () => this.#context.keep("added", ["tools", index]));
    }
  }

  #mergeTool(old: ListedTool, their: ListedTool, my: ListedTool): void {
    this.#placeOf.set(their, my.index);
    const keys = this.#context.inTool(my.name, () => {
      if (my.name !== old.name) this.#context.keep("renamed", ["tools", my.index]);
      // A tool keeps its name: clients and people know it by that, whatever others it would now collide with.
      const sides = { base: old.tool, theirs: { ...their.tool, name: old.name }, mine: my.tool };
      this.#slots[my.index] = mergeMembers(["tools", my.index], sides, this.#context);
    });
    if (keys.length > 0) this.#changed.push({ ...told(my), keys });
  }

  /** The description has it no more. */
  #dropTool(old: ListedTool, my: ListedTool): void {
    const path = ["tools", my.index];
    const isTouched = !sameValue(old.tool, my.tool) || this.#context.holdsComments(path);
    this.#context.inTool(my.name, () => {
      const sides = { base: old.tool, theirs: undefined, mine: my.tool };
      if (isTouched && this.#context.conflict("removed-but-edited", path, sides) === "mine") return;
      this.#slots[my.index] = undefined;
      this.#removed.push(told(my));
    });
  }

  /** What the description of then had not, or what is to come back; at its place among the others. */
  addNew(): void {
    const names = new Map(
      this.#mine.filter(({ index }) => this.#slots[index] !== undefined).map((tool) => [tool.name, tool]),
    );
    for (const [position, tool] of this.#theirs.entries()) {
      if (!this.#wanted.has(tool)) continue;
      const holder = names.get(tool.name);
      if (holder !== undefined) this.#nameTaken(tool, holder);
      else {
        this.#insertions.push({ before: this.#placeFor(position), tool: tool.tool });
        this.#added.push(told(tool));
      }
    }
  }

  #nameTaken(their: ListedTool, { index, tool, name }: ListedTool): void {
    if (sameValue(their.tool, tool)) return;
    this.#context.inTool(name, () => {
      const path = ["tools", index];
      const sides = { base: undefined, theirs: their.tool, mine: tool };
      if (this.#context.conflict("name-taken", path, sides) === "mine") return;
      this.#slots[index] = undefined;
      this.#insertions.push({ before: index, tool: their.tool });
      this.#changed.push({ ...told(their), keys: [] });
    });
  }

  /** Behind the closest tool that comes before it in the description, else before the closest that comes behind. */
  #placeFor(position: number): number {
    const placeAt = (index: number): number | undefined => {
      const tool = this.#theirs[index];
      return tool === undefined ? undefined : this.#placeOf.get(tool);
    };
    for (let index = position - 1; index >= 0; index--) {
      const place = placeAt(index);
      if (place !== undefined) return place + 1;
    }
    for (let index = position + 1; index < this.#theirs.length; index++) {
      const place = placeAt(index);
      if (place !== undefined) return place;
    }
    return this.#slots.length;
  }

  finish(): MergedTools {
    const tools: JsonValue[] = [];
    for (let index = 0; index <= this.#slots.length; index++) {
      for (const { before, tool } of this.#insertions) if (before === index) tools.push(tool);
      const slot = this.#slots[index];
      if (slot !== undefined) tools.push(slot);
    }
    this.#writeList(tools);
    const isAbsent = tools.length === 0 && this.#documents.mine["tools"] === undefined;
    return {
      tools: isAbsent ? undefined : tools,
      added: this.#added,
      removed: this.#removed,
      changed: this.#changed,
      leftOut: this.#leftOut,
    };
  }

  #writeList(tools: readonly JsonValue[]): void {
    const { edits } = this.#context;
    const goes = (step: string | number | undefined): boolean =>
      typeof step === "number" && step < this.#slots.length && this.#slots[step] === undefined;
    // What was merged into a tool that gives way to another is of no interest.
    const left = edits.filter(({ path }) => path[0] !== "tools" || !goes(path[1]));
    edits.splice(0, edits.length, ...left);
    if (this.#slots.some((slot) => slot !== undefined)) {
      for (const { before, tool } of this.#insertions) {
        edits.push({ kind: "insert", path: ["tools"], index: before, value: tool });
      }
      for (const [index, slot] of this.#slots.entries()) {
        if (slot === undefined) edits.push({ kind: "remove", path: ["tools", index] });
      }
      return;
    }
    // Nothing is left that others could stand behind.
    if (this.#slots.length > 0 || (tools.length > 0 && this.#documents.mine["tools"] !== undefined)) {
      edits.push({ kind: "set", path: ["tools"], value: tools });
    } else if (tools.length > 0) {
      edits.push({ kind: "add", path: [], key: "tools", value: tools, after: undefined });
    }
  }
}

function told({ name, operation }: ListedTool): DiffedTool {
  return { tool: name, ...(operation === undefined ? {} : { operation }) };
}
