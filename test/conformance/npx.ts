import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface NpxRun {
  /** Packages with exact versions; the command's own one last. */
  readonly packages: readonly string[];
  readonly command: string;
  readonly arguments: readonly string[];
  readonly timeoutMs: number;
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called for each line of standard output as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface NpxResult {
  /** Exit code; 124 after a time-out, as timeout(1) has it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Version of Node that the tools of this folder need; the gateway itself runs on older ones. */
export const nodeForTools = "node@22";

/** The arguments for `npx` that run a command of exact packages without asking. */
export function npxArguments(packages: readonly string[], command: string): readonly string[] {
  return ["-y", ...packages.flatMap((name) => ["-p", name]), command];
}

/**
 * Makes sure that npx can start anything, so that a machine without a registry is told so once and
 * soon. Throws with what npx said.
 */
export async function requireNpx(): Promise<void> {
  const { code, stderr } = await runNpx({
    packages: [nodeForTools],
    command: "node",
    arguments: ["--version"],
    timeoutMs: 120_000,
    environment: { npm_config_fetch_retries: "0" },
  });
  if (code === 0) return;
  throw new Error(
    `npx cannot fetch ${nodeForTools}. This run needs the npm registry, or an npm cache that holds its packages.\n${stderr}`,
  );
}

/**
 * Runs a command of npm packages and waits for its end. It runs in an empty folder, because npx
 * prefers a version that it finds around the working directory to the one it was asked for.
 */
export async function runNpx(run: NpxRun): Promise<NpxResult> {
  const directory = await mkdtemp(join(tmpdir(), "passerelle-npx-"));
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn("npx", [...npxArguments(run.packages, run.command), ...run.arguments], {
        cwd: directory,
        env: { ...process.env, ...run.environment },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL"); // npx and what it started
      }, run.timeoutMs);
      const stdout: string[] = [];
      const stderr: string[] = [];
      createInterface(child.stdout).on("line", (line) => {
        stdout.push(line);
        run.onLine?.(line);
      });
      createInterface(child.stderr).on("line", (line) => stderr.push(line));
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(timer);
        resolve({ code: timedOut ? 124 : (code ?? 1), stdout: stdout.join("\n"), stderr: stderr.join("\n") });
      });
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
