import * as z from "zod";
import { egress, tls } from "./network-schema.ts";
import { bytes, milliseconds, templateText } from "./template-schema.ts";

const restart = z.strictObject({
  backoffMs: milliseconds
    .default(1_000)
    .describe("Wait before a failed connection is opened again; doubles each time, with jitter."),
  maxBackoffMs: milliseconds.default(30_000).describe("Longest wait between two attempts."),
});

const oauth = z.strictObject({
  grant: z
    .enum(["client-credentials", "refresh-token"])
    .describe("client-credentials: the gateway's own identity. refresh-token: tokens that somebody has acquired."),
  clientId: templateText.describe("Identifier of the client at the authorization server."),
  clientSecret: templateText.optional().describe("Secret of the client: ${secrets.NAME}."),
  privateKey: templateText
    .optional()
    .describe("PEM of the key that signs client assertions (private_key_jwt) instead of a secret: ${secrets.NAME}."),
  algorithm: z
    .enum(["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
    .default("ES256")
    .describe("Signature algorithm of privateKey."),
  issuer: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "Issuer URL of the authorization server; the credentials go nowhere else. Without it: to the one that the upstream names first.",
    ),
  scope: z.string().optional().describe("Scopes to ask for; without it the ones that the upstream names."),
  accessToken: templateText.optional().describe("For refresh-token: an access token to begin with."),
  refreshToken: templateText
    .optional()
    .describe(
      "For refresh-token: ${secrets.NAME} of the refresh token. One that the authorization server gives instead of it is kept in memory, so a restart begins with this one again.",
    ),
});

/** An MCP server that is served through. */
export const mcpUpstream = z
  .strictObject({
    kind: z.literal("mcp").describe("An MCP server."),
    transport: z
      .enum(["auto", "stdio", "sse", "streamable-http"])
      .default("auto")
      .describe("How it is reached. auto: stdio with a command, else found out at the URL and remembered."),
    era: z
      .enum(["auto", "legacy", "modern"])
      .default("auto")
      .describe("legacy: with a handshake, up to 2025-11-25. modern: 2026-07-28. auto: found out and remembered."),
    protocolVersion: z
      .enum(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
      .default("2025-11-25")
      .describe("What the handshake of the legacy era offers; the server may choose an older one."),
    command: z.string().min(1).optional().describe("Program of a stdio server; no shell is involved."),
    args: z.array(templateText).default([]).describe("Arguments of the program, one by one."),
    env: z
      .record(z.string(), templateText)
      .default({})
      .describe("Variables of the child besides PATH, HOME, USER, LOGNAME, SHELL, TERM, LANG and TMPDIR."),
    cwd: z.string().optional().describe("Folder that the program starts in, relative to the document."),
    url: templateText.optional().describe("http: or https: URL of the server's endpoint."),
    replicas: z
      .array(templateText)
      .default([])
      .describe("Further URLs of the same server; load is spread over all that answer."),
    headers: z
      .record(z.string(), templateText)
      .default({})
      .describe(
        "Sent with every HTTP request. May hold ${secrets.NAME} and, with sharing per-principal, ${principal…}.",
      ),
    oauth: oauth.optional().describe("How the gateway gets a token for the server."),
    sharing: z
      .enum(["shared", "per-principal", "per-session"])
      .default("per-principal")
      .describe(
        "Who shares one connection. shared: everybody, for a server that keeps nothing about its callers. per-principal: the calls of one principal; anonymous callers count by session. per-session: one session.",
      ),
    timeoutMs: milliseconds
      .default(60_000)
      .describe("Longest time for a call, without the time that users take to answer."),
    startTimeoutMs: milliseconds.default(30_000).describe("Longest time for starting or connecting, and listing."),
    inputTimeoutMs: milliseconds
      .default(600_000)
      .describe("How long a question of the server (elicitation, sampling, roots) waits for the client."),
    maxMessageBytes: bytes.default(16_777_216).describe("Largest message that is taken from the server."),
    maxConcurrency: z
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .describe("Calls under way at once on one connection; more are refused."),
    connections: z.int().min(1).max(1_024).default(64).describe("Most sockets kept to one URL."),
    connectTimeoutMs: milliseconds.default(5_000).describe("Longest time for opening a socket."),
    maxConnections: z
      .int()
      .min(1)
      .max(100_000)
      .default(2_000)
      .describe("Most connections (children, sessions) at once; the longest idle one makes room."),
    eager: z.boolean().default(false).describe("Connect when the configuration is served, not at the first use."),
    idleMs: milliseconds.default(300_000).describe("A connection without calls and watchers ends after this time."),
    healthMs: milliseconds.default(30_000).describe("How often a quiet connection is asked whether it still answers."),
    restart: restart.prefault({}).describe("How a connection that failed is opened again."),
    whenDown: z
      .enum(["keep", "hide"])
      .default("keep")
      .describe("While it is down: keep listing what it offered last, or leave it out."),
    maxMemoryBytes: z
      .int()
      .min(1_048_576)
      .optional()
      .describe("Children (with their own children) that hold more resident memory are stopped."),
    egress: egress.prefault({}).describe("Which addresses may be reached."),
    proxy: templateText.optional().describe("http:, https: or socks5: URL of a proxy."),
    tls: tls.optional().describe("Trust and client certificates."),
  })
  .meta({ id: "mcpUpstream", description: "An MCP server whose tools, prompts and resources are served through." });

export type McpUpstreamConfig = z.output<typeof mcpUpstream>;
export type OAuthConfig = z.output<typeof oauth>;
