import * as z from "zod";
import { templateText } from "./template-schema.ts";

/** What every upstream over the network has. */
export const tls = z.strictObject({
  ca: z
    .string()
    .optional()
    .describe("PEM text or path of a file with the authorities to trust instead of the system's."),
  cert: z.string().optional().describe("PEM text or path of the client certificate."),
  key: templateText.optional().describe("PEM text, path, or ${secrets.NAME} of the client key."),
  serverName: z.string().optional().describe("Name to expect in the certificate instead of the host of the URL."),
});

export const egress = z.strictObject({
  allow: z
    .array(z.string())
    .default([])
    .describe("Private, loopback or link-local addresses that may be reached: CIDR ranges or single addresses."),
});
