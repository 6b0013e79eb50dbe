import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { CorpusDescription } from "./descriptions.ts";

/** JSON as it was parsed, of which nothing is known. */
export type Tree = Readonly<Record<string, unknown>>;

export interface ReadDescription {
  readonly text: string;
  /** Parsed by a library that the program does not use. */
  readonly root: Tree;
  /** What `swagger` or `openapi` says. */
  readonly version: string;
}

/** The text of a description in its package, and what it says. */
export async function readCorpusDescription(description: CorpusDescription): Promise<ReadDescription> {
  const text = await readFile(
    new URL(`../../node_modules/${description.package}/${description.file}`, import.meta.url),
    "utf8",
  );
  const root: unknown = description.file.endsWith(".json") ? JSON.parse(text) : parse(text, { maxAliasCount: -1 });
  if (!isTree(root)) throw new Error(`${description.file} is no description`);
  return { text, root, version: String(root["swagger"] ?? root["openapi"]) };
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member of a tree that is one, or an empty tree. */
export function treeIn(tree: Tree, key: string): Tree {
  const member = tree[key];
  return isTree(member) ? member : {};
}
