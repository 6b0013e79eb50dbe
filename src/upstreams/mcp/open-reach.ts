import path from "node:path";
import type { SecretSource } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Principal } from "../../core/principal.ts";
import { noScope } from "../../expressions/compile-text.ts";
import type { Scope } from "../../expressions/template.ts";
import { programVersion } from "../../version.ts";
import { type ConnectOptions, connector, type Detected } from "./connect.ts";
import type { OpenConnection } from "./connection.ts";
import type { HttpIdentity, McpHttpClient, UrlStatus } from "./http/mcp-http-client.ts";
import { openPlannedHttp } from "./http/open-planned-http.ts";
import type { OpenChannel } from "./message-channel.ts";
import type { McpUpstreamPlan } from "./mcp-upstream-plan.ts";
import type { OpenTokenSource } from "./oauth/open-token-source.ts";
import { stdioOpener } from "./stdio/stdio-channel.ts";
import type { StdioCommand } from "./stdio/stdio-command.ts";

/** A compiled upstream with its secrets filled in: ready to be connected, not yet connected. */
export interface OpenedReach {
  /** What was found out about the server, as soon as a connection was opened. */
  readonly detected: Readonly<Detected>;
  /** How connections are opened as this principal. Fails with `AppError("invalid_configuration")`. */
  connect(principal: Principal): OpenConnection;
  /** The URLs and how they are; undefined for a program. */
  urls(): readonly UrlStatus[] | undefined;
  /** Ends what connections share, when they have ended. May be called twice. */
  close(deadlineMs: number): Promise<void>;
}

export interface OpenReachOptions {
  readonly secrets: SecretSource;
  readonly log: Log;
  readonly openTokens: OpenTokenSource;
  /** Stands between a connection and the program under it, for whoever wants to see it start. */
  readonly wrapProgram?: (open: OpenChannel) => OpenChannel;
}

/** Opens an upstream, or says in an `AppError` why every call to it will fail: a secret is missing or wrong. */
export function openReach(plan: McpUpstreamPlan, options: OpenReachOptions): OpenedReach | AppError {
  try {
    return plan.config.command === undefined ? openHttp(plan, options) : openStdio(plan, plan.config.command, options);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** For messages: what the upstream is called, and by which key of the document. */
export function namesOf({ name }: McpUpstreamPlan): { readonly label: string; readonly key: string } {
  return { label: `The upstream \`${name}\``, key: `upstreams.${name}` };
}

function openStdio(plan: McpUpstreamPlan, command: string, options: OpenReachOptions): OpenedReach {
  const { secrets, log, wrapProgram = (open) => open } = options;
  const detected = undetected();
  const open = wrapProgram(stdioOpener(stdioCommand(plan, command, { ...noScope, secrets }), log));
  const connect = connector({ ...connectorParts(plan, log, detected), reach: { kind: "stdio", open } });
  return { detected, connect: () => connect, urls: () => undefined, close: () => Promise.resolve() };
}

function stdioCommand(plan: McpUpstreamPlan, command: string, scope: Scope): StdioCommand {
  const { config, baseDirectory } = plan;
  const env: Record<string, string> = {};
  for (const [name, template] of plan.env) {
    const value = template.evaluate(scope);
    if (value !== undefined) env[name] = value;
  }
  return {
    ...namesOf(plan),
    command,
    args: plan.args.map((template) => template.evaluate(scope) ?? ""),
    env,
    cwd: config.cwd === undefined ? undefined : path.resolve(baseDirectory ?? ".", config.cwd),
    maxMessageBytes: config.maxMessageBytes,
    maxMemoryBytes: config.maxMemoryBytes,
  };
}

function openHttp(plan: McpUpstreamPlan, options: OpenReachOptions): OpenedReach {
  const { secrets, log, openTokens } = options;
  const client = openPlannedHttp(plan, { secrets, label: namesOf(plan).label });
  const detected = undetected();
  const tokens = openTokens(plan, secrets);
  const connectAs = (identity: HttpIdentity): OpenConnection =>
    connector({ ...connectorParts(plan, log, detected), reach: { kind: "http", client, identity } });
  const identityOf = (scope: Scope): HttpIdentity => ({ headers: headersOf(plan, scope), tokens });
  // What is made of an identity is kept with the object: there is one for all whose headers are the same.
  const shared = plan.dependsOnPrincipal ? undefined : connectAs(identityOf({ ...noScope, secrets }));
  return {
    detected,
    connect: (principal) => shared ?? connectAs(identityOf({ ...noScope, secrets, principal })),
    urls: () => client.status(),
    close: async (deadlineMs) => closeHttp(client, tokens, deadlineMs),
  };
}

async function closeHttp(client: McpHttpClient, tokens: HttpIdentity["tokens"], deadlineMs: number): Promise<void> {
  await tokens?.close();
  await client.close(deadlineMs);
}

function headersOf(plan: McpUpstreamPlan, scope: Scope): string[] {
  const headers: string[] = [];
  for (const { name, value } of plan.headers) {
    const text = value.evaluate(scope);
    if (text !== undefined) headers.push(name, text);
  }
  return headers;
}

function undetected(): Detected {
  return { transport: undefined, era: undefined, at: 0 };
}

function connectorParts(plan: McpUpstreamPlan, log: Log, detected: Detected): Omit<ConnectOptions, "reach"> {
  const clientInfo = { name: "passerelle", version: programVersion() };
  return { config: plan.config, ...namesOf(plan), detected, log, clientInfo };
}
