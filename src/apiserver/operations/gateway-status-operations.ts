import * as z from "zod";
import type { AuditLog } from "../../core/audit-log.ts";
import type { ChangeAnnouncer } from "../../core/change-feed.ts";
import type { GatewayRegistry, GatewayStatus } from "../../core/gateway-registry.ts";
import { recordChange } from "../audit.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import type { DocumentIndex, Lag } from "../servers/document-index.ts";
import { describeProblems, documentProblem } from "../servers/server-schemas.ts";

export interface GatewayStatusParts {
  readonly gateways: GatewayRegistry;
  readonly index: DocumentIndex;
  readonly announcer: ChangeAnnouncer;
  readonly audit: AuditLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const tag = "Gateways";
/** Gateways report every 10 s. */
const deadAfterMs = 30_000;
/** The dead are shown this long. */
const shownMs = 24 * 3_600_000;

const refused = z
  .strictObject({
    tenant: z.string(),
    name: z.string(),
    state: z.enum(["kept", "refused"]).describe("kept: the last good version serves on."),
    problems: z.array(documentProblem).describe("The first ones."),
  })
  .meta({ id: "RefusedDocument", description: "A document that a gateway does not serve in its newest version." });

const gateway = z
  .strictObject({
    id: z.string().describe("Made anew at each start."),
    name: z.string(),
    version: z.string().describe("Of the program."),
    url: z.string().describe("Where clients reach it."),
    state: z.enum(["live", "dead"]).describe("dead: no report for 30 seconds."),
    startedAt: z.number(),
    reportedAt: z.number().describe("Milliseconds since 1970, as all times."),
    revision: z.int().describe("What it serves of the store."),
    servedAt: z.number().describe("When it served that revision first."),
    isCurrent: z.boolean().describe("Whether it serves the newest revision."),
    behind: z.strictObject({
      documents: z.int().describe("Documents whose newest version it does not have."),
      ms: z.number().describe("Since the oldest change that it does not have."),
    }),
    servers: z.int(),
    sessions: z.int(),
    refused: z.array(refused),
  })
  .meta({ id: "Gateway", description: "What a gateway said of itself last." });

/** What gateways serve, and making them look again. */
export function gatewayStatusOperations(parts: GatewayStatusParts): readonly AnyOperation[] {
  return [listGateways(parts), reloadGateways(parts)];
}

function listGateways(parts: GatewayStatusParts): AnyOperation {
  return defineOperation({
    id: "listGateways",
    method: "get",
    path: "/gateways",
    tag,
    summary: "List the gateways with what each of them serves",
    access: { kind: "permission", permission: "gateways.read" },
    responses: {
      200: {
        description: "Gateways that reported within a day, by name.",
        schema: z
          .strictObject({ revision: z.int().describe("The newest of the store."), items: z.array(gateway) })
          .meta({ id: "Gateways", description: "The store's revision and who serves which." }),
      },
    },
    handle: async () => {
      const { gateways, index, now } = parts;
      const [revision, statuses] = await Promise.all([index.refresh(), gateways.list(now() - shownMs)]);
      const items = statuses.map((status) => describe(status, index.lagOf(status.revision), revision, now()));
      return { status: 200, body: { revision, items } };
    },
  });
}

function describe(status: GatewayStatus, lag: Lag, newest: number, now: number): z.output<typeof gateway> {
  const { refused, reportedAt, ...report } = status;
  const { id, name, version, url, startedAt, revision, servedAt, servers, sessions } = report;
  return {
    id,
    name,
    version,
    url,
    startedAt,
    reportedAt,
    revision,
    servedAt,
    servers,
    sessions,
    state: now - reportedAt > deadAfterMs ? "dead" : "live",
    // A change that was undone by the next one lacks nothing.
    isCurrent: revision >= newest || lag.documents === 0,
    behind: { documents: lag.documents, ms: lag.since === undefined ? 0 : Math.max(0, now - lag.since) },
    refused: refused.map((document) => ({
      tenant: document.tenant,
      name: document.name,
      state: document.state,
      problems: describeProblems(document.problems),
    })),
  };
}

function reloadGateways(parts: GatewayStatusParts): AnyOperation {
  return defineOperation({
    id: "reloadGateways",
    method: "post",
    path: "/gateways/reload",
    tag,
    summary: "Make every gateway look for changes now",
    description: "They look by themselves too; this spares waiting where notices do not arrive.",
    access: { kind: "permission", permission: "gateways.reload" },
    responses: { 202: { description: "They were told." } },
    handle: async (call) => {
      await Promise.all((["documents", "secrets", "keys"] as const).map((topic) => parts.announcer.announce(topic)));
      const target = { kind: "gateway", id: "*" };
      await recordChange(parts.audit, call, { action: "gateway.reload", target }, parts.now);
      return { status: 202 };
    },
  });
}
