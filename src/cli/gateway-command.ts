import { readFileSync } from "node:fs";
import type { RunningGateway } from "../compose/gateway.ts";
import { startFileGateway } from "../compose/file-gateway.ts";
import { letYoungGenerationGrow } from "../young-generation.ts";
import { AppError } from "../core/errors.ts";
import { resolveSettings, type Settings } from "../settings.ts";
import { encryptionKeys } from "./encryption-keys.ts";
import { CommandFailure, exitCodes } from "./exit-codes.ts";
import { serveUntilSignal } from "./serve-until-signal.ts";
import type { Terminal } from "./terminal.ts";

/** `passerelle gateway`: serves documents until a signal. Answers the exit code. */
export async function runGateway(flags: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<number> {
  const settings = settle(flags, terminal);
  const { environment } = terminal;
  const gateway = await listening(start(settings, environment));
  letYoungGenerationGrow();
  if (terminal.isInteractive) terminal.write(`Listening on ${gateway.url}\n`);
  return serve(gateway, terminal);
}

async function start(settings: Settings, environment: Terminal["environment"]): Promise<RunningGateway> {
  if (settings.store === undefined && settings.apiserver === undefined)
    return startFileGateway({ settings: requireFiles(settings), environment });
  // Databases are loaded by those who have one.
  const { startStoreGateway } = await import("../compose/store-gateway.ts");
  return startStoreGateway({ settings, encryptionKeys: await encryptionKeys(settings), environment });
}

function requireFiles(settings: Settings): Settings {
  if (settings.config.length > 0) return settings;
  throw new CommandFailure(
    exitCodes.usage,
    "give at least one file or folder with --config PATH, or --store ADDRESS, or --apiserver URL",
  );
}

/** The settings of flags, environment and file. Fails with `CommandFailure` that tells every problem. */
export function settle(
  flags: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  defaults: Partial<Settings> = {},
): Settings {
  const readFile = (path: string): string => readFileSync(path, "utf8");
  const resolved = resolveSettings({ flags, environment: terminal.environment, readFile, defaults });
  if (resolved.kind === "settings") return resolved.settings;
  throw new CommandFailure(exitCodes.problems, resolved.problems.join("\n"));
}

/** Tells a start that failed for the world's reasons (a missing path, a port in use) in one sentence. */
export async function listening<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (cause) {
    if (cause instanceof AppError && (cause.code === "invalid_configuration" || cause.code === "unavailable")) {
      throw new CommandFailure(exitCodes.io, cause.message, { cause });
    }
    if (cause instanceof Error && "syscall" in cause && cause.syscall === "listen") {
      const hint = "choose another address with --host, --port and --ops-port";
      throw new CommandFailure(exitCodes.io, `cannot listen: ${cause.message}; ${hint}`, { cause });
    }
    throw cause;
  }
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGTERM: 15 };

/** What a second signal does. */
export function endAtOnce(signal: NodeJS.Signals): never {
  process.exit(128 + (signalNumbers[signal] ?? 0));
}

/** Serves until a signal of this process. Answers the exit code. */
export async function serve(
  gateway: { readonly reload: () => Promise<unknown>; readonly close: () => Promise<void> },
  terminal: Terminal,
): Promise<number> {
  const reload = async (): Promise<void> => {
    try {
      await gateway.reload();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      terminal.writeError(`passerelle: reload failed, what is served stays: ${reason}\n`);
    }
  };
  const served = { reload, close: () => gateway.close() };
  await serveUntilSignal(served, process, endAtOnce);
  return exitCodes.ok;
}
