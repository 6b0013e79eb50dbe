import * as z from "zod";
import type { StoredVersion } from "./config-store.ts";
import type { GatewayReport } from "./gateway-registry.ts";
import type { KeyRecord, KeyRecords } from "./key-source.ts";
import type { SealedSecret, SealedSecrets } from "./secret-store.ts";

// What gateways read from the apiserver and keep on disk. Unknown keys are left out, so that a newer apiserver can say more.

const author = z.object({ id: z.string(), name: z.string() });
const time = z.number();

export const storedVersionSchema = z.object({
  tenant: z.string(),
  name: z.string(),
  version: z.int().min(1),
  revision: z.int().min(0),
  change: z.enum(["save", "restore", "delete"]),
  hash: z.string(),
  author,
  message: z.string(),
  savedAt: time,
  text: z.string().optional(),
});

/** One line of the document feed for each version; tags and summaries are not for gateways. */
export function feedVersion(version: StoredVersion): z.output<typeof storedVersionSchema> {
  const { tenant, name, revision, change, hash, author: by, message, savedAt, text } = version;
  const told = { tenant, name, version: version.version, revision, change, hash, author: by, message, savedAt };
  return text === undefined ? told : { ...told, text };
}

export function toStoredVersion(line: z.output<typeof storedVersionSchema>): StoredVersion {
  return { ...line, text: line.text, tags: [] };
}

/** The first line of the document feed. */
export const documentFeedHead = z.object({
  revision: z.int().min(0),
  isComplete: z.boolean(),
  /** Lines that follow: an answer that breaks off is found out by it. */
  count: z.int().min(0),
});

/** Any line of the document feed. */
export const documentFeedLine = z.union([documentFeedHead, storedVersionSchema]);

const sealedSecretSchema: z.ZodType<SealedSecret> = z.object({
  tenant: z.string(),
  name: z.string(),
  description: z.string(),
  version: z.int(),
  updatedBy: author,
  updatedAt: time,
  keyId: z.string(),
  ciphertext: z.string(),
});

export const sealedSecretsSchema: z.ZodType<SealedSecrets> = z.object({
  revision: z.int().min(0),
  secrets: z.array(sealedSecretSchema),
});

const idText = z.string().min(1).max(191);
const keyRecordSchema: z.ZodType<KeyRecord> = z.object({
  id: z.string(),
  sha256: z.string(),
  name: z.string(),
  tenant: z.string(),
  servers: z.array(z.string()).optional(),
  tools: z.array(z.string()).optional(),
  expiresAt: time.optional(),
});

export const keyRecordsSchema: z.ZodType<KeyRecords> = z.object({
  revision: z.int().min(0),
  keys: z.array(keyRecordSchema),
  // A copy on disk, or an apiserver, of before has none.
  disabledTenants: z.array(idText).default([]),
});

/** Times that are kept must be whole: databases keep them as integers. */
const reportedTime = z.int().min(0);

const locatedProblem = z.object({
  severity: z.enum(["error", "warning"]),
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
  mend: z.string().optional(),
  atKey: z.boolean().optional(),
  file: z.string(),
  line: z.number(),
  column: z.number(),
});

/** What a gateway says of itself, but for its id, which the address has. */
export const gatewayReportSchema = z.object({
  name: z.string().max(255),
  version: z.string().max(64),
  url: z.string().max(2_048),
  startedAt: reportedTime,
  revision: z.int().min(0),
  servedAt: reportedTime,
  servers: z.int().min(0),
  sessions: z.int().min(0),
  refused: z
    .array(
      z.object({
        tenant: z.string(),
        name: z.string(),
        state: z.enum(["kept", "refused"]),
        problems: z.array(locatedProblem).max(5),
      }),
    )
    .max(1_000),
});

/** The report with the id of the address. */
export function toReport(id: string, body: z.output<typeof gatewayReportSchema>): GatewayReport {
  return { id, ...body } as GatewayReport; // zod types absent members as undefined ones, which JSON does not have
}

export const gatewayIdSchema = z.object({ id: idText });

/** When keys were used last; milliseconds since 1970 by id of the key. */
export const keyUseSchema = z.object({ used: z.array(z.object({ id: idText, at: reportedTime })).max(10_000) });
