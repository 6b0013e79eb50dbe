import * as z from "zod";
import { isAllowed, type Permission } from "../../access/permissions.ts";
import type { AuditLog } from "../../core/audit-log.ts";
import type { ConfigStore } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { parseJson } from "../../core/lossless-json.ts";
import { previewRevisions, type ServerPreviewer } from "../../core/server-preview.ts";
import type { ToolRun, ToolRunner } from "../../core/tool-runner.ts";
import type { ProbeTarget, UpstreamProber } from "../../core/upstream-probe.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, type Call, defineOperation } from "../operation.ts";
import {
  documentText,
  identifier,
  maxTextBodyBytes,
  serverParams,
  tenantParams,
  versionNumber,
} from "../servers/server-schemas.ts";
import { streamLines } from "../trial/stream-lines.ts";
import { probeLine, serverPreview, toolRun } from "../trial/trial-schemas.ts";

/** What the operations work with; nothing of it is used before a request comes. */
export interface TryParts {
  readonly documents: Pick<ConfigStore, "get">;
  readonly previewer: ServerPreviewer;
  readonly runner: ToolRunner;
  readonly prober: UpstreamProber;
  readonly audit: AuditLog;
  /** Milliseconds since 1970; `Date.now` without it. */
  readonly now?: () => number;
}

const tag = "Try";
const version = versionNumber.optional().describe("A saved version; the newest without it.");
const maxRunMs = 300_000;

/** What the control plane can try out: what clients see, single tools, upstreams. */
export function tryOperations(parts: TryParts): readonly AnyOperation[] {
  return [previewServer(parts), runTool(parts), probeUpstream(parts)];
}

function previewServer(parts: TryParts): AnyOperation {
  return defineOperation({
    id: "previewServer",
    method: "post",
    path: "/tenants/{tenant}/servers/{name}/preview",
    tag,
    summary: "Show what clients see of a server, with its size in tokens",
    description:
      "Byte for byte what a client gets that says who it is to nobody. Nothing is connected or started: of MCP upstreams it shows what was listed before, and names those that were not.",
    access: { kind: "permission", permission: "servers.read" },
    params: serverParams,
    body: z.strictObject({
      text: documentText.optional().describe("YAML of the document instead of a saved version."),
      version,
      revision: z.enum(previewRevisions).default("2025-11-25").describe("Protocol revision of the client."),
    }),
    maxBodyBytes: maxTextBodyBytes,
    responses: {
      200: { description: "What clients see.", schema: serverPreview },
      404: { description: "There is no such server or version." },
      422: { description: "The document has errors; `problems` says where." },
    },
    handle: async ({ params, body }) => {
      const text = body.text ?? (await savedText(parts, params, body.version));
      const { tenant, name } = params;
      const preview = await parts.previewer.preview({ tenant, name, text, revision: body.revision });
      return { status: 200, body: preview };
    },
  });
}

async function savedText(
  { documents }: TryParts,
  { tenant, name }: z.output<typeof serverParams>,
  version: number | undefined,
): Promise<string> {
  const stored = await documents.get({ tenant, name }, version);
  if (stored?.text !== undefined) return stored.text;
  const what = version === undefined ? `server ${name}` : `version ${version} of the server ${name}`;
  throw new AppError("not_found", `There is no ${what}.`);
}

const runBody = z.strictObject({
  version,
  arguments: z.record(z.string(), z.unknown()).default({}).describe("Arguments of the tool."),
  argumentsText: z
    .string()
    .optional()
    .describe("The arguments as JSON text instead: integers beyond 2^53 keep their digits."),
  headers: z
    .record(z.string().regex(/^[a-z0-9-]+$/), z.string())
    .default({})
    .describe("Headers of the client's request by lower-case names; calls see those that the route lists."),
  confirm: z.boolean().default(false).describe("The user confirms the call, where the tool asks for that."),
  timeoutMs: z.int().min(1).max(maxRunMs).default(120_000).describe("Longest time for all of it."),
});

function runTool(parts: TryParts): AnyOperation {
  return defineOperation({
    id: "runTool",
    method: "post",
    path: "/tenants/{tenant}/servers/{name}/tools/{tool}/run",
    tag,
    summary: "Run one tool of a saved server",
    description:
      "Calls the upstream for real. An older version runs only when it starts no program and opens no private address that the newest one does not. Values of secrets are shown as ${secrets.NAME}, also in the result.",
    access: { kind: "permission", permission: "tools.run" },
    params: serverParams.extend({ tool: z.string().min(1).max(256) }),
    body: runBody,
    responses: {
      200: { description: "What came of it, also where the tool failed.", schema: toolRun },
      404: { description: "There is no such server or version." },
      422: { description: "The version has errors; `problems` says where." },
    },
    handle: async (call) => {
      const { params, body, caller, signal } = call;
      if (caller === undefined) throw new AppError("unauthorized", "Sign in to run tools.");
      const run = await parts.runner.run({
        ...params,
        version: body.version,
        args: readArguments(body),
        principal: { kind: "key", id: caller.id, name: caller.name, tenant: params.tenant },
        headers: body.headers,
        isConfirmed: body.confirm,
        // `tools.run` is the permission for it: what is started was saved by somebody with `stdio.define`.
        mayStartPrograms: true,
        timeoutMs: body.timeoutMs,
        signal,
      });
      await recordRun(parts, call, run);
      return { status: 200, headers: { "content-type": "application/json" }, raw: encodeRun(run) };
    },
  });
}

