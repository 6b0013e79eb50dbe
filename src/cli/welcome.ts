import { styler, type Terminal } from "./terminal.ts";

export interface WelcomeOptions {
  readonly version: string;
  /** Name of the demo server and URL of its endpoint. */
  readonly server: string;
  readonly endpoint: string;
  /** Endpoints of the user's own documents. */
  readonly endpoints: readonly string[];
  readonly operations: string | undefined;
  readonly shop: string;
  /** Address of the control plane. */
  readonly api: string;
  /** Makes the first administrator; undefined when there are users. */
  readonly setup: string | undefined;
}

/** What `passerelle start` shows when it is ready: the addresses, and how to connect a client. */
export function welcomeText(options: WelcomeOptions, terminal: Terminal): string {
  const style = styler(terminal);
  const { server, endpoint } = options;
  const cursor = JSON.stringify({ mcpServers: { [server]: { url: endpoint } } });
  const code = JSON.stringify({ servers: { [server]: { type: "http", url: endpoint } } });
  const head = (text: string): string => style("bold", text);
  const row = (name: string, text: string): string => `  ${style("dim", name.padEnd(16))}${text}`;
  return [
    "",
    `${head(`Passerelle ${options.version}`)} ${style("green", "is running")}`,
    "",
    row("Demo server", style("cyan", endpoint)),
    ...options.endpoints.map((url) => row("Your server", style("cyan", url))),
    ...(options.operations === undefined
      ? []
      : [row("Operations", `${options.operations} (/healthz /readyz /metrics /status)`)]),
    row("Control plane", `${style("cyan", `${options.api}/`)} (the API is described at /api/docs)`),
    ...(options.setup === undefined
      ? []
      : [row("First run", `${style("cyan", options.setup)} (makes the administrator, once)`)]),
    row("Demo shop", `${options.shop} (the REST service behind the demo server)`),
    "",
    head("Connect a client"),
    row("Claude Code", `claude mcp add --transport http ${server} ${endpoint}`),
    row("Cursor", `.cursor/mcp.json  ${cursor}`),
    row("VS Code", `.vscode/mcp.json  ${code}`),
    row("Inspector", `npx -y @modelcontextprotocol/inspector --cli ${endpoint} --transport http --method tools/list`),
    "",
    `Then ask: ${style("cyan", "Which customers live in Kobe, and what did they buy?")}`,
    style("dim", "Ctrl+C ends it. `passerelle --help` tells more."),
    "",
    "",
  ].join("\n");
}
