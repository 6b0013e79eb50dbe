import { reservedPrefixes } from "../../core/document-rules.ts";

/** A name for a document, an upstream or a route: what is not allowed in it becomes `-`; `fallback` when nothing is left. */
export function toIdentifier(text: string, fallback: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 64)
    .replace(/[^a-z0-9]+$/, "");
  return name === "" ? fallback : name;
}

/** A name for a tool or an argument, as every client takes it. */
export function toToolName(text: string, fallback: string): string {
  const name = text
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .replace(/^_+/, "")
    .slice(0, 64)
    .replace(/_+$/, "");
  return name === "" ? fallback : name;
}

/** The name, or the first of `name-2`, `name-3`, … that is not taken. It is taken from then on. */
export function takeName(name: string, taken: Set<string>, separator: "-" | "_"): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) {
    const suffix = `${separator}${number}`;
    free = name.slice(0, 64 - suffix.length) + suffix;
  }
  taken.add(free);
  return free;
}

/** The prefix of a document's route: `/NAME`, or another where that one belongs to the gateway. */
export function defaultPrefix(name: string): string {
  return reservedPrefixes.includes(`/${name}`) ? `/${name}-mcp` : `/${name}`;
}
