import * as z from "zod";
import type { StoredVersion } from "../../core/config-store.ts";
import { problemLine } from "./problem-line.ts";

/** The number of this format; it grows when older programs could not read it. */
export const archiveVersion = 1;

const summary = z.object({
  title: z.string().optional(),
  description: z.string().optional(),
  prefixes: z.array(z.string()),
  tools: z.int(),
  upstreams: z.array(z.string()),
});

const header = z.object({
  kind: z.literal("passerelle-archive"),
  version: z.int(),
  program: z.string(),
  exportedAt: z.int(),
  /** Last step of the schema that the rows are of; null when there is no database. */
  schema: z.string().nullable(),
});

/** One version of a document; those of a document follow each other, oldest first. */
const version = z.object({
  kind: z.literal("version"),
  tenant: z.string(),
  name: z.string(),
  version: z.int(),
  change: z.enum(["save", "restore", "delete"]),
  hash: z.string(),
  author: z.object({ id: z.string(), name: z.string() }),
  message: z.string(),
  savedAt: z.number(),
  tags: z.array(z.string()),
  summary: summary.optional(),
  text: z.string().optional(),
});

const row = z.object({
  kind: z.literal("row"),
  table: z.string(),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});

/** The last line: an archive without it was cut off. */
const end = z.object({ kind: z.literal("end"), documents: z.int(), rows: z.int() });

const line = z.discriminatedUnion("kind", [header, version, row, end]);

export type ArchiveLine = z.output<typeof line>;
export type ArchiveHeader = z.output<typeof header>;
export type VersionLine = z.output<typeof version>;

/** @throws AppError `unprocessable` that says the line and what is wrong with it */
export function parseArchiveLine(text: string, number: number): ArchiveLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw problemLine(number, "it is not JSON", cause);
  }
  const parsed = line.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join(".") ?? "";
  throw problemLine(number, `${path === "" ? "" : `${path}: `}${issue?.message ?? "it is not understood"}`);
}

export function writeArchiveLine(content: ArchiveLine): string {
  return `${JSON.stringify(content)}\n`;
}

export function toVersionLine({ revision: _revision, summary: told, text, ...rest }: StoredVersion): VersionLine {
  return {
    kind: "version",
    ...rest,
    tags: [...rest.tags],
    ...(told === undefined
      ? {}
      : { summary: { ...told, prefixes: [...told.prefixes], upstreams: [...told.upstreams] } }),
    ...(text === undefined ? {} : { text }),
  };
}

export function fromVersionLine({ kind: _kind, summary: told, text, ...rest }: VersionLine): StoredVersion {
  return {
    ...rest,
    revision: 0,
    summary: told === undefined ? undefined : { ...told, title: told.title, description: told.description },
    text,
  };
}
