import { stat } from "node:fs/promises";
import { type PinEntry, PinsFile } from "../adapters/file/pins-file.ts";
import { nearest } from "../core/nearest.ts";
import { settingOptions } from "../settings-options.ts";
import { CommandFailure, exitCodes } from "./exit-codes.ts";
import { plural } from "./print-problems.ts";
import { align, printable } from "./table.ts";
import { styler, type Terminal } from "./terminal.ts";

export interface ListOptions {
  /** The gateway's; without it as the environment says. */
  readonly stateDir?: string | undefined;
  readonly format: "text" | "json";
}

export interface ApproveOptions {
  /** `tenant/name`, or a name in the tenant `default`. */
  readonly server: string;
  /** All of the server when absent. */
  readonly upstream?: string | undefined;
  /** All of the upstream when absent. */
  readonly tool?: string | undefined;
  /** The gateway's; without it as the environment says. */
  readonly stateDir?: string | undefined;
}

/** `passerelle pins list`: tells which tools are pinned. Answers the exit code. */
export async function runPinsList({ stateDir, format }: ListOptions, terminal: Terminal): Promise<number> {
  const file = await openPins(stateDir, terminal);
  const pins = [...((await telling("read", file, () => file.readNews())) ?? [])].sort(byPlace);
  terminal.write(format === "json" ? `${JSON.stringify({ pins }, undefined, 2)}\n` : table(pins, terminal));
  return exitCodes.ok;
}

/** `passerelle pins approve`: forgets pins, so that tools are pinned as they are seen next. Answers the exit code. */
export async function runPinsApprove(options: ApproveOptions, terminal: Terminal): Promise<number> {
  const file = await openPins(options.stateDir, terminal);
  const forgotten = new Set<PinEntry>();
  await telling("changed", file, () =>
    file.replace((entries = []) => {
      for (const entry of select(entries, options)) forgotten.add(entry);
      return entries.filter((entry) => !forgotten.has(entry));
    }),
  );
  const lines = [...forgotten].sort(byPlace).map((entry) => `${columnsOf(entry).slice(0, 3).join(" ")}\n`);
  const count = plural(forgotten.size, "pin");
  terminal.write(`${lines.join("")}${count} forgotten; what a gateway sees next is pinned anew.\n`);
  return exitCodes.ok;
}

async function openPins(given: string | undefined, { environment }: Terminal): Promise<PinsFile> {
  const directory = given ?? environment[settingOptions.stateDir.environment];
  if (directory === undefined || directory === "") {
    throw new CommandFailure(
      exitCodes.usage,
      "give the folder that the gateway remembers things in with --state-dir PATH",
    );
  }
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() === true) return new PinsFile(directory);
  throw new CommandFailure(
    exitCodes.io,
    `there is no folder ${directory}: give the gateway's own with --state-dir PATH`,
  );
}

/** Does something with the file and tells failures in a sentence. */
async function telling<Value>(done: "read" | "changed", file: PinsFile, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    const reason =
      cause instanceof Error && "syscall" in cause ? cause.message : "it is damaged; mend it, or restore a copy";
    throw new CommandFailure(exitCodes.io, `${file.path} cannot be ${done}: ${reason}`, { cause });
  }
}

/** The entries that are meant; fails when there is none. */
function select(entries: readonly PinEntry[], { server: given, upstream, tool }: ApproveOptions): readonly PinEntry[] {
  const server = given.includes("/") ? given : `default/${given}`;
  const ofServer = narrow(entries, "server", server, "");
  if (upstream === undefined) return ofServer;
  const ofUpstream = narrow(ofServer, "upstream", upstream, ` of the server ${server}`);
  return tool === undefined ? ofUpstream : narrow(ofUpstream, "tool", tool, ` of the upstream ${upstream}`);
}

function narrow(
  entries: readonly PinEntry[],
  field: "server" | "upstream" | "tool",
  wanted: string,
  whose: string,
): readonly PinEntry[] {
  const found = entries.filter((entry) => entry[field] === wanted);
  if (found.length > 0) return found;
  const meant = nearest(wanted, new Set(entries.map((entry) => entry[field])));
  const hint = meant === undefined ? "`passerelle pins list` shows what is" : `did you mean ${printable(meant)}?`;
  throw new CommandFailure(exitCodes.usage, `nothing is pinned for the ${field} ${printable(wanted)}${whose}; ${hint}`);
}

function byPlace(one: PinEntry, other: PinEntry): number {
  for (const field of ["server", "upstream", "tool"] as const) {
    if (one[field] !== other[field]) return one[field] < other[field] ? -1 : 1;
  }
  return 0;
}

function table(pins: readonly PinEntry[], terminal: Terminal): string {
  if (pins.length === 0) return "No pins.\n";
  const [head = "", ...rows] = align([["SERVER", "UPSTREAM", "TOOL", "PINNED AT"], ...pins.map(columnsOf)]);
  return `${[styler(terminal)("bold", head), ...rows].join("\n")}\n`;
}

function columnsOf({ server, upstream, tool, pinnedAt = "unknown" }: PinEntry): readonly string[] {
  return [server, upstream, tool, pinnedAt].map(printable);
}