function readArguments({ arguments: given, argumentsText }: z.output<typeof runBody>): JsonObject {
  if (argumentsText === undefined) return given as JsonObject; // it was parsed from JSON
  const refusal = (cause?: unknown): AppError =>
    new AppError("bad_request", "`argumentsText` must be the JSON text of an object.", {
      cause,
      data: { errors: [{ field: "body.argumentsText", message: "is not the JSON text of an object" }] },
    });
  let parsed: unknown;
  try {
    parsed = parseJson(argumentsText);
  } catch (cause) {
    throw refusal(cause);
  }
  if (!isJsonObject(parsed)) throw refusal();
  return parsed;
}

/** The result is written as it is: large integers would not survive being read. */
function encodeRun({ outcome, ...run }: ToolRun): string {
  const text = JSON.stringify(run);
  const written = outcome.kind === "result" ? `{"kind":"result","result":${outcome.text}}` : JSON.stringify(outcome);
  return `{"outcome":${written},${text.slice(1)}`;
}

/** Arguments are the users' own and are not kept. */
async function recordRun({ audit, now }: TryParts, call: Call<RunParams, unknown, unknown>, run: ToolRun) {
  const { tenant, name, tool } = call.params;
  const after = { tool, version: run.version, outcome: run.outcome.kind };
  await recordChange(audit, call, { action: "tool.run", tenant, target: { kind: "server", id: name }, after }, now);
}

type RunParams = z.output<typeof serverParams> & { readonly tool: string };

const probeBody = z.union([
  z.strictObject({
    server: identifier.describe("A saved server."),
    upstream: z.string().min(1).max(64).describe("Key of an upstream of its newest version."),
  }),
  z.strictObject({
    config: z
      .record(z.string(), z.unknown())
      .describe("An upstream as in a document, saved or not. A program cannot be started so."),
  }),
]);

function probeUpstream(parts: TryParts): AnyOperation {
  return defineOperation({
    id: "probeUpstream",
    method: "post",
    path: "/tenants/{tenant}/upstreams/probe",
    tag,
    summary: "Connect to an upstream step by step, and tell what is wrong",
    description:
      "Answers a JSON object per line, each as soon as its step is done; the last is {done: true, outcome}. Configuration that is not saved needs servers.write as well, egress.define where it opens addresses, and files.define where it has `tls`: it could be saved with them.",
    access: { kind: "permission", permission: "upstreams.probe" },
    params: tenantParams,
    body: probeBody,
    responses: {
      200: { description: "The steps, by lines.", schema: probeLine, contentType: "application/x-ndjson" },
      403: { description: "A program that is not saved, or a permission that is missing." },
      404: { description: "There is no such server or upstream." },
      422: { description: "The configuration has errors; `problems` says where." },
    },
    handle: async (call) => {
      const { params, body, signal } = call;
      const { tenant } = params;
      let target: ProbeTarget;
      if ("config" in body) {
        requireForUnsaved(call, body.config);
        target = { kind: "unsaved", tenant, config: body.config };
      } else target = { kind: "saved", tenant, name: body.server, upstream: body.upstream };
      const ended = new AbortController();
      const steps = await parts.prober.probe(target, AbortSignal.any([signal, ended.signal]));
      return {
        status: 200,
        // A proxy that waits for more would hold back what is there.
        headers: { "content-type": "application/x-ndjson", "x-accel-buffering": "no" },
        raw: streamLines(steps, () => ended.abort()),
      };
    },
  });
}

/** Whoever may not save a configuration could send secrets anywhere with it, or look around behind the firewall. */
function requireForUnsaved({ caller, params }: Call<{ tenant: string }, unknown, unknown>, config: unknown): void {
  const demand = (permission: Permission): void => {
    if (caller !== undefined && isAllowed(caller.roles, permission, params.tenant)) return;
    throw new AppError("forbidden", `Configuration that is not saved needs the permission ${permission} here.`, {
      data: { permission },
    });
  };
  demand("servers.write");
  const egress = isJsonObject(config) ? config["egress"] : undefined;
  const allow = isJsonObject(egress) ? egress["allow"] : undefined;
  if (allow !== undefined && !(Array.isArray(allow) && allow.length === 0)) demand("egress.define");
  // Certificates may be paths of files.
  if (isJsonObject(config) && config["tls"] !== undefined) demand("files.define");
}
