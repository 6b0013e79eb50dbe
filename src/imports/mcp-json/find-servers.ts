import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/** A server that a client's configuration lists. */
export interface ForeignServer {
  /** Its key there. */
  readonly key: string;
  /** `mcpServers.github` */
  readonly source: string;
  /** JSON pointer in the configuration. */
  readonly pointer: string;
  readonly config: JsonObject;
}

/** Where clients keep their servers, by the keys that lead there. */
const places: readonly (readonly string[])[] = [
  ["mcpServers"],
  ["servers"],
  ["mcp", "servers"],
  ["mcp_servers"],
  ["context_servers"],
  ["amp.mcpServers"],
  ["mcp"],
];

/** The servers of a client's configuration, wherever the client keeps them; none when it lists none. */
export function findServers(config: JsonObject): ForeignServer[] {
  const found = places.flatMap((place) => serversAt(config, place));
  if (found.length > 0) return unique(found);
  const inProjects = isJsonObject(config["projects"]) ? Object.entries(config["projects"]) : [];
  const ofProjects = inProjects.flatMap(([project, value]) =>
    isJsonObject(value) ? serversAt(value, ["mcpServers"], ["projects", project]) : [],
  );
  if (ofProjects.length > 0) return ofProjects;
  // A file that is nothing but servers.
  const members = Object.values(config);
  return members.length > 0 && members.every(isServer) ? serversIn(config, []) : [];
}

function serversAt(config: JsonObject, place: readonly string[], above: readonly string[] = []): ForeignServer[] {
  let value: JsonValue | undefined = config;
  for (const key of place) value = isJsonObject(value) ? value[key] : undefined;
  if (!isJsonObject(value)) return [];
  // `mcp` holds servers in some clients, and settings beside `servers` in others.
  if (place.join() === "mcp" && !Object.values(value).every(isServer)) return [];
  return serversIn(value, [...above, ...place]);
}

function serversIn(value: JsonObject, place: readonly string[]): ForeignServer[] {
  return Object.entries(value).flatMap(([key, config]) => {
    if (!isJsonObject(config)) return [];
    const path = [...place, key];
    const pointer = path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
    return [{ key, source: path.join("."), pointer, config }];
  });
}

function isServer(value: JsonValue): boolean {
  return isJsonObject(value) && ["command", "url", "httpUrl", "serverUrl"].some((key) => key in value);
}

function unique(servers: readonly ForeignServer[]): ForeignServer[] {
  return servers.filter(({ pointer }, index) => servers.findIndex((other) => other.pointer === pointer) === index);
}
