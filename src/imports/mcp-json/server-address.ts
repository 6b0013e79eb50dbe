import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/** How a client reaches a server, whatever its keys are called. */
export type ServerAddress =
  | {
      readonly kind: "program";
      readonly command: string;
      readonly args: readonly string[];
      readonly bridged?: undefined;
    }
  | {
      readonly kind: "url";
      readonly url: string;
      readonly transport: "auto" | "sse" | "streamable-http";
      readonly headers: readonly (readonly [string, string])[];
      /** The program that would have carried messages there. */
      readonly bridged: string | undefined;
    }
  | { readonly kind: "none"; readonly reason: string };

/** Finds out how a server is reached; a program that does nothing but reach a URL is that URL. */
export function serverAddress(config: JsonObject): ServerAddress {
  const type = textOf(config["type"] ?? config["transport"] ?? config["transportType"])?.toLowerCase();
  const httpUrl = textOf(config["httpUrl"]);
  const url = httpUrl ?? textOf(config["url"]) ?? textOf(config["serverUrl"]) ?? textOf(config["endpoint"]);
  if (type === "ws" || type === "websocket" || /^wss?:/i.test(url ?? "")) {
    return { kind: "none", reason: "it speaks WebSocket, which is no transport of MCP; use its http: address" };
  }
  if (url !== undefined && type !== "stdio") {
    return { kind: "url", url, transport: transportOf(type, httpUrl !== undefined), headers: [], bridged: undefined };
  }
  const program = programOf(config);
  if (program === undefined) return { kind: "none", reason: missingReason(config) };
  return bridgedUrl(program) ?? { kind: "program", ...program };
}

function transportOf(type: string | undefined, isStreamable: boolean): "auto" | "sse" | "streamable-http" {
  if (isStreamable || /^(?:http|streamable[-_]?http)$/.test(type ?? "")) return "streamable-http";
  return type === "sse" ? "sse" : "auto";
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** `command` is a text, a list that begins with the program, or an object with `path` and `args`. */
function programOf(config: JsonObject): Program | undefined {
  const { command } = config;
  const args = texts(config["args"]);
  if (Array.isArray(command)) {
    const [first, ...rest] = texts(command);
    return first === undefined ? undefined : unwrapped(first, [...rest, ...args]);
  }
  if (isJsonObject(command)) {
    const path = textOf(command["path"]);
    return path === undefined ? undefined : unwrapped(path, texts(command["args"]));
  }
  const text = textOf(command);
  if (text === undefined || text === "") return undefined;
  // Clients start through a shell or not; a command with spaces and without args is a line of both.
  const [first = "", ...rest] = args.length === 0 && /^\S+(?: [^\s"'\\]+)+$/.test(text) ? text.split(" ") : [text];
  return unwrapped(first, [...rest, ...args]);
}

/** `cmd /c npx …` is how Windows starts what is a script; the script is what is meant. */
function unwrapped(command: string, args: readonly string[]): Program {
  const [first = "", second, ...rest] = args;
  if (/^cmd(?:\.exe)?$/i.test(command) && /^\/c$/i.test(first) && second !== undefined)
    return { command: second, args: rest };
  return { command, args };
}

/** `mcp-remote URL --header "NAME: VALUE"`: the gateway reaches the URL by itself. */
function bridgedUrl({ command, args }: Program): ServerAddress | undefined {
  const words = [command, ...args];
  const at = words.findIndex((word) => /^(?:.*[/\\])?mcp-remote(?:@[\w.-]+)?$/.test(word));
  const rest = words.slice(at + 1);
  const [url] = rest;
  if (at === -1 || url === undefined || !/^(?:https?:|\$)/.test(url)) return undefined;
  const transport = rest[rest.indexOf("--transport") + 1];
  const headers = rest.flatMap((word, index): [string, string][] => {
    const header = /^([^:\s]+):\s*(.*)$/s.exec(rest[index + 1] ?? "");
    return word === "--header" && header !== null ? [[header[1] ?? "", header[2] ?? ""]] : [];
  });
  return {
    kind: "url",
    url,
    transport: rest.includes("--transport") && transport === "sse-only" ? "sse" : "auto",
    headers,
    bridged: "mcp-remote",
  };
}

function missingReason(config: JsonObject): string {
  if (isJsonObject(config["settings"])) {
    return "an extension of the editor starts it; write its command, args and env into the configuration";
  }
  return "it has neither a command nor a url";
}

export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item !== "object").map(String) : [];
}
