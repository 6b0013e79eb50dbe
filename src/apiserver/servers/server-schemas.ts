import * as z from "zod";
import type { DocumentVersion, StoredVersion } from "../../core/config-store.ts";
import type { LocatedProblem } from "../../core/problem.ts";
import { problemSchema } from "../problem.ts";

/** Longest text of a document, in characters. */
const maxTextLength = 2_000_000;
/** A body with a text of that length, whatever JSON makes of its characters. */
export const maxTextBodyBytes = 8_388_608;

/** Of tenants and servers. */
export const identifier = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$/,
    "must be 1 to 64 characters of a-z, 0-9, `-`, `_` and `.`, beginning and ending with a letter or digit",
  );

export const tenantParams = z.object({ tenant: identifier.describe("Id of the tenant.") });
export const serverParams = tenantParams.extend({ name: identifier.describe("Name of the server.") });
export const versionNumber = z.coerce.number().int().min(1).max(2_147_483_647);
export const versionParams = serverParams.extend({ version: versionNumber.describe("Number of the version.") });
export const tagParams = serverParams.extend({
  tag: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 letters, digits, `.`, `_` and `-`")
    .describe("Name of the tag."),
});

export const documentText = z
  .string()
  .min(1)
  .max(maxTextLength)
  .describe("YAML of one document, with comments; `tenant` and `name` are those of the address.");
export const changeMessage = z.string().max(2_000).default("").describe("Why, for the history.");

const author = z
  .strictObject({ id: z.string(), name: z.string() })
  .meta({ id: "Author", description: "Who made a change." });

const summary = z
  .strictObject({
    title: z.string().optional(),
    description: z.string().optional(),
    prefixes: z.array(z.string()).describe("Prefixes of its routes."),
    tools: z.int().describe("How many tools the document defines."),
    upstreams: z.array(z.string()).describe("Kinds of its upstreams, each once."),
  })
  .meta({ id: "ServerSummary", description: "What lists show of a server." });

const versionShape = {
  tenant: z.string(),
  name: z.string(),
  version: z.int().describe("1, 2, 3 … of this server, without gaps; also the ETag."),
  revision: z.int().describe("Position among all changes of the store."),
  change: z.enum(["save", "restore", "delete"]),
  hash: z.string().describe("SHA-256 of the text in hex; empty for a deletion."),
  author,
  message: z.string(),
  savedAt: z.number().describe("Milliseconds since 1970."),
  tags: z.array(z.string()),
  summary: summary.optional(),
};

export const serverVersion = z
  .strictObject(versionShape)
  .meta({ id: "ServerVersion", description: "One version of a server, without its text." });

export const serverVersionWithText = z
  .strictObject({ ...versionShape, text: z.string().optional().describe("Absent for a deletion.") })
  .meta({ id: "ServerVersionWithText", description: "One version of a server with the text as it was written." });

export const documentProblem = z
  .strictObject({
    severity: z.enum(["error", "warning"]),
    path: z.array(z.union([z.string(), z.number()])).describe("Keys and indexes from the root of the document."),
    message: z.string(),
    mend: z.string().optional().describe("How to mend it."),
    line: z.int().describe("From 1."),
    column: z.int().describe("From 1."),
  })
  .meta({ id: "DocumentProblem", description: "Something wrong with a document." });

export const textDiff = z
  .strictObject({
    unified: z.string().describe("Unified diff; empty when the texts are equal."),
    added: z.int().describe("Lines."),
    removed: z.int().describe("Lines."),
    hunks: z.array(
      z.strictObject({
        oldStart: z.int(),
        oldLines: z.int(),
        newStart: z.int(),
        newLines: z.int(),
        lines: z.array(z.string()).describe("Each begins with a space, `-`, `+` or `\\`."),
      }),
    ),
  })
  .meta({ id: "TextDiff", description: "What differs between two texts, by lines." });

export const conflictProblem = problemSchema
  .extend({
    current: serverVersion.optional().describe("The newest version."),
    diff: textDiff.optional().describe("What changed between the version that the request is based on and the newest."),
  })
  .meta({ id: "ConflictProblem", description: "Somebody else was faster, or the name is taken." });

export const documentRefusal = problemSchema
  .extend({ problems: z.array(documentProblem).optional() })
  .meta({ id: "DocumentRefusal", description: "A document that cannot be served, with everything wrong with it." });

/** A version as answers have it. */
export function describeVersion(version: DocumentVersion): z.output<typeof serverVersion> {
  const { tenant, name, revision, change, hash, author, message, savedAt, tags, summary } = version;
  return {
    tenant,
    name,
    version: version.version,
    revision,
    change,
    hash,
    author: { id: author.id, name: author.name },
    message,
    savedAt,
    tags: [...tags],
    ...(summary === undefined
      ? {}
      : { summary: { ...summary, prefixes: [...summary.prefixes], upstreams: [...summary.upstreams] } }),
  };
}

export function describeStored(version: StoredVersion): z.output<typeof serverVersionWithText> {
  return { ...describeVersion(version), ...(version.text === undefined ? {} : { text: version.text }) };
}

export function describeProblems(problems: readonly LocatedProblem[]): z.output<typeof documentProblem>[] {
  return problems.map(({ severity, path, message, mend, line, column }) => ({
    severity,
    path: [...path],
    message,
    line,
    column,
    ...(mend === undefined ? {} : { mend }),
  }));
}
