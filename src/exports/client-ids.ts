/** Clients that there are snippets for, in the order that they are shown. */
export const clientIds = [
  "claude-code",
  "claude-desktop",
  "cursor",
  "vs-code",
  "codex",
  "gemini-cli",
  "cline",
  "windsurf",
  "zed",
  "inspector",
  "curl",
] as const;
export type ClientId = (typeof clientIds)[number];
