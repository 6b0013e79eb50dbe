import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { childEnvironment } from "./child-environment.ts";
import { describeSpawnFailure } from "./spawn-failure.ts";
import type { StdioCommand } from "./stdio-command.ts";

export type Child = ChildProcessByStdio<Writable, Readable, Readable> & { readonly pid: number };

/**
 * Starts a program without a shell, in a session and process group of its own, so that it can be ended
 * with all that it starts and that Ctrl-C in a terminal reaches the gateway alone. Fails with
 * `AppError("upstream_failed")` when it cannot be started.
 */
export async function startChild(command: StdioCommand): Promise<Child> {
  const child = trySpawn(command);
  if (hasStarted(child)) return child;
  const [cause] = (await once(child, "error")) as [unknown];
  throw describeSpawnFailure(cause, command);
}

/** Some failures are thrown, others are told by an event. */
function trySpawn(command: StdioCommand): ChildProcessByStdio<Writable, Readable, Readable> {
  const { args, env, cwd } = command;
  try {
    return spawn(command.command, args, {
      detached: true,
      shell: false,
      stdio: ["pipe", "pipe", "pipe"],
      env: childEnvironment(env),
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
  } catch (cause) {
    throw describeSpawnFailure(cause, command);
  }
}

function hasStarted(child: ChildProcessByStdio<Writable, Readable, Readable>): child is Child {
  return child.pid !== undefined;
}
