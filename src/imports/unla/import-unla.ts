import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { formatPath } from "../../core/problem.ts";
import { toIdentifier } from "../document/identifier.ts";
import type { ImportedDocuments, NamingOptions } from "../document/imported-documents.ts";
import type { ImportNote, ReportedEntry } from "../report/import-report.ts";
import { NeededSecrets } from "../secrets/needed-secrets.ts";
import { type LineOf, mcpDocument, restDocument, type UnlaContext } from "./unla-document.ts";
import { type UnlaConfig, unlaConfig } from "./unla-schema.ts";

/** A configuration of the Unla gateway, parsed. */
export interface UnlaSource {
  /** As a person would write it. */
  readonly file: string;
  readonly value: unknown;
  /** Line at which the text of a value begins. */
  readonly lineOf: LineOf;
}

/**
 * Makes documents of configurations of the Unla gateway: one for each server that a router leads to, with its routes,
 * tools and prompts. Templates become expressions; a tool whose request cannot be translated is refused with the line.
 *
 * @throws AppError `unprocessable` when a source is no such configuration
 */
export function importUnla(sources: readonly UnlaSource[], { name, prefix }: NamingOptions): ImportedDocuments {
  const secrets = new NeededSecrets();
  const entries: ReportedEntry[] = [];
  const notes: ImportNote[] = [];
  const documents = sources.flatMap(({ file, value, lineOf }) => {
    const config = readConfig(value, file);
    if (isDeleted(config)) {
      entries.push({
        outcome: "left-out",
        source: file,
        notes: [{ code: "deleted", message: `${file} is marked as deleted.` }],
      });
      return [];
    }
    return documentsOf({ config, lineOf, secrets, entries }, file);
  });
  if (documents.some((document) => "tools" in document)) notes.push(headersNote);
  if (documents.some(isPublic)) notes.push(publicNote);
  return { documents: renamed(documents, name, prefix), report: { entries, notes }, secrets: secrets.list(documents) };
}

const headersNote: ImportNote = {
  code: "headers-not-forwarded",
  message:
    "Headers of the client's request are no longer sent on; list those that an API needs in forwardHeaders of its upstream.",
};

const publicNote: ImportNote = {
  code: "public-route",
  message: "Routes without auth stay open for everybody (access: public); take that line away to ask for an API key.",
};

function readConfig(value: unknown, file: string): UnlaConfig {
  // What the API exports is wrapped.
  const inner = isJsonObject(value) && isJsonObject(value["content"]) ? value["content"] : value;
  const result = unlaConfig.safeParse(inner);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = formatPath((issue?.path ?? []).filter((step) => typeof step !== "symbol"));
  throw new AppError(
    "unprocessable",
    `${file} is no configuration of Unla: ${path}: ${issue?.message ?? "unreadable"}`,
  );
}

function isDeleted({ deletedAt }: UnlaConfig): boolean {
  return typeof deletedAt === "string" && deletedAt !== "" && !deletedAt.startsWith("0001-");
}

function documentsOf(context: UnlaContext, file: string): JsonObject[] {
  const { config, entries } = context;
  const routed = new Set((config.routers ?? []).map(({ server }) => server));
  const servers = config.servers ?? [];
  const mcpServers = config.mcpServers ?? [];
  for (const { name } of [...servers, ...mcpServers]) {
    if (routed.has(name)) continue;
    const message = `No router leads to ${name}, so nobody could call it; give it a router to import it.`;
    entries.push({ outcome: "left-out", source: `servers.${name}`, notes: [{ code: "no-route", message }] });
  }
  tellUnusedTools(context);
  const documents = [
    ...servers.map((server, index) => (routed.has(server.name) ? restDocument(server, index, context) : undefined)),
    ...mcpServers.map((server, index) => (routed.has(server.name) ? mcpDocument(server, index, context) : undefined)),
  ].filter((document) => document !== undefined);
  if (documents.length === 0 && servers.length + mcpServers.length === 0) {
    throw new AppError("unprocessable", `${file} has neither servers nor mcpServers; it is no configuration of Unla.`);
  }
  return documents;
}

function tellUnusedTools({ config, entries }: UnlaContext): void {
  const allowed = new Set((config.servers ?? []).flatMap(({ allowedTools }) => allowedTools ?? []));
  for (const { name } of config.tools ?? []) {
    if (allowed.has(name) || config.servers?.some(({ allowedTools }) => !allowedTools) === true) continue;
    const message = `No server has ${name} among its allowedTools.`;
    entries.push({ outcome: "left-out", source: `tools.${name}`, notes: [{ code: "not-allowed", message }] });
  }
}

function isPublic({ routes }: JsonObject): boolean {
  return Array.isArray(routes) && routes.some((route) => isJsonObject(route) && route["access"] === "public");
}

/** A name is for a single document; a prefix comes before those that are there. */
function renamed(documents: readonly JsonObject[], name: string | undefined, prefix: string | undefined): JsonObject[] {
  const isSingle = documents.length === 1;
  return documents.map((document) => {
    const routes = Array.isArray(document["routes"]) ? document["routes"] : [];
    return {
      ...document,
      ...(isSingle && name !== undefined ? { name: toIdentifier(name, "server") } : {}),
      ...(prefix === undefined
        ? {}
        : {
            routes: routes.map((route) =>
              isJsonObject(route)
                ? { ...route, prefix: `${prefix}${typeof route["prefix"] === "string" ? route["prefix"] : ""}` }
                : route,
            ),
          }),
    };
  });
}
