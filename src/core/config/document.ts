import * as z from "zod";
import { exposure } from "./exposure-schema.ts";
import { prompt } from "./prompt-schema.ts";
import { resource, resourceTemplate } from "./resource-schema.ts";
import { bytes, icon, milliseconds } from "./template-schema.ts";
import { tool } from "./tool-schema.ts";
import { upstream } from "./upstream-schema.ts";
import { identifierPattern, prefixPattern } from "../document-rules.ts";

const identifier = z
  .string()
  .regex(
    identifierPattern,
    "must be 1 to 64 characters of a-z, 0-9, `-`, `_` and `.`, beginning and ending with a letter or digit",
  );

const route = z
  .strictObject({
    prefix: z
      .string()
      .regex(
        prefixPattern,
        "must begin with `/` and have segments of letters, digits, `-`, `.`, `_` and `~`, without `/` at the end",
      )
      .describe("The endpoints are PREFIX/mcp, PREFIX/sse and PREFIX/message."),
    access: z.enum(["public", "key"]).default("key").describe("Who may call: everybody, or holders of an API key."),
    origins: z
      .array(z.string())
      .default([])
      .describe(
        "Origins of web pages that may call (CORS); `*` for any. Pages of this machine may when the gateway listens on loopback.",
      ),
    requestHeaders: z
      .array(z.string())
      .default([])
      .describe("Client headers that expressions may read as request.headers."),
    maxBodyBytes: bytes.default(4_194_304).describe("Largest message a client may send."),
    streams: z
      .strictObject({
        keepAliveMs: milliseconds.default(15_000).describe("How often a comment is written to an idle stream."),
        maxOpenMs: milliseconds
          .optional()
          .describe(
            "Close a call's stream after this time; clients of 2025-11-25 come back for the rest with Last-Event-ID.",
          ),
        retryMs: milliseconds.default(1_000).describe("How long clients are told to wait before they reconnect."),
      })
      .prefault({})
      .describe("Event streams of this route."),
    sessions: z
      .strictObject({
        required: z
          .boolean()
          .default(true)
          .describe("With false, clients of the legacy revisions may also call without a session."),
        ttlMs: milliseconds
          .default(1_800_000)
          .describe("A session ends this long after its last request when no stream is open."),
        max: z.int().min(1).max(1_000_000).default(20_000).describe("Most live sessions of the route."),
      })
      .prefault({})
      .describe("Sessions of the legacy revisions."),
  })
  .meta({ id: "route", description: "A URL prefix of the server." });

/** A configuration document: one MCP server. Source of the published JSON Schema. */
export const serverDocument = z.strictObject({
  name: identifier.describe("Unique in its tenant; also the name clients see."),
  tenant: identifier.default("default").describe("Namespace that owns the server."),
  title: z.string().optional().describe("Name for people."),
  description: z.string().optional().describe("What the server is for."),
  version: z.string().default("1.0.0").describe("The server's version that clients see."),
  websiteUrl: z.string().optional().describe("Where people read more."),
  icons: z.array(icon).optional().describe("Images that clients may show."),
  instructions: z.string().optional().describe("How a model should use this server."),
  routes: z.array(route).min(1).describe("URL prefixes that clients reach the server by."),
  upstreams: z.record(identifier, upstream).default({}).describe("What the server calls, by name."),
  tools: z.array(tool).default([]).describe("Tools, in the order that clients see them."),
  expose: z
    .array(exposure)
    .default([])
    .describe(
      "What is shown of upstreams of kind mcp; the first entry wins when names collide. An MCP upstream without an entry is shown whole, after those that have one.",
    ),
  prompts: z.array(prompt).default([]).describe("Prompts, in the order that clients see them."),
  resources: z.array(resource).default([]).describe("Resources, in the order that clients see them."),
  resourceTemplates: z.array(resourceTemplate).default([]).describe("Resources whose URIs have variables."),
  files: z
    .strictObject({
      roots: z.array(z.string()).min(1).describe("Folders, relative to the document, that `file` resources may read."),
      maxBytes: bytes.default(16_777_216).describe("Largest file that is read."),
    })
    .optional()
    .describe("Files that resources may be."),
  pageSize: z.int().min(1).max(10_000).default(1_000).describe("Most entries of one page of a list."),
  caching: z
    .strictObject({
      ttlMs: z
        .int()
        .min(0)
        .max(86_400_000)
        .default(0)
        .describe("How long clients of 2026-07-28 may keep lists and resources."),
      scope: z
        .enum(["public", "private"])
        .default("private")
        .describe("Whether what is kept may be shared between users."),
    })
    .prefault({})
    .describe("What clients of 2026-07-28 are told about caching."),
});

export type ServerDocument = z.output<typeof serverDocument>;
export type RouteConfig = z.output<typeof route>;
