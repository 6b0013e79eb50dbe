import { createHash } from "node:crypto";
import { canonicalJson } from "../canonical-json.ts";
import type { ServerDocument } from "./document.ts";

/** The kinds of parts that a document has besides its own keys, in the order they are told. */
export const partKinds = [
  "routes",
  "upstreams",
  "tools",
  "expose",
  "prompts",
  "resources",
  "resourceTemplates",
] as const;
export type PartKind = (typeof partKinds)[number];

/** Hash per key; a key with its default value counts as written. */
export type KeyHashes = Readonly<Record<string, string>>;

/** What a served document consists of, without any of its values: enough to see what a change touches. */
export interface DocumentDescription {
  readonly tenant: string;
  readonly name: string;
  /** Of the whole document; equal hashes mean equal documents. */
  readonly hash: string;
  /** The document's own keys, such as `title` and `pageSize`. */
  readonly keys: KeyHashes;
  /** Each part by its name (prefix, URI, …), with the hashes of its keys. */
  readonly parts: { readonly [K in PartKind]: Readonly<Record<string, KeyHashes>> };
}

/** Describes a document by stable hashes: the order of keys and the defaults written out do not matter. */
export function describeDocument(document: ServerDocument): DocumentDescription {
  const { routes, upstreams, tools, expose, prompts, resources, resourceTemplates, ...own } = document;
  const { tenant, name } = document;
  return {
    tenant,
    name,
    hash: hashOf(document),
    keys: keyHashes(own),
    parts: {
      routes: byName(routes, ({ prefix }) => prefix),
      upstreams: byName(
        Object.entries(upstreams),
        ([key]) => key,
        ([, upstream]) => upstream,
      ),
      tools: byName(tools, ({ name }) => name),
      expose: byName(expose, ({ upstream }) => upstream),
      prompts: byName(prompts, ({ name }) => name),
      resources: byName(resources, ({ uri }) => uri),
      resourceTemplates: byName(resourceTemplates, ({ uriTemplate }) => uriTemplate),
    },
  };
}

function byName<T extends object>(
  parts: readonly T[],
  nameOf: (part: T) => string,
  contentOf: (part: T) => object = (part) => part,
): Readonly<Record<string, KeyHashes>> {
  // Names come from configuration; `fromEntries` defines `__proto__` as a name like others.
  return Object.fromEntries(parts.map((part) => [nameOf(part), keyHashes(contentOf(part))]));
}

function keyHashes(part: object): KeyHashes {
  return Object.fromEntries(
    Object.entries(part)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, hashOf(value)]),
  );
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, 16);
}
