import * as z from "zod";
import { templateText } from "./template-schema.ts";

/** How the gateway gets a token of its own for a REST API (RFC 6749, 4.4). */
export const clientCredentials = z.strictObject({
  tokenUrl: z
    .url({ protocol: /^https?$/ })
    .describe(
      "Token endpoint of the authorization server. https:, or http: where the API itself is plain or on this machine.",
    ),
  clientId: templateText.describe("Identifier of the client at the authorization server."),
  clientSecret: templateText.describe("Secret of the client: ${secrets.NAME}."),
  authMethod: z
    .enum(["basic", "post"])
    .default("basic")
    .describe("How the secret is sent to tokenUrl. basic: in the Authorization header. post: in the form."),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "one scope each, without spaces"))
    .default([])
    .describe("Scopes to ask for; without them the authorization server chooses."),
  audience: templateText
    .optional()
    .describe("The `audience` to ask for, where the authorization server wants to know the API by it."),
  resource: z
    .url()
    .optional()
    .describe("URI of the API, the `resource` to ask for (RFC 8707), where the authorization server wants it."),
  headers: z
    .record(z.string(), templateText)
    .default({})
    .describe("Further headers of the request for a token. May hold ${secrets.NAME}."),
});

export type ClientCredentialsConfig = z.output<typeof clientCredentials>;
