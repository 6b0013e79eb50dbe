import { existsSync } from "node:fs";
import type { ClientFile } from "../../exports/client-files.ts";
import { type ClientSnippet, clientSnippets, type Endpoint } from "../../exports/client-snippets.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";
import { fetchServed } from "../fetch-served.ts";
import { styler, type Terminal } from "../terminal.ts";
import type { SnippetFlags } from "./export-commands.ts";
import { readPublicUrl, readServer } from "./read-server.ts";

/** `passerelle export snippets`. Answers the exit code. Fails with `CommandFailure`. */
export async function runSnippets(server: string, flags: SnippetFlags, terminal: Terminal): Promise<number> {
  const base = readPublicUrl(flags.url);
  const found = existsSync(server) ? await ofFile(server) : await ofGateway(server, flags.gateway);
  const endpoint: Endpoint = { name: found.name, url: `${base}${found.prefix}/mcp`, needsKey: found.needsKey };
  const snippets = clientSnippets(endpoint, flags.client);
  const text =
    flags.format === "json" ? JSON.stringify({ endpoint, snippets }, undefined, 2) : snippetsText(snippets, terminal);
  terminal.write(`${text}\n`);
  return exitCodes.ok;
}

interface FoundServer {
  readonly name: string;
  readonly prefix: string;
  readonly needsKey: boolean;
}

/** The route that is the easiest to use: one without a key, if there is one. */
async function ofFile(file: string): Promise<FoundServer> {
  const { name, routes } = await readServer(file);
  const route = routes.find(({ access }) => access === "public") ?? routes[0];
  return { name, prefix: route?.prefix ?? "", needsKey: route?.access !== "public" };
}

/** A gateway tells prefixes, but not who may call: the snippets have a place for the key. */
async function ofGateway(server: string, gateway: string): Promise<FoundServer> {
  const [tenant, name] = server.includes("/") ? server.split("/", 2) : ["default", server];
  const served = await fetchServed(gateway).catch((cause: unknown) => {
    if (!(cause instanceof CommandFailure)) throw cause;
    const mend = "name the file of its document, or a gateway that serves it (--gateway)";
    throw new CommandFailure(cause.exitCode, `${server} is no file, and no gateway answers at ${gateway}; ${mend}`, {
      cause,
    });
  });
  const found = served.find((description) => description.tenant === tenant && description.name === name);
  const [prefix] = Object.keys(found?.parts.routes ?? {});
  if (found === undefined || prefix === undefined) {
    const names = served.map((description) => `${description.tenant}/${description.name}`).join(", ");
    throw new CommandFailure(
      exitCodes.usage,
      `${server} is neither a file nor a server of ${gateway}, which has: ${names}`,
    );
  }
  return { name: found.name, prefix, needsKey: true };
}

function snippetsText(snippets: readonly ClientSnippet[], terminal: Terminal): string {
  const style = styler(terminal);
  return snippets
    .map(({ title, files, text, link, note }) => {
      const lines = [style("bold", title), ...files.map(fileLine), text.trimEnd()];
      if (link !== undefined) lines.push(`link: ${link}`);
      if (note !== undefined) lines.push(style("dim", note));
      return lines.join("\n");
    })
    .join("\n\n");
}

const systems: Readonly<Record<ClientFile["system"], string>> = {
  macos: "macOS",
  windows: "Windows",
  linux: "Linux",
  any: "everywhere",
  project: "this project",
};

function fileLine({ system, path }: ClientFile): string {
  return `${path} (${systems[system]})`;
}
