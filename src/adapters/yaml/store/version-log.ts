import * as z from "zod";
import type { DocumentRef, DocumentVersion } from "../../../core/config-store.ts";
import { AppError } from "../../../core/errors.ts";

const summary = z.object({
  title: z.string().optional(),
  description: z.string().optional(),
  prefixes: z.array(z.string()),
  tools: z.int(),
  upstreams: z.array(z.string()),
});

const versionLine = z.object({
  kind: z.literal("version"),
  version: z.int().min(1),
  revision: z.int().min(0),
  change: z.enum(["save", "restore", "delete"]),
  hash: z.string().regex(/^(?:[0-9a-f]{64})?$/),
  author: z.object({ id: z.string(), name: z.string() }),
  message: z.string(),
  savedAt: z.number(),
  summary: summary.optional(),
});

const line = z.discriminatedUnion("kind", [
  versionLine,
  z.object({ kind: z.literal("tag"), tag: z.string(), version: z.int().min(1) }),
  z.object({ kind: z.literal("untag"), tag: z.string() }),
]);

export type LogLine = z.output<typeof line>;

/** What a document's `versions.ndjson` says. */
export interface VersionLog {
  /** By number, oldest first. */
  readonly versions: readonly DocumentVersion[];
  /** Bytes of the lines that are whole; a line that was being written when the power went is not. */
  readonly length: number;
}

/** A document without history. */
export const emptyLog: VersionLog = { versions: [], length: 0 };

/** @throws AppError `unprocessable` when somebody has damaged it: it is never written over */
export function parseLog(ref: DocumentRef, text: string): VersionLog {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const versions = new Map<number, DocumentVersion>();
  const tags = new Map<string, number>();
  for (const [index, source] of whole.split("\n").slice(0, -1).entries()) {
    const parsed = parseLine(source);
    if (parsed === undefined) throw damaged(ref, index + 1);
    switch (parsed.kind) {
      case "version": {
        const { kind: _kind, ...version } = parsed;
        if (versions.has(version.version)) throw damaged(ref, index + 1);
        versions.set(version.version, { ...ref, ...version, summary: summaryOf(parsed), tags: [] });
        break;
      }
      case "tag":
        // Deleted first: a name that moves comes last in the order of its new version.
        tags.delete(parsed.tag);
        tags.set(parsed.tag, parsed.version);
        break;
      case "untag":
        tags.delete(parsed.tag);
        break;
    }
  }
  return { versions: withTags(versions, tags), length: Buffer.byteLength(whole) };
}

export function logLine(content: LogLine): string {
  return `${JSON.stringify(content)}\n`;
}

export function versionLogLine({ tenant: _tenant, name: _name, tags: _tags, ...version }: DocumentVersion): string {
  const { summary, ...rest } = version;
  return `${JSON.stringify({ kind: "version", ...rest, ...(summary === undefined ? {} : { summary }) })}\n`;
}

/** The whole log of these versions. */
export function logText(versions: readonly DocumentVersion[]): string {
  const tagLines = versions.flatMap(({ version, tags }) => tags.map((tag) => logLine({ kind: "tag", tag, version })));
  return [...versions.map(versionLogLine), ...tagLines].join("");
}

function parseLine(source: string): LogLine | undefined {
  try {
    return line.parse(JSON.parse(source));
  } catch {
    // A line that is no JSON and one that lacks something are mended in the same way: by hand.
    return undefined;
  }
}

function summaryOf({ summary: found }: z.output<typeof versionLine>): DocumentVersion["summary"] {
  return found === undefined ? undefined : { ...found, title: found.title, description: found.description };
}

function withTags(
  versions: ReadonlyMap<number, DocumentVersion>,
  tags: ReadonlyMap<string, number>,
): DocumentVersion[] {
  const ofVersion = new Map<number, string[]>();
  for (const [tag, version] of tags) {
    const known = ofVersion.get(version);
    if (known === undefined) ofVersion.set(version, [tag]);
    else known.push(tag);
  }
  return [...versions.values()]
    .sort((a, b) => a.version - b.version)
    .map((version) => ({ ...version, tags: ofVersion.get(version.version) ?? [] }));
}

function damaged({ tenant, name }: DocumentRef, lineNumber: number): AppError {
  return new AppError(
    "unprocessable",
    `The history of ${tenant}/${name} is damaged at line ${lineNumber} of its versions.ndjson. Mend or remove that line.`,
  );
}
