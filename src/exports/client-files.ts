import type { ClientId } from "./client-ids.ts";

/** A file of a client's configuration. */
export interface ClientFile {
  /** Where this path is the one; `project` is a folder that is worked in. */
  readonly system: "macos" | "windows" | "linux" | "any" | "project";
  readonly path: string;
}

/** The files that the configuration of a client is in. */
export function filesOf(client: ClientId): readonly ClientFile[] {
  return files[client];
}

const clineFile = "globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json";

const files: Readonly<Record<ClientId, readonly ClientFile[]>> = {
  "claude-code": [],
  "claude-desktop": [
    { system: "macos", path: "~/Library/Application Support/Claude/claude_desktop_config.json" },
    { system: "windows", path: "%APPDATA%\\Claude\\claude_desktop_config.json" },
    { system: "linux", path: "~/.config/Claude/claude_desktop_config.json" },
  ],
  cursor: [
    { system: "project", path: ".cursor/mcp.json" },
    { system: "any", path: "~/.cursor/mcp.json" },
  ],
  "vs-code": [{ system: "project", path: ".vscode/mcp.json" }],
  codex: [{ system: "any", path: "~/.codex/config.toml" }],
  "gemini-cli": [
    { system: "project", path: ".gemini/settings.json" },
    { system: "any", path: "~/.gemini/settings.json" },
  ],
  cline: [
    { system: "macos", path: `~/Library/Application Support/Code/User/${clineFile}` },
    { system: "windows", path: `%APPDATA%\\Code\\User\\${clineFile.replaceAll("/", "\\")}` },
    { system: "linux", path: `~/.config/Code/User/${clineFile}` },
  ],
  windsurf: [
    { system: "windows", path: "%USERPROFILE%\\.codeium\\windsurf\\mcp_config.json" },
    { system: "macos", path: "~/.codeium/windsurf/mcp_config.json" },
    { system: "linux", path: "~/.codeium/windsurf/mcp_config.json" },
  ],
  zed: [
    { system: "windows", path: "%APPDATA%\\Zed\\settings.json" },
    { system: "macos", path: "~/.config/zed/settings.json" },
    { system: "linux", path: "~/.config/zed/settings.json" },
  ],
  inspector: [],
  curl: [],
};
