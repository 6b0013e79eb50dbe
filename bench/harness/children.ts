import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface ChildOptions {
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** File descriptor that takes standard output; without it the output is dropped. */
  readonly output?: number;
  /** Its standard error is dropped too. */
  readonly isSilent?: boolean;
  /** With a channel the child can be sent messages and ends by itself when this process dies. */
  readonly channel?: boolean;
}

/** Every process that the benchmark started and that still runs. Whatever happens, `killAll` ends them. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  /** Starts a process. Its standard error goes where `output` goes, or is shown. Fails when it cannot be started. */
  async start(options: ChildOptions): Promise<ChildProcess> {
    const [program = "", ...args] = options.command;
    const output = options.output ?? "ignore";
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [
        "ignore",
        output,
        options.output ?? (options.isSilent === true ? "ignore" : "inherit"),
        ...(options.channel === true ? ["ipc" as const] : []),
      ],
    });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    await once(child, "spawn");
    return child;
  }

  /** Ends a process with SIGTERM, with SIGKILL after `graceMs`. Resolves when it is gone. */
  async stop(child: ChildProcess, graceMs = 5_000): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await gone;
    clearTimeout(timer);
  }

  /** Kills everything that still runs, at once and without waiting: for the end of this process. */
  killAll(): void {
    for (const child of this.#running) child.kill("SIGKILL");
  }
}
