import * as z from "zod";
import { previewRevisions } from "../../core/server-preview.ts";

const size = {
  bytes: z.int().describe("Bytes of UTF-8."),
  tokens: z.int().describe("Tokens of o200k_base; other models count a little differently."),
};

const result = z
  .strictObject({ text: z.string().describe("JSON text of the result, byte for byte."), ...size })
  .meta({ id: "PreviewedResult", description: "One result as clients get it." });

const list = z
  .strictObject({
    pages: z.array(result),
    entries: z.array(z.strictObject({ name: z.string(), ...size })),
    ...size,
  })
  .meta({ id: "PreviewedList", description: "A list as clients get it, page by page, and the size of each entry." });

const located = z.object({
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  mend: z.string().optional(),
  line: z.int(),
  column: z.int(),
});

export const serverPreview = z
  .object({
    revision: z.enum(previewRevisions),
    introduction: result.describe("Of initialize; of server/discover in 2026-07-28."),
    tools: list,
    prompts: list,
    resources: list,
    resourceTemplates: list,
    total: z.strictObject(size),
    notAsked: z
      .array(z.strictObject({ upstream: z.string(), reason: z.string() }))
      .describe("MCP upstreams whose offers are not known here."),
    problems: z.array(located),
  })
  .meta({ id: "ServerPreview", description: "What clients see of a server." });

const header = z.array(z.string()).describe("Name and value.");

const body = z
  .strictObject({
    text: z.string(),
    encoding: z.enum(["utf8", "base64", "packed"]).describe("packed: it came compressed and is not shown."),
    bytes: z.int().describe("Of the whole body."),
    isCut: z.boolean(),
  })
  .meta({ id: "SeenBody", description: "A body as it was on the wire, up to 64 kB of it." });

const times = {
  sentAt: z.number().describe("Milliseconds since the run began."),
  answeredAt: z.number(),
  endedAt: z.number(),
};

const httpExchange = z.strictObject({
  kind: z.literal("http"),
  upstream: z.string(),
  method: z.string(),
  url: z.string(),
  headers: z.array(header),
  body: body.optional(),
  curl: z.string().describe("The same as a command line for a shell."),
  answer: z.strictObject({ status: z.int(), headers: z.array(header), body }).optional(),
  failure: z.string().optional(),
  ...times,
});

const mcpExchange = z.strictObject({
  kind: z.literal("mcp"),
  upstream: z.string(),
  request: body,
  answer: body.optional(),
  failure: z.string().optional(),
  ...times,
});

export const toolRun = z
  .strictObject({
    outcome: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("result"), result: z.record(z.string(), z.unknown()) }),
      z.strictObject({ kind: z.literal("error"), code: z.int(), message: z.string() }),
      z.strictObject({ kind: z.literal("large"), bytes: z.int() }),
    ]),
    version: z.int(),
    messages: z.array(z.string()).describe("JSON texts of progress and log messages; the first hundred."),
    exchanges: z
      .array(z.discriminatedUnion("kind", [httpExchange, mcpExchange]))
      .describe("What went out and came back, in order; the first 32."),
    totalMs: z.number(),
    upstreamMs: z.number().describe("The time that some upstream was waited for."),
  })
  .meta({ id: "ToolRun", description: "What came of running a tool." });

const probeOutcome = z.enum(["ok", "warning", "failed", "skipped"]);

const probeStep = z
  .strictObject({
    name: z.enum(["configuration", "dns", "tcp", "tls", "http", "protocol", "auth", "command", "start", "end"]),
    target: z.string().optional(),
    outcome: probeOutcome,
    ms: z.number(),
    message: z.string(),
    details: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  })
  .meta({ id: "ProbeStep", description: "One step of a probe." });

const probeEnd = z
  .strictObject({
    done: z.literal(true),
    outcome: probeOutcome,
    message: z.string().optional().describe("Why the probe itself broke off."),
  })
  .meta({ id: "ProbeEnd", description: "The last line of a probe." });

/** Any line of a probe. */
export const probeLine = z.union([probeStep, probeEnd]);
