import * as z from "zod";

const tool = { tool: z.string(), operation: z.string().optional().describe("`GET /pets/{id}`.") };
const anyJson = z.unknown().optional();

/** What an import again does; the shape of `ImportDiff`. */
export const importDiff = z
  .strictObject({
    added: z.array(z.strictObject(tool)),
    removed: z.array(z.strictObject(tool)).describe("Their operations are gone, and nobody had edited them."),
    changed: z.array(z.strictObject({ ...tool, keys: z.array(z.string()).describe("`input.properties.limit`.") })),
    documentKeys: z.array(z.string()).describe("Changed keys outside of the tools."),
    conflicts: z.array(
      z.strictObject({
        kind: z.enum(["both-changed", "removed-but-edited", "changed-but-removed", "name-taken", "has-comments"]),
        tool: z.string().optional(),
        path: z.string().describe("In the tool, or in the document; empty for the whole tool."),
        base: anyJson.describe("What was imported then."),
        mine: anyJson.describe("What stands in the document."),
        theirs: anyJson.describe("What the description says now."),
        taken: z.enum(["mine", "theirs"]),
        message: z.string(),
      }),
    ),
    kept: z
      .array(
        z.strictObject({
          kind: z.enum(["edited", "added", "removed", "renamed"]),
          tool: z.string().optional(),
          path: z.string(),
        }),
      )
      .describe("What was done by hand and stays."),
    leftOut: z.array(z.strictObject(tool)).describe("Taken out by hand; they stay out."),
  })
  .meta({ id: "ImportDiff", description: "What an import again changes in a document, and what it leaves." });
