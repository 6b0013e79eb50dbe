import type { ExposureConfig } from "../../core/config/exposure-schema.ts";
import { compileGlob } from "../../core/glob.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { anonymous } from "../../core/principal.ts";
import type { DocumentPath, Problem } from "../../core/problem.ts";
import type { McpUpstream } from "../../upstreams/mcp/mcp-upstream.ts";
import type { Catalogue } from "../../upstreams/mcp/catalogue.ts";
import type { LeftOut, ServerView } from "../catalogue/server-view.ts";
import type { CompiledServer } from "./compiled-server.ts";

/** Most entries that are told one by one as not shown; more are told as a number. */
const maxLeftOut = 20;

/** Compares what a document says of its MCP upstreams with what they offer. They have been listed by now. */
export function checkOffers(server: CompiledServer, view: ServerView): Problem[] {
  const problems: Problem[] = [];
  const { expose } = server.document;
  for (const handle of server.upstreams) {
    if (handle.kind !== "mcp") continue;
    const offer = listedBy(handle.open());
    if (typeof offer === "string") {
      problems.push({ severity: "error", path: ["upstreams", handle.name], message: offer, atKey: true });
      continue;
    }
    const index = expose.findIndex(({ upstream }) => upstream === handle.name);
    const exposure = expose[index];
    if (exposure === undefined) continue;
    const path = ["expose", index];
    problems.push(...checkNames(exposure, path, offer), ...checkDefaults(exposure, path, offer));
  }
  return [...problems, ...tellLeftOut(view.leftOut)];
}

/** What an upstream offers, or why that is not known. */
function listedBy(upstream: McpUpstream): Catalogue | string {
  const catalogue = upstream.catalogue(anonymous);
  if (catalogue.state === "current") return catalogue;
  return upstream.status().lastError ?? "the upstream was not listed within its startTimeoutMs";
}

/** Names and globs that nothing has are mistakes, most likely. */
function checkNames(exposure: ExposureConfig, path: DocumentPath, offer: Catalogue): Problem[] {
  const tools = textsOf(offer.tools, "name");
  const prompts = textsOf(offer.prompts, "name");
  const resources = [...textsOf(offer.resources, "uri"), ...textsOf(offer.resourceTemplates, "uriTemplate")];
  return [
    ...checkGlobs(exposure.tools.include, [...path, "tools", "include"], tools),
    ...checkGlobs(exposure.prompts.include, [...path, "prompts", "include"], prompts),
    ...checkGlobs(exposure.resources.include, [...path, "resources", "include"], resources),
    ...checkKeys(exposure.tools.rename, [...path, "tools", "rename"], tools),
    ...checkKeys(exposure.tools.overrides, [...path, "tools", "overrides"], tools),
    ...checkKeys(exposure.prompts.rename, [...path, "prompts", "rename"], prompts),
  ];
}

function checkGlobs(globs: readonly string[], path: DocumentPath, offered: readonly string[]): Problem[] {
  return globs.flatMap((glob, i) => {
    if (glob === "*" || offered.some(compileGlob(glob))) return [];
    return [nothingNamed(`nothing that the upstream offers matches ${glob}`, [...path, i], offered)];
  });
}

function checkKeys(entries: object, path: DocumentPath, offered: readonly string[]): Problem[] {
  return Object.keys(entries).flatMap((name) => {
    if (offered.includes(name)) return [];
    return [
      { ...nothingNamed(`the upstream offers nothing that is called ${name}`, [...path, name], offered), atKey: true },
    ];
  });
}

/** Most names that a mend shows. */
const maxShown = 10;

function nothingNamed(message: string, path: DocumentPath, offered: readonly string[]): Problem {
  const shown = offered.slice(0, maxShown).join(", ");
  const mend = offered.length === 0 ? "it offers none" : `it offers ${shown}${offered.length > maxShown ? ", …" : ""}`;
  return { severity: "warning", path, message, mend };
}

/** Defaults of arguments that a tool does not know. */
function checkDefaults({ tools }: ExposureConfig, path: DocumentPath, offer: Catalogue): Problem[] {
  return Object.entries(tools.overrides).flatMap(([name, { arguments: defaults = {} }]) => {
    const schema = offer.tools.find((tool) => tool["name"] === name)?.["inputSchema"];
    const properties = isJsonObject(schema) ? schema["properties"] : undefined;
    if (!isJsonObject(properties)) return [];
    return Object.keys(defaults)
      .filter((argument) => !Object.hasOwn(properties, argument))
      .map((argument): Problem => {
        const message = `the tool ${name} has no argument ${argument}`;
        return { severity: "warning", path: [...path, "tools", "overrides", name, "arguments", argument], message };
      });
  });
}

function tellLeftOut(leftOut: readonly LeftOut[]): Problem[] {
  const told = leftOut.slice(0, maxLeftOut).map(({ upstream, kind, name, reason }): Problem => {
    const noun = kind === "resourceTemplate" ? "resource template" : kind;
    const message = `the ${noun} ${name} is not shown: ${reason}`;
    return { severity: "warning", path: ["upstreams", upstream], message, atKey: true };
  });
  const rest = leftOut.length - told.length;
  if (rest === 0) return told;
  return [
    ...told,
    { severity: "warning", path: ["upstreams"], message: `${rest} more entries are not shown`, atKey: true },
  ];
}

function textsOf(entries: readonly JsonObject[], key: string): string[] {
  return entries.map((entry) => entry[key]).filter((text) => typeof text === "string");
}
