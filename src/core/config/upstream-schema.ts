import * as z from "zod";
import { clientCredentials } from "./client-credentials-schema.ts";
import { mcpUpstream } from "./mcp-upstream-schema.ts";
import { egress, tls } from "./network-schema.ts";
import { bytes, milliseconds, templateText } from "./template-schema.ts";

const retry = z.strictObject({
  attempts: z.int().min(0).max(10).default(2).describe("Tries after the first one. 0 switches retries off."),
  backoffMs: milliseconds.default(100).describe("Wait before the first retry; doubles each time, with jitter."),
  maxBackoffMs: milliseconds.default(5_000).describe("Longest wait, also the longest Retry-After that is honoured."),
});

const breaker = z.strictObject({
  failures: z
    .int()
    .min(1)
    .max(1_000)
    .default(5)
    .describe("Consecutive failures (no connection, time-out, 5xx) that open the breaker. 429 does not count."),
  resetMs: milliseconds.default(10_000).describe("How long calls fail at once before one is let through as a probe."),
});

export const httpUpstream = z
  .strictObject({
    kind: z.literal("http").describe("A REST API."),
    baseUrl: z.string().describe("http: or https: URL that request paths are appended to. May hold ${secrets.NAME}."),
    headers: z.record(z.string(), templateText).default({}).describe("Sent with every request."),
    query: z.record(z.string(), templateText).default({}).describe("Added to the query of every request."),
    forwardHeaders: z
      .array(z.string())
      .default([])
      .describe(
        "Headers of the client's request that are sent on. Authorization, Cookie and hop-by-hop headers are never sent on.",
      ),
    oauth: clientCredentials
      .optional()
      .describe("How the gateway gets a token that is sent as Authorization: Bearer (OAuth client credentials)."),
    timeoutMs: milliseconds.default(30_000).describe("Longest time for a whole call, retries included."),
    connectTimeoutMs: milliseconds.default(5_000).describe("Longest time for opening a connection."),
    maxRequestBytes: bytes.default(10_485_760).describe("Largest request body that is sent."),
    maxResponseBytes: bytes
      .default(16_777_216)
      .describe("Largest response body, counted before and after decompression."),
    maxConcurrency: z
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .describe("Requests under way at once; more wait until their deadline."),
    connections: z.int().min(1).max(1_024).default(64).describe("Most sockets kept to one origin."),
    redirects: z
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe("Redirects that are followed; each one is checked by the egress guard."),
    retry: retry.prefault({}).describe("When and how often a failed request is sent again."),
    breaker: breaker.prefault({}).describe("Lets calls fail at once while the upstream is down."),
    egress: egress.prefault({}).describe("Which addresses may be reached."),
    proxy: templateText.optional().describe("http:, https: or socks5: URL of a proxy."),
    tls: tls.optional().describe("Trust and client certificates."),
  })
  .meta({ id: "httpUpstream", description: "A REST API that tools, resources and prompts call." });

export const upstream = z.discriminatedUnion("kind", [httpUpstream, mcpUpstream]);

export type HttpUpstreamConfig = z.output<typeof httpUpstream>;
