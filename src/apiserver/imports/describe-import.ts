import type * as z from "zod";
import type { ImportDiff, MergeConflict } from "../../imports/merge/merge-result.ts";
import type { OpenApiImport } from "../../imports/openapi/openapi-import.ts";
import type { ImportReport } from "../../imports/report/import-report.ts";
import { judgeDraft } from "../servers/judge-draft.ts";
import { describeProblems } from "../servers/server-schemas.ts";
import type { importDiff } from "./diff-schemas.ts";
import type { ImportParts } from "./import-parts.ts";
import type { importReport } from "./import-schemas.ts";

/** Longest text of a document that can be saved, in characters. */
const maxTextLength = 2_000_000;

/** A document that was made, and what saving it would meet. */
export async function describeDraft(parts: ImportParts, tenant: string, text: string, name: string) {
  if (text.length > maxTextLength) {
    const message = `the document has ${text.length} characters, and ${maxTextLength} can be saved`;
    const mend = "choose fewer operations, or make several servers";
    const problem = { severity: "error" as const, path: [], message, mend, line: 1, column: 1 };
    return { name, text: "", isValid: false, problems: [problem], permissions: [] };
  }
  const known = await parts.judge.judge(text, name);
  const newest = await parts.documents.get({ tenant, name });
  const { document, problems, guarded } = await judgeDraft(parts, { tenant, name: undefined, text, known, newest });
  return {
    name,
    text,
    isValid: document !== undefined && problems.every(({ severity }) => severity !== "error"),
    problems: describeProblems(problems),
    permissions: guarded.map(({ permission, deed }) => ({ permission, deed })),
  };
}

export function describeReport({ entries, notes }: ImportReport): z.output<typeof importReport> {
  return {
    entries: entries.map(({ notes: entryNotes, ...entry }) => ({
      ...entry,
      notes: entryNotes.map((note) => ({ ...note })),
    })),
    notes: notes.map((note) => ({ ...note })),
  };
}

/** What answers of compiled descriptions have in common. */
export function describeMade({ report, secrets, statistics }: OpenApiImport) {
  return {
    report: describeReport(report),
    secrets: secrets.map(({ name, usedFor }) => ({ name, usedFor })),
    statistics,
  };
}

export function describeDiff(diff: ImportDiff): z.output<typeof importDiff> {
  return {
    added: [...diff.added],
    removed: [...diff.removed],
    changed: diff.changed.map(({ keys, ...tool }) => ({ ...tool, keys: [...keys] })),
    documentKeys: [...diff.documentKeys],
    conflicts: diff.conflicts.map(describeConflict),
    kept: [...diff.kept],
    leftOut: [...diff.leftOut],
  };
}

function describeConflict({ base, mine, theirs, ...conflict }: MergeConflict) {
  return {
    ...conflict,
    ...(base === undefined ? {} : { base: roundedJson(base) }),
    ...(mine === undefined ? {} : { mine: roundedJson(mine) }),
    ...(theirs === undefined ? {} : { theirs: roundedJson(theirs) }),
  };
}

/** JSON of answers has no integers beyond 2^53: they are told as texts. */
function roundedJson(value: unknown): z.core.util.JSONType {
  // What was JSON is JSON again.
  return JSON.parse(
    JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? member.toString() : member)),
  ) as z.core.util.JSONType;
}
