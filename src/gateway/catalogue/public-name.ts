import { createHash } from "node:crypto";

/** Longest name of a tool that every client takes. */
const maxLength = 128;
const digestLength = 8;

/**
 * The name that clients call a tool by: as renamed, else the prefix and the upstream's name. What names
 * must not hold becomes `_`, and what is too long ends in a digest; the same name becomes the same every
 * time. Undefined when nothing of the upstream's name would be left.
 */
export function publicToolName(
  upstreamName: string,
  { prefix, rename }: { readonly prefix: string; readonly rename: ReadonlyMap<string, string> },
): string | undefined {
  const renamed = rename.get(upstreamName);
  if (renamed !== undefined) return renamed;
  const cleaned = upstreamName.replace(/[^A-Za-z0-9_.-]+/g, "_");
  if (!/[A-Za-z0-9]/.test(cleaned)) return undefined;
  const name = prefix + cleaned;
  if (name.length <= maxLength) return name;
  const digest = createHash("sha256").update(upstreamName).digest("hex").slice(0, digestLength);
  return `${name.slice(0, maxLength - digestLength - 1)}_${digest}`;
}
