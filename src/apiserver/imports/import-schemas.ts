import * as z from "zod";
import { prefixPattern } from "../../core/document-rules.ts";
import { identifier } from "../servers/server-schemas.ts";

/** Longest description that a request may hold, in characters. */
const maxDescriptionLength = 24_000_000;
/** A body with a description of that length. */
export const maxDescriptionBodyBytes = 41_943_040;

const oneOf = "give either text or url";

const url = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\/[^\s/?#@]+(?:[/?#]\S*)?$/i, "must be an http: or https: address without a user name")
  .refine((text) => URL.canParse(text), "must be an address");
const list = z.array(z.string().min(1).max(500)).max(1_000);
const criteria = z.strictObject({
  tags: list.optional(),
  paths: list.optional().describe("Globs: `/pets*`."),
  methods: list.optional(),
  operations: list.optional().describe("Globs over operationId or `METHOD /path`."),
});

/** Prefix of the route of a server that an import makes. */
export const newPrefix = z
  .string()
  .max(200)
  .regex(prefixPattern, "must be a prefix such as /crm")
  .optional()
  .describe("Prefix of its route; without it `/NAME`.");

const choices = z
  .strictObject({
    name: identifier.optional().describe("Name of the server; without it made from the title."),
    prefix: newPrefix,
    baseUrl: url.optional().describe("Where the API is; without it what the description proposes."),
    operations: z
      .strictObject({
        all: z.boolean().optional().describe("Also operations that may change something."),
        excludeDeprecated: z.boolean().optional(),
        include: criteria.optional().describe("Only operations that fit each of these."),
        exclude: criteria.optional().describe("No operations that fit any of these."),
      })
      .optional(),
    descriptionLength: z
      .int()
      .min(20)
      .max(99_999)
      .optional()
      .describe("Longest description of a tool; 600 without it."),
    parameterDescriptionLength: z.int().min(20).max(99_999).optional().describe("Of a parameter; 200 without it."),
  })
  .meta({ id: "ImportChoices", description: "What is imported, and how it is called." });

const headers = z
  .record(
    z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, "must be the name of a header"),
    z
      .string()
      .max(8_000)
      .regex(/^[\t\x20-\x7e]*$/, "must be one line of ASCII"),
  )
  .optional()
  .describe("Sent to the origin of `url` when the description is fetched; not kept.");

const description = {
  text: z.string().min(1).max(maxDescriptionLength).optional().describe("The description, JSON or YAML."),
  url: url.optional().describe("Or where it is; it is fetched through the egress guard."),
  headers,
  overlays: z
    .array(
      z
        .strictObject({ text: z.string().min(1).max(maxDescriptionLength).optional(), url: url.optional() })
        .refine(isOne, oneOf),
    )
    .max(20)
    .optional()
    .describe("OpenAPI overlays, applied in this order; each a `text` or a `url`."),
  choices: choices.optional(),
};

/** A description that has to be given. */
export const descriptionBody = z.strictObject(description).refine(isOne, oneOf);
export const commitBody = z
  .strictObject({ ...description, message: z.string().max(2_000).default("").describe("Why, for the history.") })
  .refine(isOne, oneOf);
export const reimportBody = z
  .strictObject({
    ...description,
    preview: z.boolean().default(true).describe("Tell what would change, and save nothing."),
    prefer: z
      .enum(["mine", "theirs"])
      .default("mine")
      .describe("Where the document and the description were both changed: which side is taken."),
    restoreRemoved: z.boolean().default(false).describe("Bring back tools that were taken out by hand."),
    message: z.string().max(2_000).default("").describe("Why, for the history."),
  })
  .refine(({ text, url: address }) => text === undefined || address === undefined, oneOf);

export type DescriptionBody = z.output<typeof descriptionBody>;

const note = z.strictObject({
  code: z.string().describe("For programs: `style-not-supported`."),
  message: z.string().describe("What, why, and how to mend it."),
  pointer: z.string().optional().describe("JSON pointer into the description, or the line of a text."),
});
const entry = z
  .strictObject({
    outcome: z.enum(["taken", "changed", "refused", "left-out"]),
    source: z.string().describe("`GET /pets/{id}`, `mcpServers.github`."),
    tool: z.string().optional(),
    tokens: z.int().optional().describe("What its definition costs a model."),
    notes: z.array(note),
  })
  .meta({ id: "ImportEntry", description: "What became of one operation or server." });
export const importReport = z
  .strictObject({ entries: z.array(entry), notes: z.array(note).describe("About the whole.") })
  .meta({ id: "ImportReport", description: "What became of everything that was imported." });
export const wantedSecrets = z
  .array(z.strictObject({ name: z.string(), usedFor: z.string() }))
  .describe("Secrets that the document names.");
export const importStatistics = z
  .strictObject({
    operations: z.int(),
    tools: z.int(),
    refused: z.int(),
    leftOut: z.int(),
    tokens: z.int().describe("Of all definitions together."),
  })
  .meta({ id: "ImportStatistics", description: "How much was imported." });

function isOne({ text, url: address }: { text?: string | undefined; url?: string | undefined }): boolean {
  return (text === undefined) !== (address === undefined);
}
