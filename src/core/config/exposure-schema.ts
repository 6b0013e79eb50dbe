import * as z from "zod";
import { json, mcpName, milliseconds } from "./template-schema.ts";
import { confirm, toolAnnotations } from "./tool-schema.ts";

const globs = z.array(z.string().min(1));

const override = z
  .strictObject({
    title: z.string().optional().describe("Instead of the upstream's title."),
    description: z.string().optional().describe("Instead of the upstream's description."),
    annotations: toolAnnotations.optional().describe("Laid over the upstream's annotations."),
    arguments: z
      .record(z.string(), json)
      .optional()
      .describe("Values of arguments that a call leaves out; shown as defaults in the schema."),
    confirm: confirm.optional(),
    timeoutMs: milliseconds.optional().describe("Instead of the upstream's timeoutMs."),
  })
  .meta({ id: "toolOverride", description: "What one tool of an MCP server is shown and called with." });

const selection = {
  include: globs.default(["*"]).describe("Globs of the upstream's names (URIs for resources) that are shown."),
  exclude: globs.default([]).describe("Globs that are left out of those."),
};

/** What a server shows of an MCP upstream, and under which names. */
export const exposure = z
  .strictObject({
    upstream: z.string().describe("Name of one of the document's upstreams of kind mcp."),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{0,64}$/, "must be at most 64 characters of A-Z, a-z, 0-9, `_`, `-` and `.`")
      .optional()
      .describe(
        "Put before the names of tools and prompts. Without it: nothing for the only MCP upstream of a document, else the upstream's name.",
      ),
    separator: z.enum(["_", "__", "-", "."]).default("_").describe("Between prefix and name."),
    tools: z
      .strictObject({
        ...selection,
        rename: z.record(z.string(), mcpName).default({}).describe("New names by upstream name; no prefix is added."),
        overrides: z.record(z.string(), override).default({}).describe("Changes by the tool's name at the upstream."),
      })
      .prefault({})
      .describe("Which tools are shown."),
    prompts: z
      .strictObject({
        ...selection,
        rename: z.record(z.string(), mcpName).default({}).describe("New names by upstream name; no prefix is added."),
      })
      .prefault({})
      .describe("Which prompts are shown."),
    resources: z
      .strictObject({
        ...selection,
        namespace: z
          .boolean()
          .default(false)
          .describe("Show URIs as NAME+URI, NAME being the upstream's, so that two upstreams may have the same ones."),
      })
      .prefault({})
      .describe("Which resources and resource templates are shown."),
    pin: z
      .union([z.boolean(), z.literal("block")])
      .default(false)
      .describe(
        "true: remember name, description and schema of each tool when it is first seen and report drift in /status. block: also refuse tools that drifted.",
      ),
  })
  .meta({ id: "exposure", description: "What a server shows of an MCP upstream, and under which names." });

/** What is shown of an upstream that no entry of `expose` names: everything. */
export function wholeExposure(upstream: string): ExposureConfig {
  return exposure.parse({ upstream });
}

export type ExposureConfig = z.output<typeof exposure>;
export type ToolOverrideConfig = z.output<typeof override>;
