import type { McpUpstreamConfig } from "../../core/config/mcp-upstream-schema.ts";
import type { DocumentPath, Problem } from "../../core/problem.ts";

/** Reports what does not go together in the ways to reach an MCP server: by a program or by a URL. */
export function checkMcpReach(config: McpUpstreamConfig, path: DocumentPath, report: (problem: Problem) => void): void {
  const fault = findFault(config);
  if (fault !== undefined) {
    const { key, message, mend } = fault;
    report({ severity: "error", path: [...path, key], message, mend });
    return;
  }
  for (const key of keysWithoutEffect(config)) {
    const reach = config.command === undefined ? "url" : "command";
    report({
      severity: "warning",
      path: [...path, key],
      atKey: true,
      message: `\`${key}\` has no effect on an upstream with a ${reach}`,
      mend: "remove it",
    });
  }
}

interface Fault {
  readonly key: string;
  readonly message: string;
  readonly mend: string;
}

function findFault({ transport, era, command, url }: McpUpstreamConfig): Fault | undefined {
  if (command !== undefined && url !== undefined) {
    return {
      key: "url",
      message: "the upstream has both a command and a url",
      mend: "keep the one that it is reached by",
    };
  }
  if (transport === "stdio" && command === undefined) {
    return {
      key: "transport",
      message: "a stdio upstream needs a command",
      mend: "add `command`, the program to start",
    };
  }
  if ((transport === "sse" || transport === "streamable-http") && url === undefined) {
    return {
      key: "transport",
      message: `the transport ${transport} needs a url`,
      mend: "add `url`, the address of its endpoint",
    };
  }
  if (command === undefined && url === undefined) {
    return {
      key: "kind",
      message: "the upstream has neither a command nor a url",
      mend: "add `command` for a program, or `url` for an address",
    };
  }
  if (transport === "sse" && era === "modern") {
    return {
      key: "era",
      message: "the transport sse is older than the modern era",
      mend: "remove `era`, or use streamable-http",
    };
  }
  return undefined;
}

function keysWithoutEffect(config: McpUpstreamConfig): string[] {
  const { args, env, cwd, maxMemoryBytes, replicas, headers, oauth, proxy, tls, egress } = config;
  const ofPrograms = { args: args.length > 0, env: Object.keys(env).length > 0, cwd, maxMemoryBytes };
  const ofUrls = {
    replicas: replicas.length > 0,
    headers: Object.keys(headers).length > 0,
    oauth,
    proxy,
    tls,
    egress: egress.allow.length > 0,
  };
  const others = config.command === undefined ? ofPrograms : ofUrls;
  return Object.entries(others).flatMap(([key, value]) => (value === undefined || value === false ? [] : [key]));
}
